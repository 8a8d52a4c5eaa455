"""Images: what clients print (skopeo 1.9, docker 28 without an engine), what is asked of an engine, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mcpconf.artifacts import installation, oci
from mcpconf.canonical import digest_bytes
from mcpconf.errors import Problem
from mcpconf.model.lock import Artifact, LockedServer
from mcpconf.packages import recognise
from mcpconf.workshop import Ran, Workshop
from tests.bundles import Answers, wish, with_programs, workshop

BROWSER = {"package": "oci:ghcr.io/example/browser-mcp", "version": "1.4.0"}
IMAGE = "ghcr.io/example/browser-mcp:1.4.0"
AMD, ARM, PROOF = ("sha256:" + letter * 64 for letter in "abc")
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [
            {"mediaType": MANIFEST, "digest": AMD, "size": 447, "platform": {"os": "linux", "architecture": "amd64"}},
            {
                "mediaType": MANIFEST,
                "digest": ARM,
                "size": 448,
                "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"},
            },
            {
                "mediaType": MANIFEST,
                "digest": PROOF,
                "size": 9,
                "platform": {"os": "unknown", "architecture": "unknown"},
            },
        ],
    },
    indent=2,
).encode()
WHOLE = digest_bytes(INDEX)

BUILDX = ("docker", "buildx", "imagetools", "inspect", "--raw", IMAGE)
SKOPEO = ("skopeo", "inspect", "--raw", f"docker://{IMAGE}")
DOCKER = ("docker", "manifest", "inspect", "--verbose", IMAGE)
NO_BUILDX = {
    ("docker", "buildx"): Ran(1, b"", b"docker: unknown command: docker buildx\n\nRun 'docker --help' for more\n")
}


def lock(tmp_path: Path, clients: dict, stated: dict | None = None, **more) -> LockedServer | Problem:
    return oci.lock(wish({**BROWSER, **(stated or {})}, **more), with_clients(tmp_path, clients))


def with_clients(tmp_path: Path, clients: dict) -> Workshop:
    """Clients are called by their full paths, wherever mcpconf is run."""
    shop = workshop(
        tmp_path, programs=Answers({(f"/usr/bin/{name}", *more): ran for (name, *more), ran in clients.items()})
    )
    names = dict.fromkeys(f"/usr/bin/{words[0]}" for words in clients)
    return replace(shop, machine=with_programs(shop, *names))


def test_a_client_that_a_project_brings_is_not_asked(tmp_path: Path):
    docker = "/src/app/bin/docker"
    shop = workshop(tmp_path, programs=Answers({(docker, *BUILDX[1:]): Ran(0, INDEX, b"")}))
    shop.machine.files.make_folder("/src/app/.git", 0o700)
    found = oci.lock(wish(BROWSER), replace(shop, machine=with_programs(shop, docker)))
    assert isinstance(found, Problem)
    assert found.message == f"no client on this machine can ask for {IMAGE}"


@pytest.mark.parametrize(
    "known",
    [
        {BUILDX: Ran(0, INDEX, b"")},
        {**NO_BUILDX, SKOPEO: Ran(0, INDEX, b"")},
        {
            ("docker", "buildx"): Ran(1, b"", b"docker: 'buildx' is not a docker command.\nSee 'docker --help'"),
            SKOPEO: Ran(0, INDEX, b""),
        },
        {SKOPEO: Ran(0, INDEX, b"")},
    ],
)
def test_an_index_is_locked_by_the_digest_of_its_bytes(tmp_path: Path, known: dict):
    found = lock(tmp_path, known)
    assert isinstance(found, LockedServer)
    assert (found.package, found.version, found.program) == (BROWSER["package"], "1.4.0", "")
    assert found.artifacts == {
        "index": Artifact(digest=WHOLE, size=len(INDEX)),
        "linux/amd64": Artifact(digest=AMD, size=447),
        "linux/arm64/v8": Artifact(digest=ARM, size=448),
    }


def test_one_image_needs_no_more_than_docker(tmp_path: Path):
    told = json.dumps({"Ref": IMAGE, "Descriptor": {"mediaType": MANIFEST, "digest": AMD, "size": 447}, "Raw": "e30="})
    found = lock(tmp_path, {**NO_BUILDX, DOCKER: Ran(0, told.encode(), b"")})
    assert isinstance(found, LockedServer)
    assert found.artifacts == {"index": Artifact(digest=AMD, size=447)}


def test_an_index_needs_a_client_that_tells_its_digest(tmp_path: Path):
    """Without buildx, docker tells only the digests of the images in it."""
    told = json.dumps([{"Ref": f"{IMAGE}@{AMD}", "Descriptor": {"digest": AMD, "size": 447}}])
    found = lock(tmp_path, {**NO_BUILDX, DOCKER: Ran(0, told.encode(), b"")})
    assert found == Problem(
        *("missing", f"this `docker` does not tell the digest of {IMAGE}", None),
        'install buildx for `docker`, or `skopeo`, or write `hash: "sha256:..."`',
    )


@pytest.mark.parametrize(
    ("known", "kind", "told"),
    [
        ({}, "missing", f"no client on this machine can ask for {IMAGE}"),
        (
            {**NO_BUILDX, DOCKER: Ran(1, b"", b"manifest unknown\n")},
            "unreadable",
            "`docker manifest` failed: manifest unknown",
        ),
        (
            {BUILDX: Ran(1, b"", f"ERROR: {IMAGE}: not found\n".encode())},
            *("unreadable", f"`docker buildx` failed: ERROR: {IMAGE}: not found"),
        ),
        ({BUILDX: Ran(1, b"", b"")}, "unreadable", "`docker buildx` failed: it ended with 1"),
        (
            {BUILDX: Problem("unreadable", "`docker` did not end within 120 s")},
            "unreadable",
            "`docker` did not end within 120 s",
        ),
        ({BUILDX: Ran(0, b"<html>", b"")}, "malformed", f"the registry's answer for {IMAGE} is no image"),
        ({BUILDX: Ran(0, b"[]", b"")}, "malformed", f"the registry's answer for {IMAGE} is no image"),
        ({BUILDX: Ran(0, b"\xff", b"")}, "malformed", f"the registry's answer for {IMAGE} is no image"),
        ({BUILDX: Ran(0, b'{"schemaVersion": 1}', b"")}, "malformed", f"the registry's answer for {IMAGE} is no image"),
    ],
)
def test_what_goes_wrong_is_told(tmp_path: Path, known: dict, kind: str, told: str):
    found = lock(tmp_path, known)
    assert isinstance(found, Problem)
    assert (found.kind, found.message) == (kind, told)


@pytest.mark.parametrize(
    "manifests",
    [{}, [1], [{}], [{"digest": "x", "platform": {"os": "a", "architecture": "b"}}], [{"digest": AMD}], "x"],
)
def test_parts_of_an_index_that_make_no_sense_are_left_out(tmp_path: Path, manifests: object):
    data = json.dumps({"schemaVersion": 2, "manifests": manifests}).encode()
    found = lock(tmp_path, {BUILDX: Ran(0, data, b"")})
    assert isinstance(found, LockedServer)
    assert {*found.artifacts} == {"index"}


def test_a_hash_in_the_manifest_is_taken_at_its_word(tmp_path: Path):
    found = lock(tmp_path, {}, {"hash": AMD})
    assert isinstance(found, LockedServer)
    assert found.artifacts == {"index": Artifact(digest=AMD)}


def test_what_the_lock_has_is_kept_while_it_fits(tmp_path: Path):
    known = lock(tmp_path, {BUILDX: Ran(0, INDEX, b"")})
    assert isinstance(known, LockedServer)
    assert lock(tmp_path, {}, known=known) == known
    assert lock(tmp_path, {}, {"hash": WHOLE}, known=known) == known
    assert lock(tmp_path, {}, {"hash": AMD}, known=known).artifacts == {"index": Artifact(digest=AMD)}
    assert isinstance(lock(tmp_path, {}, {"version": "1.5.0"}, known=known), Problem)
    assert isinstance(lock(tmp_path, {}, known=known, upgrade=True), Problem)


def test_a_tag_that_was_moved_gives_another_digest_when_asked_anew(tmp_path: Path):
    """The input digest is the same: that the bytes moved is what the lock tells."""
    known = lock(tmp_path, {BUILDX: Ran(0, INDEX, b"")})
    moved = lock(tmp_path, {BUILDX: Ran(0, INDEX + b"\n", b"")}, known=known, upgrade=True)
    assert isinstance(known, LockedServer)
    assert isinstance(moved, LockedServer)
    assert moved.version == known.version
    assert moved.artifacts["index"].digest == digest_bytes(INDEX + b"\n") != known.artifacts["index"].digest


LOCKED = LockedServer(
    input_digest="sha256:" + "0" * 64,
    package=BROWSER["package"],
    version="1.4.0",
    artifacts={"index": Artifact(digest=WHOLE)},
)
PULLED = f"ghcr.io/example/browser-mcp@{WHOLE}"


def engine(tmp_path: Path, known: dict, program: str = "/usr/bin/docker") -> Workshop:
    shop = workshop(tmp_path, programs=Answers(known))
    shop.machine.files.make_folder("/room/tree", 0o700)
    return replace(shop, machine=with_programs(shop, program))


@pytest.mark.parametrize("program", ["/usr/bin/docker", "/opt/bin/podman"])
def test_an_image_is_pulled_by_its_digest_and_looked_at(tmp_path: Path, program: str):
    shown = Ran(0, json.dumps([f"ghcr.io/other@{WHOLE}", PULLED]).encode() + b"\n", b"")
    shop = engine(tmp_path, {(program, "pull"): Ran(0, b"", b""), (program, "image", "inspect"): shown}, program)
    assert oci.install(LOCKED, "/room/tree", shop) is None
    assert [call[-1] for call in shop.programs.calls] == [PULLED, PULLED]
    assert json.loads(shop.machine.files.read("/room/tree/image.json").data) == {"image": PULLED}


@pytest.mark.parametrize(
    ("pulled", "shown", "kind"),
    [
        (Ran(0, b"", b""), Ran(0, f'["ghcr.io/example/browser-mcp@{AMD}"]'.encode(), b""), "hash"),
        (Ran(0, b"", b""), Ran(0, f'["ghcr.io/evil/browser-mcp@{WHOLE}"]'.encode(), b""), "hash"),
        (Ran(0, b"", b""), Ran(0, b"[1, null]", b""), "hash"),
        (Ran(0, b"", b""), Ran(0, b"null", b""), "hash"),
        (Ran(0, b"", b""), Ran(1, b"", b"Error: No such image"), "unreadable"),
        (
            Ran(1, b"", b"Cannot connect to the Docker daemon at unix:///var/run/docker.sock."),
            Ran(0, b"", b""),
            "unreadable",
        ),
    ],
)
def test_an_image_that_is_not_the_locked_one_is_not_installed(tmp_path: Path, pulled: Ran, shown: Ran, kind: str):
    docker = "/usr/bin/docker"
    shop = engine(tmp_path, {(docker, "pull"): pulled, (docker, "image", "inspect"): shown})
    found = oci.install(LOCKED, "/room/tree", shop)
    assert isinstance(found, Problem)
    assert found.kind == kind
    assert shop.machine.files.names("/room/tree") == ()


def test_nothing_is_pulled_offline_or_without_an_engine(tmp_path: Path):
    shop = workshop(tmp_path)
    for tried in (replace(shop, offline=True), shop):
        found = oci.install(LOCKED, "/room/tree", tried)
        assert isinstance(found, Problem)
        assert found.kind == "missing"
    assert isinstance(oci.launch(LOCKED, "/t", shop.machine), Problem)


def test_what_is_started_is_the_digest_and_never_pulled(tmp_path: Path):
    machine = with_programs(workshop(tmp_path), "/usr/bin/docker")
    words = oci.launch(LOCKED, "/t", machine)
    assert words == ("/usr/bin/docker", "run", "-i", "--rm", "--pull=never", PULLED)
    assert oci.with_variables(words, ["B", "A", "A"])[5:] == ("-e", "A", "-e", "B", PULLED)
    other = oci.launch(LOCKED.model_copy(update={"program": "/bin/x"}), "/t", machine)
    assert other[4:] == ("--pull=never", "--entrypoint", "/bin/x", PULLED)
    found = recognise([*oci.with_variables(words, ["A"]), "--verbose"])
    assert (found.identity, found.version, found.floating, found.arguments) == (
        *(BROWSER["package"], WHOLE, False),
        ("--verbose",),
    )


def test_the_folder_in_the_store_is_one_that_every_file_system_holds(tmp_path: Path):
    folder = installation(
        LOCKED.model_copy(update={"package": "oci:localhost:5000/a/b"}), workshop(tmp_path).machine.facts
    )
    assert "/oci/localhost%3A5000+a+b@1.4.0/" in folder


def test_no_copies_of_an_image_are_known(tmp_path: Path):
    assert [*oci.copies(LOCKED, workshop(tmp_path).machine)] == []
