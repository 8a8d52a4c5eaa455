"""Servers with an address, on hosts that do not speak its transport: the bridge that the manifest names for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.entry import Entry, Value
from mcpconf.model.manifest import Server
from mcpconf.packages.bridge import NAME, Passed, starts_bridge, told
from mcpconf.resolve.servers import command_line


class Carried(NamedTuple):
    """An entry as a host gets it. `losses`: why it must not, if so."""

    entry: Entry
    losses: tuple[str, ...] = ()


def carrier(row: HostRow, server: Server) -> str:
    """The name of the bridge that a host needs for a server; "" if it needs none, or if the manifest names none."""
    return "" if server.effective_transport in row.dialect.words else server.bridge or ""


def carried(entry: Entry, bridge: str, servers: Mapping[str, Server], host: str) -> Carried:
    """What a host starts instead of reaching the address of an entry. `bridge` is the name of a server."""
    server = servers.get(bridge)
    if server is None:
        return Carried(entry, (f"its bridge `{bridge}` is not for this machine",))
    if server.url is not None or not starts_bridge([str(value) for value in command_line(server)]):
        return Carried(entry, (f"its bridge `{bridge}` does not start `{NAME}`",))
    server = server.on(host)
    command, *rest = command_line(server)
    passed = told(Passed(entry.url, entry.headers, entry.oauth, entry.client_id, server.args))
    losses = [f"the bridge: {loss}" for loss in passed.losses]
    losses += (
        f"its bridge `{bridge}` has another `{name}` in its `env`"
        for name, value in passed.env.items()
        if server.env.get(name, value) != value
    )
    through = replace(
        entry,
        transport="stdio",
        command=command,
        args=(*rest, *passed.args),
        env={**server.env, **passed.env},
        cwd=server.cwd,
        url=Value(),
        headers={},
        oauth=None,
        client_id=None,
    )
    return Carried(through, tuple(losses))
