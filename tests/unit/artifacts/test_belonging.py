import pytest

from mcpconf.artifacts import UNSET, input_digest, pypi, pypi_offers
from mcpconf.artifacts.belonging import belongs
from mcpconf.artifacts.npm_program import is_program
from mcpconf.documents.lock import load_lock
from mcpconf.errors import McpconfError, Problem
from mcpconf.model.lock import Artifact, Component, LockedServer
from mcpconf.model.manifest import Server

SHA512 = "sha512-" + "a" * 85 + "A=="
ONE, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def _npm(server: Server, name: str = "files", version: str = "1.2.0", **more) -> LockedServer:
    files = {"x.tgz": Artifact(digest=SHA512)}
    own = Component(name=name, version=version, artifacts=files)
    given = {"package": f"npm:{name}", "version": version, "artifacts": files, "closure": {f"node_modules/{name}": own}}
    return LockedServer(input_digest=input_digest(server), **{**given, **more})


@pytest.mark.parametrize("asked", ["1.2.0", "^1.0.0", ">=1 <2"])
def test_a_version_belongs_that_is_asked_for(asked: str):
    server = Server(package="npm:files", version=asked)
    assert belongs(_npm(server), server) == ""
    assert belongs(_npm(server, version="9.9.9"), server) == "other"
    assert belongs(_npm(server, name="evil"), server) == "other"
    assert belongs(_npm(server, version="npm:evil@6.6.6"), server) == "other"
    hidden = {"node_modules/files": Component(name="files", version="1.2.1")}
    assert belongs(_npm(server, closure=hidden), server) == "other"
    assert belongs(_npm(server).model_copy(update={"input_digest": UNSET}), server) == "changed"


@pytest.mark.parametrize(
    ("asked", "locked", "why"), [(">=1,<2", "1.5", ""), ("1.5", "1.6", "other"), (">=2", "1.5", "other")]
)
def test_a_version_of_pypi_is_within_its_range(asked: str, locked: str, why: str):
    server = Server(package="pypi:files", version=asked)
    own = Component(name="files", version=locked, artifacts={"f.whl": Artifact(digest=ONE)})
    given = {"package": "pypi:files", "version": locked, "artifacts": own.artifacts, "closure": {"files": own}}
    assert belongs(LockedServer(input_digest=input_digest(server), **given), server) == why


def test_another_artifact_does_not_meet_the_hash():
    server = Server(package="oci:ghcr.io/good/x", version="1.0", hash=ONE)
    given = {"input_digest": input_digest(server), "package": "oci:ghcr.io/good/x", "version": "1.0"}
    good = LockedServer(artifacts={"index": Artifact(digest=ONE)}, **given)
    assert belongs(good, server) == ""
    hidden = {"index": Artifact(digest=OTHER), "linux/amd64": Artifact(digest=ONE)}
    assert belongs(good.model_copy(update={"artifacts": hidden}), server) == "hash"
    assert belongs(good.model_copy(update={"program": "/bin/sh"}), server) == "other"
    assert belongs(good.model_copy(update={"package": "oci:-v=/:/host"}), server) == "other"


def test_a_program_has_one_digest_everywhere():
    server = Server(command=["/opt/x"], hash=ONE)
    systems = {"linux": Artifact(digest=OTHER), "windows": Artifact(digest=ONE)}
    assert belongs(LockedServer(input_digest=input_digest(server), artifacts=systems), server) == "hash"
    assert belongs(LockedServer(input_digest=input_digest(server), artifacts={"": Artifact(digest=ONE)}), server) == ""


def test_an_address_is_that_of_the_manifest():
    server = Server(url="https://mcp.example.org/v1")
    there = {"url": "https://mcp.example.org/v1", "transport": "http"}
    assert belongs(LockedServer(input_digest=input_digest(server), endpoint=there), server) == ""
    there["url"] = "https://evil.example.org/v1"
    assert belongs(LockedServer(input_digest=input_digest(server), endpoint=there), server) == "other"


@pytest.mark.parametrize("path", ["../../evil.js", "other.js", "/tmp/evil.js", ""])
def test_only_a_program_of_the_package_is_started(path: str):
    assert not is_program(path, {"x": "./bin.js", "y": path and "../../evil.js"})
    assert is_program("bin.js", {"x": "./bin.js"})


def test_what_is_started_of_a_pypi_package_is_no_option():
    locked = LockedServer(input_digest=UNSET, package="pypi:files", version="1.0", program="-c import os")
    assert isinstance(pypi.launch(locked, "/s/tree", None), Problem)


@pytest.mark.parametrize("text", [r"1.0.0\n--extra-index-url http://127.0.0.1/${TOKEN}/", "-r", r"\ud800", "1" * 257])
def test_a_version_that_is_a_line_or_an_option_is_refused(text: str):
    data = f'{{"mcpconf_lock": 1, "servers": {{"x": {{"input_digest": "{ONE}", "version": "{text}"}}}}}}'
    with pytest.raises(McpconfError) as error:
        load_lock(data.encode(), "mcpconf.lock")
    assert error.value.code == 1


def test_no_line_reaches_the_requirements_of_uv():
    assert isinstance(pypi_offers.index_of("files", "1.0\n-r x", None), Problem)
    assert isinstance(pypi_offers._PypiOffers("files", None).release("1.0\n-r x"), Problem)
