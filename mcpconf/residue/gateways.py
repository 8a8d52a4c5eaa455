"""Servers that are on in Docker's MCP gateway, which hosts start as one server of their own.

https://github.com/docker/mcp-gateway, 2026-11: `registry.yaml` names the servers that are on, catalogs tell what they are.
Profiles, which newer versions keep in a database, are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.commands import typed
from mcpconf.packages import recognise
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.documents import Document, Found, Said, Told, address, named_in
from mcpconf.residue.looking import MOST, Looked, Surroundings, parsed, read

_LISTED = "registry"
"""The key of both kinds of files."""


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    folder = f"{around.machine.facts.home}/.docker/mcp"
    on = _on(around, f"{folder}/registry.yaml")
    if isinstance(on, Problem):
        return Looked(problems=(on,))
    names = [name for name in around.names(f"{folder}/catalogs") if name.endswith((".yaml", ".yml"))][:MOST]
    catalogs = [Document(f"{folder}/catalogs/{name}", notation="yaml") for name in names] if on else []
    return named_in(around, gone, catalogs, lambda value: _offered(value, on), _told)


def _on(around: Surroundings, path: str) -> frozenset[str] | Problem:
    text = read(around, path)
    value = parsed(text, "yaml", path) if isinstance(text, str) else text
    if isinstance(value, Problem):
        return value
    listed = value.get(_LISTED) if isinstance(value, dict) else None
    return frozenset(listed) if isinstance(listed, dict) else frozenset()


def _offered(value: Json, on: frozenset[str]) -> Iterator[Said]:
    offered = value.get(_LISTED) if isinstance(value, dict) else None
    for name, told in offered.items() if isinstance(offered, dict) else ():
        if name in on and isinstance(told, dict):
            image, remote = told.get("image"), told.get("remote")
            url = remote.get("url") if isinstance(remote, dict) else None
            if isinstance(image, str) and image:
                yield Said((_LISTED, name), recognise(["docker", "run", image]).identity)
            if isinstance(url, str):
                yield Said((_LISTED, name), address(url))


def _told(found: Found) -> Told:
    name = str(found.at[-1])
    message = f"`{found.gone.identity}` is still on in Docker's MCP gateway, as `{name}`"
    return Told(message, typed("docker", "mcp", "server", "disable", name), "high")
