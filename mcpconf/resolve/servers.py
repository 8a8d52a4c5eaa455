"""A server of the manifest as host-neutral entries: what is to run, before any host spells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mcpconf.model.entry import Entry, OAuth, Value
from mcpconf.model.manifest import Server
from mcpconf.model.package import Recognised
from mcpconf.model.tools import EVERY
from mcpconf.packages import launch, recognise_entry


def variants(server: Server) -> Iterator[tuple[str, Server]]:
    """The server as written, under "", and as each host gets it that is given other arguments or variables."""
    yield "", server
    for host in server.hosts:
        own = server.on(host)
        if (own.args, own.env) != (server.args, server.env):
            yield host, own


def neutral(server: Server) -> Entry:
    """A server of the manifest as a host-neutral entry."""
    entry, tools = _without_tools(server), server.tools
    if tools is None:
        return entry
    call = None if tools.call is None or EVERY in tools.call else _names(tools.call)
    auto = (EVERY,) if EVERY in tools.auto else _names(tools.auto)
    return replace(entry, call=call, without=_names(tools.without), auto=auto)


def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def _without_tools(server: Server) -> Entry:
    if server.url is not None:
        return Entry(
            transport=server.effective_transport,
            url=server.url,
            headers=dict(server.headers),
            enabled=server.enabled,
            timeout=server.timeout,
            oauth=_oauth(server),
            client_id=server.oauth.client_id if server.oauth is not None else None,
        )
    command, *rest = command_line(server)
    return Entry(
        transport="stdio",
        command=command,
        args=(*rest, *server.args),
        env=dict(server.env),
        cwd=server.cwd,
        enabled=server.enabled,
        timeout=server.timeout,
    )


def _oauth(server: Server) -> OAuth | None:
    """Nothing where the manifest has the key but says nothing under it."""
    stated = server.oauth
    found = OAuth(stated.resource, stated.issuer, tuple(stated.scopes)) if stated is not None else OAuth()
    return found if found.says_something else None


def command_line(server: Server) -> tuple[Value, ...]:
    """What starts the server, without its own arguments."""
    if server.command:
        return server.command
    assert server.package is not None
    words = launch(
        server.package,
        server.version or "",
        digest=server.hash[0] if server.hash and server.package.ecosystem == "oci" else "",
        bin=server.bin or "",
        env_names=sorted(server.env),
    )
    return tuple(Value.literal(word) for word in words)


def asked(server: Server) -> Recognised:
    """What the manifest's server launches, with its version."""
    return recognise_entry(neutral(server))


def identity(server: Server) -> str:
    """What the manifest means by a server's name: its package without a version, its address, or its program."""
    return str(server.package) if server.package is not None else asked(server).identity
