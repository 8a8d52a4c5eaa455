"""Container images: locked by the digest of what their registry answers, kept and started by the user's own engine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mcpconf.artifacts import UNSET, Copy, Wish
from mcpconf.artifacts.found import runtime
from mcpconf.canonical import digest_bytes
from mcpconf.errors import Problem
from mcpconf.formats.base import FormatError
from mcpconf.formats.json_text import JSON
from mcpconf.formats.text import decode_text
from mcpconf.model.base import Json
from mcpconf.model.lock import Artifact, LockedServer
from mcpconf.model.manifest import Server
from mcpconf.packages.oci import normal_name, reference
from mcpconf.ports import Machine
from mcpconf.workshop import Call, Ran, Workshop

WHOLE = "index"
"""The artifact that is started: what the tag names, an index of images for several platforms or one image."""

_NONE = Artifact(digest=UNSET)
_ENGINES = ("docker", "podman")
_PULL_SECONDS = 1800.0
_RECEIPT = "image.json"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_NO_SUCH_COMMAND = re.compile(rb"unknown command|is not a docker command|unknown flag")
_RAW = (("docker", "buildx", "imagetools", "inspect", "--raw"), ("skopeo", "inspect", "--raw"))
"""Clients that print the bytes that the registry gives, and nothing else: their SHA-256 is the digest."""
_TOLD = ("docker", "manifest", "inspect", "--verbose")
"""Prints the digest of one image; of an index only those of the images in it."""


def lock(wish: Wish, workshop: Workshop) -> LockedServer | Problem:
    """A hash in the manifest holds without a question; what the lock has is kept as long as the manifest agrees with it."""
    server, known = wish.server, None if wish.upgrade else wish.known
    fits = known is not None and (known.package, known.version) == (str(server.package), server.version)
    if known is not None and fits and server.hash in ((), (known.artifacts.get(WHOLE, _NONE).digest,)):
        return _locked(server, known.artifacts)
    if server.hash:
        return _locked(server, {WHOLE: Artifact(digest=server.hash[0])})
    assert server.package is not None
    found = _asked(f"{server.package.name}:{server.version}", workshop)
    return found if isinstance(found, Problem) else _locked(server, found)


def install(locked: LockedServer, folder: str, workshop: Workshop) -> Problem | None:
    """The engine keeps the image; the store keeps a note of what it was asked for."""
    if workshop.offline:
        return Problem("missing", f"{_image(locked)} is not installed, and `--offline` pulls nothing")
    engine = runtime(_ENGINES, workshop.machine)
    if isinstance(engine, Problem):
        return engine
    pulled = _run((engine, "pull", "--quiet", _image(locked)), workshop, _PULL_SECONDS)
    if isinstance(pulled, Problem):
        return pulled
    shown = _run((engine, "image", "inspect", "--format", "{{json .RepoDigests}}", _image(locked)), workshop)
    if isinstance(shown, Problem):
        return shown
    if not _is_among(_image(locked), _json(shown.out)):
        return Problem(
            "hash",
            f"{_image(locked)} was pulled, and the engine has another image",
            None,
            "look at it with `docker image inspect`",
        )
    workshop.trees.add(folder, _RECEIPT, json.dumps({"image": _image(locked)}).encode() + b"\n")
    return None


def launch(locked: LockedServer, folder: str, machine: Machine) -> tuple[str, ...] | Problem:  # noqa: ARG001  the engine knows where
    engine = runtime(_ENGINES, machine)
    if isinstance(engine, Problem):
        return engine
    entry = ("--entrypoint", locked.program) if locked.program else ()
    return (engine, "run", "-i", "--rm", "--pull=never", *entry, _image(locked))


def with_variables(argv: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """The command line of `launch` that hands on these variables: a container sees none by itself."""
    passed = tuple(word for name in sorted(set(names)) for word in ("-e", name))
    return (*argv[:-1], *passed, argv[-1])


def copies(locked: LockedServer, machine: Machine) -> Iterator[Copy]:  # noqa: ARG001  only a running engine could tell
    return iter(())


def _locked(server: Server, artifacts: dict[str, Artifact]) -> LockedServer:
    return LockedServer(
        input_digest=UNSET,
        package=str(server.package),
        version=server.version or "",
        artifacts=artifacts,
        program=server.bin or "",
    )


def _image(locked: LockedServer) -> str:
    return f"{locked.package.partition(':')[2]}@{locked.artifacts.get(WHOLE, _NONE).digest}"


def _asked(image: str, workshop: Workshop) -> dict[str, Artifact] | Problem:
    """What the tag names now, as the first client tells that is there and can."""
    for name, *words in _RAW:
        ran = _by_client(name, (*words, f"docker://{image}" if name == "skopeo" else image), workshop)
        if isinstance(ran, Ran):
            return _artifacts(ran.out, image)
        if ran.kind != "missing":
            return ran
    ran = _by_client(_TOLD[0], (*_TOLD[1:], image), workshop)
    if isinstance(ran, Problem):
        return ran if ran.kind != "missing" else _nobody(f"no client on this machine can ask for {image}")
    told = _json(ran.out)
    artifact = _artifact(told.get("Descriptor") if isinstance(told, dict) else None)
    return {WHOLE: artifact} if artifact is not None else _nobody(f"this `docker` does not tell the digest of {image}")


def _nobody(message: str) -> Problem:
    return Problem("missing", message, None, 'install buildx for `docker`, or `skopeo`, or write `hash: "sha256:..."`')


def _artifacts(data: bytes, image: str) -> dict[str, Artifact] | Problem:
    value = _json(data)
    if not isinstance(value, dict) or value.get("schemaVersion") != 2:
        return Problem(
            "malformed", f"the registry's answer for {image} is no image", None, "check the name and `version`"
        )
    found = {WHOLE: Artifact(digest=digest_bytes(data), size=len(data))}
    manifests = value.get("manifests")
    for item in manifests if isinstance(manifests, list) else ():
        platform = _platform(item)
        artifact = _artifact(item)
        if platform and artifact is not None:
            found[platform] = artifact
    return found


def _artifact(descriptor: Json) -> Artifact | None:
    if not isinstance(descriptor, dict):
        return None
    digest, size = descriptor.get("digest"), descriptor.get("size")
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        return None
    return Artifact(digest=digest, size=size if type(size) is int else None)


def _platform(descriptor: Json) -> str:
    """`linux/arm64/v8`; "" for what is no image, such as an attestation."""
    platform = descriptor.get("platform") if isinstance(descriptor, dict) else None
    parts = [platform.get(name) for name in ("os", "architecture", "variant")] if isinstance(platform, dict) else []
    named = [part for part in parts if isinstance(part, str) and part]
    return "" if len(named) < 2 or "unknown" in named else "/".join(named)


def _is_among(image: str, digests: Json) -> bool:
    name, digest = reference(image)
    known = (reference(item) for item in digests if isinstance(item, str)) if isinstance(digests, list) else ()
    return any((normal_name(other), told) == (normal_name(name), digest) for other, told in known)


def _by_client(name: str, words: Sequence[str], workshop: Workshop) -> Ran | Problem:
    """`missing` also where only a project has such a program."""
    program = runtime((name,), workshop.machine)
    if isinstance(program, Problem):
        return replace(program, kind="missing")
    return _run((program, *words), workshop)


def _run(argv: tuple[str, ...], workshop: Workshop, seconds: float = 120.0) -> Ran | Problem:
    """`missing` if there is no such program, or it has no such command."""
    with workshop.trees.room() as room:
        ran = workshop.programs.run(Call(argv, room, seconds=seconds))
    if isinstance(ran, Problem) or ran.code == 0:
        return ran
    name = argv[0].rpartition("/")[2]
    if _NO_SUCH_COMMAND.search(ran.err):
        return Problem("missing", f"`{name}` has no `{argv[1]}`")
    lines = ran.err.decode("utf-8", "replace").strip().splitlines() or [f"it ended with {ran.code}"]
    return Problem(
        "unreadable", f"`{name} {argv[1]}` failed: {lines[-1][:500]}", None, "check the name, `version` and the network"
    )


def _json(data: bytes) -> Json:
    try:
        return JSON.parse(decode_text(data)).value
    except FormatError:
        return None
