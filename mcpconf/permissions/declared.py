"""What a manifest declares that a server may do. What it does not say is not limited."""

from __future__ import annotations

from collections.abc import Iterable

from mcpconf.model.limits import Client, Permissions, RunAs
from mcpconf.model.manifest import Server
from mcpconf.model.tools import EVERY
from mcpconf.permissions.allowances import Allowance, Named, Until
from mcpconf.permissions.building import (
    MACHINE,
    Ground,
    connections,
    files,
    programs,
    rules_engine,
    scale,
    scopes,
    tools,
    variables,
)
from mcpconf.permissions.change import Severity
from mcpconf.permissions.extent import EVERYTHING, NOTHING, Bound, Extent

Steps = tuple[tuple[str, Severity], ...]

_LISTEN: Steps = (("none", "low"), ("loopback", "medium"), ("any", "high"))
_SAMPLING: Steps = (("deny", "low"), ("ask", "medium"), ("allow", "high"))
_ELICITATION: Steps = (("deny", "low"), ("form", "low"), ("url", "medium"))
_UI: Steps = (("deny", "low"), ("allow", "medium"))


def declared(server: Server, known: Iterable[str] | None, ground: Ground) -> Extent:
    """`known` are the tools that the lock lists, None if it lists none."""
    permissions = server.permissions or Permissions()
    own = permissions.tools
    names = None if known is None else tuple(known)
    return {
        "tools.call": tools(own.call if own else None, own.without if own else (), names),
        "tools.auto": EVERYTHING if own is None else tools(own.auto, own.without, names, _weight_of_auto(own.auto)),
        **_of_machine(server, permissions, ground),
        "oauth": _oauth(server),
        **_of_client(permissions.client or Client(), ground),
        "expires": EVERYTHING if server.expires is None else Bound.of([Until(server.expires)]),
    }


def _weight_of_auto(names: Iterable[str]) -> Severity:
    return "critical" if EVERY in names else "high"


def _of_machine(server: Server, permissions: Permissions, ground: Ground) -> Extent:
    if server.kind == "url":
        return dict.fromkeys(MACHINE, NOTHING)
    folders = files(((str(item.path), item.mode == "rw") for item in permissions.fs or ()), ground)
    run_as = permissions.run_as or RunAs()
    sockets = files(((str(path), True) for path in run_as.sockets), ground)
    engine = rules_engine((*folders, *sockets), ground)
    if engine:
        return dict.fromkeys(MACHINE, Bound(None, f"{engine} controls the container engine"))
    unsaid = NOTHING if permissions.enforce is not None else EVERYTHING
    net = permissions.net
    listen = net.listen if net is not None else None
    return {
        "fs": Bound(folders) if permissions.fs is not None else unsaid,
        "net.out": _out(permissions, unsaid),
        "net.listen": unsaid if listen is None else scale(listen, _LISTEN),
        "env": _env(server, permissions),
        "exec": EVERYTHING if permissions.exec is None or permissions.exec == "any" else programs(permissions.exec),
        "run_as": EVERYTHING if permissions.run_as is None else _run_as(run_as, sockets),
    }


def _out(permissions: Permissions, unsaid: Bound) -> Bound:
    out = permissions.net.out if permissions.net is not None else None
    if out is None:
        return unsaid
    return EVERYTHING if out == "any" else connections(out)


def _env(server: Server, permissions: Permissions) -> Bound:
    """A launch that holds the server to its permissions gives it what `env` sets, whether or not it is permitted by name."""
    given = {
        name: value
        for own in (server.env, *(item.env or {} for item in server.hosts.values()))
        for name, value in own.items()
    }
    secret = [name for name, value in given.items() if any(item.kind == "secret" for item in value.references)]
    if permissions.env is not None:
        return variables(permissions.env, secret)
    return EVERYTHING if permissions.enforce is None else variables(given, secret)


def _run_as(run_as: RunAs, sockets: Iterable[Allowance]) -> Bound:
    if run_as.privileged or "ALL" in run_as.caps:
        return EVERYTHING
    users = {
        "nobody": (),
        "self": (Named("self", "medium"),),
        "root": (Named("self", "medium"), Named("root", "critical")),
    }
    return Bound.of((*users[run_as.user], *(Named(f"CAP_{name}", "critical") for name in run_as.caps), *sockets))


def _oauth(server: Server) -> Bound:
    if server.kind != "url":
        return NOTHING
    if server.oauth is None:
        return EVERYTHING
    return scopes(server.oauth.resource, server.oauth.issuer, server.oauth.scopes)


def _of_client(client: Client, ground: Ground) -> Extent:
    roots = client.roots
    return {
        "client.sampling": scale(client.sampling, _SAMPLING),
        "client.elicitation": scale(client.elicitation, _ELICITATION),
        "client.roots": EVERYTHING if roots is None else Bound(files(((str(path), False) for path in roots), ground)),
        "client.ui": scale(client.ui, _UI),
    }
