"""What clients of registries print of images, without an engine: `docker` 28 and `skopeo`, against a registry of our own."""

from __future__ import annotations

import json
import shutil

import pytest

from mcpconf.artifacts import Wish, oci
from mcpconf.canonical import digest_bytes
from mcpconf.errors import Problem
from mcpconf.model.lock import LockedServer
from mcpconf.model.manifest import Server
from mcpconf.system.facts import real_machine
from mcpconf.system.workshop import workshop
from tests.loopback import CERTIFICATE, body, serving

CONFIG = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}).encode()
IMAGE_TYPE = "application/vnd.oci.image.manifest.v1+json"
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"


def image(label: str) -> bytes:
    config = {
        "mediaType": "application/vnd.oci.image.config.v1+json",
        "digest": digest_bytes(CONFIG),
        "size": len(CONFIG),
    }
    made = {
        "schemaVersion": 2,
        "mediaType": IMAGE_TYPE,
        "config": config,
        "layers": [],
        "annotations": {"label": label},
    }
    return json.dumps(made).encode()


IMAGES = {"amd64": image("amd64"), "arm64": image("arm64")}
INDEX = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": INDEX_TYPE,
        "manifests": [
            {
                "mediaType": IMAGE_TYPE,
                "digest": digest_bytes(data),
                "size": len(data),
                "platform": {"os": "linux", "architecture": name},
            }
            for name, data in IMAGES.items()
        ],
    }
).encode()


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    manifests = {"several": (INDEX_TYPE, INDEX), "one": (IMAGE_TYPE, IMAGES["amd64"])}
    manifests |= {digest_bytes(data): (IMAGE_TYPE, data) for data in IMAGES.values()}
    answers = {
        f"/v2/a/b/manifests/{name}": body(data, Content_Type=kind, Docker_Content_Digest=digest_bytes(data))
        for name, (kind, data) in manifests.items()
    }
    unknown = {"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}
    answers["/v2/a/b/manifests/none"] = body(json.dumps(unknown).encode(), 404, Content_Type="application/json")
    answers["/v2/"] = body(b"{}", Content_Type="application/json")
    answers[f"/v2/a/b/blobs/{digest_bytes(CONFIG)}"] = body(CONFIG, Content_Type="application/octet-stream")
    with serving(answers, tls=True) as server:
        yield server.address.removeprefix("https://"), workshop(real_machine())


def lock(shop, version: str) -> LockedServer | Problem:
    address, made = shop
    server = Server.model_validate({"package": f"oci:{address}/a/b", "version": version})
    return oci.lock(Wish("b", server), made)


@pytest.mark.skipif(not shutil.which("docker"), reason="no docker")
def test_one_image_is_locked_by_docker_alone(shop):
    found = lock(shop, "one")
    assert isinstance(found, LockedServer), found
    assert found.artifacts["index"].digest == digest_bytes(IMAGES["amd64"])


@pytest.mark.skipif(not shutil.which("docker"), reason="no docker")
def test_an_index_is_locked_by_its_bytes_or_the_missing_client_is_named(shop):
    found = lock(shop, "several")
    if isinstance(found, LockedServer):
        assert found.artifacts["index"].digest == digest_bytes(INDEX)
        assert found.artifacts["linux/arm64"].digest == digest_bytes(IMAGES["arm64"])
    else:
        assert found.message.startswith("this `docker` does not tell the digest of")


@pytest.mark.skipif(not shutil.which("skopeo"), reason="no skopeo")
def test_an_index_is_locked_by_the_bytes_that_skopeo_prints(shop):
    found = lock(shop, "several")
    assert isinstance(found, LockedServer), found
    assert found.artifacts["index"].digest == digest_bytes(INDEX)


@pytest.mark.skipif(not (shutil.which("docker") or shutil.which("skopeo")), reason="no client")
def test_a_tag_that_is_not_there_is_told(shop):
    found = lock(shop, "none")
    assert isinstance(found, Problem)
    assert "manifest unknown" in found.message
