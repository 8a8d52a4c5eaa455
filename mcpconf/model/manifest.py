"""The manifest: what people want, as they write it. One class for every map of `mcpconf.yaml`.

The whole contract is here; which parts of it act in this version is decided where documents are loaded.
"""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, model_validator

from mcpconf.model.asked import PackageText
from mcpconf.model.base import Document
from mcpconf.model.entry import Transport
from mcpconf.model.limits import Permissions, Tools
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


class Server(Part):
    """One server. `command` beside `package` is the command line that `import` found, kept word for word.

    The full command line is `command` followed by `args`. `timeout` is in seconds. What is left out,
    the host decides. `was` are names that the server had before, so that entries of these names are known to be its own.
    `state_paths` are files and folders in which it keeps what is its own: looked for once the server is gone.
    `bridge` is the server that carries this one to hosts that cannot reach an address themselves.
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
    bridge: Name | None = None
    permissions: Permissions | None = None
    surface: SurfaceWish | None = None
    enabled: Boolean | None = None
    timeout: Seconds | None = None
    launch: Launch | None = None
    protect: Boolean = False
    state_paths: tuple[Folder, ...] = ()
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
        from mcpconf.model.alone import server_faults

        faults = tuple(server_faults(self))
        if faults:
            raise RefusedError(*faults)
        return self


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

    @property
    def bridges(self) -> frozenset[str]:
        """Servers that only carry others."""
        return frozenset(server.bridge for server in self.servers.values() if server.bridge is not None)

    @property
    def offered(self) -> tuple[str, ...]:
        """What a host gets that does not name its servers."""
        bridges = self.bridges
        return tuple(name for name in self.servers if name not in bridges)

    @model_validator(mode="after")
    def _check(self) -> Manifest:
        from mcpconf.model.whole import faults_of

        faults = tuple(faults_of(self))
        if faults:
            raise RefusedError(*faults)
        return self
