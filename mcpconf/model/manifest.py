"""The manifest: what people want, as they write it. One class for every map of `mcpconf.yaml`.

The whole contract is here; which parts of it act in this version is decided where documents are loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import ConfigDict, model_validator

from mcpconf.model.asked import UNPINNED, PackageText, hash_faults, version_faults
from mcpconf.model.base import Document
from mcpconf.model.entry import Transport
from mcpconf.model.limits import Permissions, Tools, faults_beside
from mcpconf.model.policy import Ignore, Policy, Strays, Waiver
from mcpconf.model.surface_wish import SurfaceWish
from mcpconf.model.values import Address, Arguments, Environment, Folder, Headers, WrittenValue
from mcpconf.model.written import (
    Boolean,
    Day,
    Fault,
    FormatVersion,
    Name,
    OneOrMany,
    Part,
    RefusedError,
    Seconds,
    Sentence,
    Texts,
)

Kind = Literal["package", "command", "url"]
Launch = Literal["pinned", "locked"]


class OAuth(Part):
    resource: Sentence | None = None
    issuer: Sentence | None = None
    scopes: Texts = ()
    client_id: Sentence | None = None


class Override(Part):
    """What differs in one host; what is left out is as everywhere.

    `name` is what the host calls the server. `args` stand in place of the server's. `env` replaces the variables that it
    names and keeps the others.
    """

    name: Sentence | None = None
    args: Arguments | None = None
    env: Environment | None = None


BELONGS: dict[Kind, frozenset[str]] = {
    "package": frozenset({"package", "version", "hash", "command", "args", "env", "cwd", "bin", "launch"}),
    "command": frozenset({"command", "hash", "args", "env", "cwd"}),
    "url": frozenset({"url", "headers", "oauth"}),
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
    }
)


class Server(Part):
    """One server. `command` beside `package` is the command line that `import` found, kept word for word.

    The full command line is `command` followed by `args`. `timeout` is in seconds. What is left out,
    the host decides. `was` are names that the server had before, so that entries of these names are known to be its own.
    """

    package: PackageText | None = None
    version: Sentence | None = None
    hash: OneOrMany = ()
    bin: Sentence | None = None
    command: Arguments = ()
    url: Address | None = None
    transport: Literal["stdio", "http", "sse"] | None = None
    args: Arguments = ()
    env: Environment = {}
    cwd: WrittenValue | None = None
    headers: Headers = {}
    oauth: OAuth | None = None
    permissions: Permissions | None = None
    surface: SurfaceWish | None = None
    enabled: Boolean | None = None
    timeout: Seconds | None = None
    launch: Launch | None = None
    protect: Boolean = False
    was: tuple[Name, ...] = ()
    hosts: dict[str, Override] = {}
    owner: Sentence | None = None
    reason: Sentence | None = None
    expires: Day | None = None

    @property
    def kind(self) -> Kind:
        return "package" if self.package is not None else "url" if self.url is not None else "command"

    @property
    def tools(self) -> Tools | None:
        """The tool lists, if the manifest states them for this server."""
        return self.permissions.tools if self.permissions is not None else None

    @property
    def effective_transport(self) -> Transport:
        return (self.transport or "http") if self.kind == "url" else "stdio"

    def on(self, host: str) -> Server:
        """The server as this host gets it, with what `hosts` says about it."""
        override = self.hosts.get(host)
        if override is None:
            return self
        args = self.args if override.args is None else override.args
        return self.model_copy(update={"args": args, "env": {**self.env, **(override.env or {})}})

    @model_validator(mode="after")
    def _check(self) -> Server:
        faults = tuple(server_faults(self))
        if faults:
            raise RefusedError(*faults)
        return self


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
    return Fault(fault.message, fault.hint, (name, *fault.at), fault.kind)


class HostSelection(Part):
    """Without `servers`, every server; `create` writes files even if the host is missing, `managed` its policy for all users."""

    servers: tuple[Name, ...] | None = None
    create: Boolean = False
    managed: Boolean = False


class Project(Part):
    """Project-scope files of one folder, or of those that a pattern matches. Without `hosts` or `servers`, all of them.

    `tracked` is about files under git.
    """

    path: Folder
    hosts: Texts | None = None
    servers: tuple[Name, ...] | None = None
    unmanaged: Strays | None = None
    tracked: Literal["report", "write"] = "report"


def is_pattern(path: str) -> bool:
    """Whether the path of a project, or a step of it, stands for several folders."""
    return "*" in path or "?" in path


class When(Part):
    labels: Texts | None = None
    os: tuple[Literal["linux", "macos", "windows"], ...] | None = None


class Addition(Part):
    servers: tuple[Name, ...] = ()
    hosts: dict[str, HostSelection] = {}


class Removal(Part):
    servers: tuple[Name, ...] = ()
    hosts: Texts = ()


class Group(Part):
    when: When
    add: Addition | None = None
    drop: Removal | None = None


class Released(Part):
    """Once ours, given back. Without `hosts`, everywhere.

    `server` is the name of a server that need not be in the manifest any more, or what the hosts call it.
    """

    server: Sentence
    hosts: Texts | None = None
    reason: Sentence


class Absent(Part):
    """What must not exist anywhere on the machine, by what it is and never by its name."""

    package: PackageText | None = None
    url: Address | None = None
    command: Arguments = ()
    reason: Sentence

    @model_validator(mode="after")
    def _check(self) -> Absent:
        stated = [name for name in ("package", "url", "command") if getattr(self, name)]
        if not stated:
            raise RefusedError(Fault("names nothing", "give it `package`, `url` or `command`"))
        if len(stated) > 1:
            raise RefusedError(Fault(f"cannot stand beside `{stated[0]}`", "write one entry for each", (stated[1],)))
        return self


class Manifest(Document):
    model_config = ConfigDict(title="mcpconf manifest")

    mcpconf: FormatVersion
    include: Texts = ()
    servers: dict[Name, Server] = {}
    hosts: dict[str, HostSelection] = {}
    projects: tuple[Project, ...] = ()
    groups: dict[str, Group] = {}
    launch: Launch = "pinned"
    policy: Policy = Policy()
    waivers: tuple[Waiver, ...] = ()
    ignore: tuple[Ignore, ...] = ()
    released: tuple[Released, ...] = ()
    absent: tuple[Absent, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Manifest:
        from mcpconf.model.whole import faults_of

        faults = tuple(faults_of(self))
        if faults:
            raise RefusedError(*faults)
        return self
