"""Servers that a host reaches through a bridge, because it reaches no address itself: in a manifest, servers with `url`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mcpconf.importer.compose import written
from mcpconf.importer.found import Found, squeezed
from mcpconf.model.entry import Entry, Value
from mcpconf.model.manifest import Server
from mcpconf.packages.bridge import read, starts_bridge


def reached(founds: Sequence[Found]) -> list[Found]:
    """Entries that start a bridge, as what they reach; where the manifest's own words for that give the same entry again.

    That is not on a host that could reach the address itself. A server that such a host has with the bridge is left as a
    command everywhere: it stays one server.
    """
    crossing = {id(found): _beyond(found) for found in founds}
    kept = {
        (squeezed(found.name), found.launched.identity)
        for found in founds
        if crossing[id(found)] is None and is_bridged(found)
    }
    return [
        found if beyond is None or (squeezed(found.name), found.launched.identity) in kept else beyond
        for found in founds
        for beyond in [crossing[id(found)]]
    ]


def is_bridged(found: Found) -> bool:
    """Whether it is a bridge to an address, whatever its host could do itself."""
    launched = found.launched
    return launched.identity.startswith("url:") and bool(launched.argv) and starts_bridge(launched.argv)


def _beyond(found: Found) -> Found | None:
    entry = found.entry
    if "http" in found.row.dialect.words or not is_bridged(found):
        return None
    starts, args = found.split
    passed = read(args, entry.env)
    if passed is None:
        return None
    told, own = passed
    server = {"url": str(told.url), "headers": written(told.headers)}
    try:
        Server.model_validate(server)
    except ValueError:
        return None
    far = replace(
        entry,
        transport="http",
        command=Value(),
        args=(),
        env={},
        cwd=None,
        url=told.url,
        headers=told.headers,
        oauth=told.oauth,
        client_id=told.client_id,
    )
    bridge = Entry("stdio", starts[0], (*starts[1:], *told.own), own, entry.cwd)
    return replace(found, entry=far, bridge=replace(found, entry=bridge, moved=()))
