"""What is wrong with a server of a manifest, whatever stands beside it."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.model.asked import UNPINNED, hash_faults, version_faults
from mcpconf.model.limits import faults_beside
from mcpconf.model.manifest import Kind, Server
from mcpconf.model.written import Fault

BELONGS: dict[Kind, frozenset[str]] = {
    "package": frozenset({"package", "version", "hash", "command", "args", "env", "cwd", "bin", "launch"}),
    "command": frozenset({"command", "hash", "args", "env", "cwd"}),
    "url": frozenset({"url", "headers", "oauth", "bridge"}),
}
"""Keys that mean something for one kind of server only."""

_ANYWHERE = frozenset(
    {
        "transport",
        "permissions",
        "owner",
        "reason",
        "expires",
        "hosts",
        "enabled",
        "timeout",
        "protect",
        "was",
        "surface",
        "state_paths",
    }
)


def _shared_paths(server: Server) -> Iterator[Fault]:
    for index, path in enumerate(server.state_paths):
        if path in ("~", "/") or {"*", "?"} & {*path}:
            yield Fault("is not only its own", "name files and folders that hold nothing else", ("state_paths", index))


def server_faults(server: Server) -> Iterator[Fault]:
    kind = server.kind
    if not (server.package or server.command or server.url):
        yield Fault("says nothing to run or to reach", "give it `package`, `command` or `url`")
        return
    if server.url is not None and (server.package or server.command):
        yield Fault(f"cannot stand beside `{'package' if server.package else 'command'}`", "keep one", ("url",))
        return
    for name in sorted(server.model_fields_set - BELONGS[kind] - _ANYWHERE):
        yield Fault(f"means nothing for a server with `{kind}`", "leave it out", (name,))
    if server.transport is not None and (server.transport == "stdio") == (kind == "url"):
        words = "`http` or `sse`" if kind == "url" else "`stdio`"
        yield Fault(f"must be {words} for a server with `{kind}`, not `{server.transport}`", at=("transport",))
    if server.command and not server.command[0].parts:
        yield Fault("is empty", "name the program to run", ("command", 0))
    for host, override in server.hosts.items():
        for name in sorted(override.model_fields_set - BELONGS[kind] - {"name"}):
            yield Fault(f"means nothing for a server with `{kind}`", "leave it out", ("hosts", host, name))
    if server.permissions is not None:
        yield from faults_beside(server.permissions, is_remote=kind == "url", variables=_variables(server))
    yield from _shared_paths(server)
    if server.package is not None:
        yield from _package_faults(server)
    elif kind == "command":
        yield from (_at("hash", fault) for fault in hash_faults("command", server.hash))


def _variables(server: Server) -> Iterator[tuple[str, ...]]:
    """Where variables are set; the last step is their name."""
    yield from (("env", name) for name in server.env)
    for host, override in server.hosts.items():
        yield from (("hosts", host, "env", name) for name in override.env or ())


def _package_faults(server: Server) -> Iterator[Fault]:
    assert server.package is not None
    ecosystem = server.package.ecosystem
    if server.version is not None:
        yield from (_at("version", fault) for fault in version_faults(ecosystem, server.version))
    elif ecosystem != "mcpb":
        yield Fault("has no `version`", f"write the exact version, or `{UNPINNED}`")
    if ecosystem == "mcpb" and server.launch == "pinned":
        yield Fault("cannot be `pinned` for a bundle", "leave it out: a bundle is started from the store", ("launch",))
    if ecosystem == "mcpb" and server.bin is not None:
        yield Fault("means nothing for a bundle", "leave it out: a bundle says itself what is started", ("bin",))
    if server.command and server.version != UNPINNED:
        hint = "`command` keeps what `import` found; leave it out once the version is pinned"
        yield Fault(f"beside `package` needs `version: {UNPINNED}`", hint, ("command",))
    if server.command and server.bin is not None:
        yield Fault("means nothing beside `command`", "leave it out", ("bin",))
    if server.hash and server.version == UNPINNED:
        yield Fault(
            f"cannot stand beside `version: {UNPINNED}`", "write the version that the hash belongs to", ("hash",)
        )
    yield from (_at("hash", fault) for fault in hash_faults(ecosystem, server.hash))


def _at(name: str, fault: Fault) -> Fault:
    return Fault(fault.message, fault.hint, (name, *fault.at))
