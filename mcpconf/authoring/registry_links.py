"""Whether a package names the document that names it: anybody may publish a document about anybody's package.

What must be where: https://github.com/modelcontextprotocol/registry (package validation, 2026-11).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from mcpconf.artifacts.found import runtime
from mcpconf.artifacts.npm_client import NpmError, explained, view
from mcpconf.artifacts.pypi_uv import Uv, uv
from mcpconf.authoring.registry_offers import Offer
from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.finding import Finding
from mcpconf.model.registry import NOT_LINKED
from mcpconf.model.written import shown
from mcpconf.ports import Snapshot
from mcpconf.workshop import Call, Ran, Workshop

LABEL = "io.modelcontextprotocol.server.name"
_PLACES = {
    "npm": "`mcpName` in its `package.json`",
    "pypi": "`mcp-name:` in its description",
    "oci": f"label `{LABEL}`",
}
_FETCH = ("--target", "own", "--no-deps", "--only-binary", ":all:", "--link-mode", "copy", "--no-compile-bytecode")
_SECONDS = 120.0
_NOT_THERE = ("E404", "ETARGET")
_HINT = "look at who publishes both, or ask them to name each other, before you apply it"
_IN_TEXT = re.compile(r"mcp-name: {0,4}([A-Za-z0-9._/-]{3,200})")


def back_link(offer: Offer, name: str, workshop: Workshop) -> Finding | str:
    """A finding if the package names another document or none, or is not there; else what a person should know, or ""."""
    ask = _ASK.get(offer.kind)
    if ask is None:
        return ""
    what = f"{shown(offer.name)} {shown(offer.version)}"
    unchecked = f"not checked whether {what} names {shown(name)} in turn: "
    if workshop.offline:
        return f"{unchecked}`--offline` asks nobody"
    told = ask(offer, workshop)
    if isinstance(told, Problem) and told.kind == "invalid":
        message = f"{shown(name)} names {what}, which is not there: {told.message}"
        return Finding(NOT_LINKED, "warning", "desired", "", message, "anybody may publish under a name that is free")
    if isinstance(told, Problem):
        return f"{unchecked}{told.message}"
    if name in told:
        return ""
    says = f"names {shown(told[0])}" if told else "names none"
    message = f"{what} does not name {shown(name)}, which names it: the {_PLACES[offer.kind]} {says}"
    return Finding(NOT_LINKED, "warning", "desired", "", message, _HINT)


def _npm(offer: Offer, workshop: Workshop) -> list[str] | Problem:
    """`invalid` if there is no such package, as below."""
    assert offer.package is not None
    asked = f"{offer.package.identifier}@{offer.version}"
    if asked.startswith("-"):
        return Problem("invalid", "it has no name that npm could be asked for")
    with workshop.trees.room() as room:
        try:
            answer = view(asked, room, workshop)
        except NpmError as error:
            found = explained(error, asked)
            return replace(found, kind="invalid") if error.code in _NOT_THERE else found
    if isinstance(answer, Problem):
        return answer
    return _texts([answer.get("mcpName") if isinstance(answer, dict) else None])


def _pypi(offer: Offer, workshop: Workshop) -> list[str] | Problem:
    """In the description, which a wheel brings with it: uv unpacks one, and nothing of it is run."""
    assert offer.package is not None
    try:
        with uv(workshop) as client:
            if isinstance(client, Problem):
                return client
            client.write("own.txt", f"{offer.package.identifier}=={offer.version}\n")
            fetched = client.run("pip", "install", *_FETCH, "-r", "own.txt")
            if isinstance(fetched, Problem):
                return replace(fetched, kind="invalid") if fetched.kind == "missing" else fetched
            return _IN_TEXT.findall(_described(client))
    except OSError as error:
        return Problem("unreadable", f"its wheel cannot be unpacked ({error.strerror})")


def _described(client: Uv) -> str:
    files, folder = client.workshop.machine.files, f"{client.room}/own"
    names = files.folders(folder)
    for name in () if isinstance(names, Problem) else names:
        found = files.read(f"{folder}/{name}/METADATA") if name.endswith(".dist-info") else None
        if isinstance(found, Snapshot):
            return found.data.decode("utf-8", "replace")
    return ""


def _oci(offer: Offer, workshop: Workshop) -> list[str] | Problem:
    """As the first client tells that is there and can."""
    digest = (
        f"@{offer.package.identifier.rpartition('@')[2]}"
        if offer.package and "@sha" in offer.package.identifier
        else ""
    )
    image = offer.name.removeprefix("oci:") + (digest or f":{offer.version}")
    if image.startswith("-"):
        return Problem("invalid", "it has no name that a client could be asked for")
    for argv in (
        ("docker", "buildx", "imagetools", "inspect", "--format", "{{json .Image}}", image),
        ("skopeo", "inspect", f"docker://{image}"),
    ):
        program = runtime(argv[:1], workshop.machine)
        if isinstance(program, Problem):
            continue
        with workshop.trees.room() as room:
            ran = workshop.programs.run(Call((program, *argv[1:]), room, seconds=_SECONDS))
        if isinstance(ran, Ran) and ran.code == 0:
            return _labels(ran.out)
    return Problem("missing", "neither `docker buildx` nor `skopeo` tells its labels here")


def _labels(data: bytes) -> list[str] | Problem:
    """Of an image, or of each that is made for a platform. `skopeo` has them at the top, `docker` in `config`."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return Problem("malformed", "its client tells nothing that can be read")
    top = value if isinstance(value, dict) else {}
    images = [top, *(item for item in top.values() if isinstance(item, dict))]
    configs = [*images, *(item["config"] for item in images if isinstance(item.get("config"), dict))]
    labels = [item["Labels"] for item in configs if isinstance(item.get("Labels"), dict)]
    return _texts([item.get(LABEL) for item in labels])


def _texts(values: list[Json]) -> list[str]:
    return [value for value in values if isinstance(value, str) and value]


_ASK: Mapping[str, Callable[[Offer, Workshop], list[str] | Problem]] = {"npm": _npm, "pypi": _pypi, "oci": _oci}
