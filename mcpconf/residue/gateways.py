"""Servers that are on in Docker's MCP gateway, which hosts start as one server of their own.

https://github.com/docker/mcp-gateway, 2026-11: `registry.yaml` names the servers that are on, catalogs tell what they are. Newer
versions keep profiles in a database instead (`pkg/db/workingset.go`, 2026-11-27): each has a list of servers as JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.commands import typed
from mcpconf.packages import recognise
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.documents import Document, Found, Said, Told, address, named_in
from mcpconf.residue.looking import MOST, Leftover, Looked, Surroundings, maps, parsed, read

_PROFILES = ("working_set", "servers")
_LISTED = "registry"
"""The key of both kinds of files."""


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    folder = f"{around.machine.facts.home}/.docker/mcp"
    profiles = _in_profiles(around, f"{folder}/mcp-toolkit.db", gone)
    on = _on(around, f"{folder}/registry.yaml")
    if isinstance(on, Problem):
        return profiles._replace(problems=(*profiles.problems, on))
    names = [name for name in around.names(f"{folder}/catalogs") if name.endswith((".yaml", ".yml"))][:MOST]
    catalogs = [Document(f"{folder}/catalogs/{name}", notation="yaml") for name in names] if on else []
    listed = named_in(around, gone, catalogs, lambda value: _offered(value, on), _told)
    return Looked((*profiles.found, *listed.found), (*profiles.problems, *listed.problems))


def _in_profiles(around: Surroundings, path: str, gone: Sequence[Gone]) -> Looked:
    rows = around.machine.files.column(path, *_PROFILES)
    if isinstance(rows, Problem):
        return Looked(problems=(rows,))
    found: list[Leftover] = []
    for row in rows or ():
        value = parsed(row.decode("utf-8", "replace"), "json", path)
        if isinstance(value, Problem):
            return Looked(tuple(found), (value,))
        identities = {identity for _, node in maps(value) for identity in _means(node)}
        found += (_in_profile(item, path) for item in gone if item.identity in identities)
    return Looked(tuple(dict.fromkeys(found)))


def _in_profile(item: Gone, path: str) -> Leftover:
    message = f"`{item.identity}` is still in a profile of Docker's MCP gateway"
    do = f"{typed('docker', 'mcp', 'profile', 'list')} shows the profiles: take it out of each that has it"
    return Leftover(item, path, message, do, "high")


def _means(node: Mapping[str, Json]) -> Iterator[str]:
    """Of a server in a profile, or of what a catalog told of it: an image, or an address."""
    image = node.get("image")
    if isinstance(image, str) and image:
        yield recognise(["docker", "run", image]).identity
    yield from (address(text) for text in (node.get("endpoint"), node.get("url")) if isinstance(text, str))


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
