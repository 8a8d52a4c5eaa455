"""The servers of a manifest as a registry lists them: what `GET /v0.1/servers` of the registry API answers.

`server.json` as in schema 2025-12-11 (https://static.modelcontextprotocol.io). What a variable stands for is not in it: each
becomes an input that the client asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mcpconf.model.asked import UNPINNED
from mcpconf.model.base import Json
from mcpconf.model.entry import Reference, Value
from mcpconf.model.manifest import Manifest, Server

SCHEMA = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
NAMESPACE = r"[a-zA-Z0-9.-]+"

_OFFICIAL = "io.modelcontextprotocol.registry/official"
_NAME = re.compile(r"[a-zA-Z0-9._-]+")
_LONGEST_DESCRIPTION = 100
_OF_AN_ADDRESS = "1.0.0"
"""The version of a server that has none, because it is reached and not started."""


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A server that a registry has no words for."""

    server: str
    why: str


@dataclass(frozen=True, slots=True)
class Registered:
    document: Json
    unlisted: tuple[Unlisted, ...]


def registered(manifest: Manifest, namespace: str) -> Registered:
    """Every server of a manifest whose versions are filled in, named `NAMESPACE/SERVER`."""
    listed, unlisted = [], []
    for name in manifest.offered:
        server = manifest.servers[name]
        why = _unsaid(name, server)
        if why:
            unlisted.append(Unlisted(name, why))
        else:
            listed.append(_listing(f"{namespace}/{name}", server))
    return Registered({"servers": listed, "metadata": {"count": len(listed)}}, tuple(unlisted))


def _unsaid(name: str, server: Server) -> str:
    if not _NAME.fullmatch(name):
        return "its name has other signs than letters, digits, `.`, `_` and `-`"
    if server.kind == "command" or server.command:
        return "a registry lists packages and addresses, not command lines"
    if server.kind == "package" and server.version in (None, UNPINNED) and not server.hash:
        return "it has no version: lock it first"
    if server.bin:
        return "a registry does not say which program of a package is started"
    if any("{" in text for value in _values(server) for text in value.literals):
        return "`{` in a registry stands for an input"
    if any(reference.kind == "workspace" for value in _values(server) for reference in value.references):
        return "`${workspace}` has no form in a registry"
    return ""


def _values(server: Server) -> Iterator[Value]:
    yield from server.args
    yield from server.env.values()
    yield from server.headers.values()
    if server.url is not None:
        yield server.url


def _listing(name: str, server: Server) -> Json:
    described = server.reason or f"Approved: {name.rpartition('/')[2]}"
    document: dict[str, Json] = {
        "$schema": SCHEMA,
        "name": name,
        "description": described[:_LONGEST_DESCRIPTION],
        "version": _version(server),
    }
    document |= {"remotes": [_remote(server)]} if server.url is not None else {"packages": [_package(server)]}
    return {"server": document, "_meta": {_OFFICIAL: {"status": "active", "isLatest": True}}}


def _version(server: Server) -> str:
    known = server.version if server.version not in (None, UNPINNED) else None
    return known or _OF_AN_ADDRESS


def _remote(server: Server) -> Json:
    assert server.url is not None
    text, variables = _template(server.url)
    headers = list(_settings(server.headers))
    return {
        "type": "sse" if server.effective_transport == "sse" else "streamable-http",
        "url": text,
        **({"variables": variables} if variables else {}),
        **({"headers": headers} if headers else {}),
    }


def _package(server: Server) -> Json:
    assert server.package is not None
    ecosystem, name = server.package.ecosystem, server.package.name
    digest = server.hash[0].removeprefix("sha256:") if server.hash else ""
    made: dict[str, Json] = {"registryType": ecosystem, "identifier": name}
    if ecosystem == "oci":
        made["identifier"] = f"{name}@{server.hash[0]}" if server.hash else f"{name}:{server.version}"
    else:
        made["version"] = _version(server)
    if ecosystem == "mcpb" and digest:
        made["fileSha256"] = digest
    made["transport"] = {"type": "stdio"}
    arguments = [{"type": "positional", **_input(value)} for value in server.args]
    variables = list(_settings(server.env))
    return made | {
        key: value for key, value in (("packageArguments", arguments), ("environmentVariables", variables)) if value
    }


def _settings(values: Mapping[str, Value]) -> Iterator[Json]:
    yield from ({"name": name, **_input(value)} for name, value in values.items())


def _input(value: Value) -> dict[str, Json]:
    text, variables = _template(value)
    return {"value": text, **({"variables": variables} if variables else {})}


def _template(value: Value) -> tuple[str, dict[str, Json]]:
    """The text with `{NAME}` for what is filled in, and what is known of each."""
    variables = {_called(item): _variable(item) for item in value.references}
    parts = (part if isinstance(part, str) else f"{{{_called(part)}}}" for part in value.parts)
    return "".join(parts), variables


def _called(reference: Reference) -> str:
    return reference.name or reference.kind


def _variable(reference: Reference) -> Json:
    known: dict[str, Json] = {"isRequired": reference.default is None}
    if reference.kind == "secret":
        known["isSecret"] = True
    if reference.kind == "home":
        known["format"] = "filepath"
    return known | ({"default": reference.default} if reference.default is not None else {})
