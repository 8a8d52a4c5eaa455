"""What the machine's files say, decoded, with the place each thing was read from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from mcpconf.errors import Problem
from mcpconf.model.address import PLUGIN, Address, GrantAddress
from mcpconf.model.base import Json, KeyPath
from mcpconf.model.entry import Entry

Effect = Literal[
    "allow",
    "ask",
    "deny",
    "some",
    "auto",
    "on",
    "off",
    "only",
    "approve",
    "trust",
    "token",
    "profile",
    "call",
    "endpoint",
    "sample",
]

WIDENING: frozenset[str] = frozenset({"auto", "some", "approve", "trust", "token"})
"""Effects that let a server or tool act with fewer questions: these are grants."""

LIMITING: frozenset[str] = frozenset({"deny"})
"""Effects that keep a tool from being called at all."""


@dataclass(frozen=True, slots=True)
class Location:
    """One file of one host that may hold servers or grants on this machine.

    `file` is the id in the host's row; `path` the machine's spelling; `project` the folder for project scope, else empty.
    `write` is false where only somebody else may edit: managed files, other programs' stores. `unasked` is a command that
    starts what lies there without anybody's approval.
    """

    host: str
    file: str
    scope: str
    project: str
    path: str
    format: str
    write: bool
    unasked: str = ""


@dataclass(frozen=True, slots=True)
class ObservedFile:
    """A file that was looked at. `problem` set means: nothing in it is known. `mode` is None for an absent file.

    `containers` lists the key paths of the maps and lists in it that hold servers. `text` is what was read, for line numbers.
    """

    location: Location
    problem: Problem | None = None
    present: bool = False
    resolved: str = ""
    digest: str = ""
    mode: int | None = None
    owner: int | None = None
    containers: tuple[KeyPath, ...] = ()
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ObservedEntry:
    """One server as a file has it. `rank` orders places of one host: 0 is the strongest.

    `raw` is the JSON value at `key_path`; `foreign` names keys in it that the host's row does not know, `runtime` the
    number of keys that the host itself writes there, `approvals` the key paths below it that hold grants. `nested` names
    fields that can only be written together, because an old nesting holds them. `identity` is "" where the entry cannot
    be understood.
    """

    address: Address
    entry: Entry
    raw: Json
    identity: str
    file: ObservedFile
    key_path: KeyPath
    rank: int = 0
    foreign: tuple[str, ...] = ()
    runtime: int = 0
    problem: Problem | None = None
    nested: tuple[str, ...] = ()
    approvals: tuple[KeyPath, ...] = ()

    @property
    def idle_switch(self) -> str:
        """A key that says the server is off, and that its host does not know; empty if there is none."""
        raw = self.raw if self.foreign else {}
        return next((key for key in self.foreign if key in _SWITCHES and raw.get(key) is _SWITCHES[key]), "")


_SWITCHES = {"disabled": True, "enabled": False, "active": False, "isActive": False}
"""Keys with which people switch servers off, in hosts that know them and in hosts that do not."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Something on the machine that lets a server or tool act without asking.

    `server` and `tool` are "" when the grant covers all of them; `readings` lists further servers the same text could mean.
    `whole` is true for a switch that approves everything, `bypass` for one that makes the host ask for nothing at all, commands included. `entry` is the server's entry that holds it, if one does, at the first `depth` steps of the key path.
    `write`: the user may take it back by editing the file. `single`: the text for one tool of the same server, with
    `{tool}` in it, where the list or map that holds it takes such, and `patterns` for tools if those have a meaning there.
    `crowd` is the length of that list if, once empty, it would mean everything; else 0. A sign-in has the `identity` of its
    server, if that is known by its address, else perhaps the `mark` (md5 or sha256) of that address, and `expires`, in
    seconds since 1970; its value is the word `kept`. `readers` are the hosts that take it for theirs, too; of such a host it is
    the same once more, `lent` by the host whose file it is.
    """

    address: GrantAddress
    effect: str
    server: str
    tool: str
    file: ObservedFile
    key_path: KeyPath
    value: Json
    whole: bool = False
    bypass: bool = False
    readings: tuple[str, ...] = ()
    entry: Address | None = None
    depth: int = 0
    write: bool = True
    single: str = ""
    patterns: bool = False
    crowd: int = 0
    identity: str = ""
    mark: str = ""
    expires: int | None = None
    readers: tuple[str, ...] = ()
    lent: str = ""


@dataclass(frozen=True, slots=True)
class Switch:
    """A word beside the entries that keeps a host from starting servers. Respected, and never written by mcpconf.

    `names` are the servers that it is about, without letter case where `fold`; None for all. `only`: it keeps off all others
    than these. It holds in one folder if `project` says one, and below it if it says so, and for servers of `scopes` if there
    are any. About all servers of a `plugin` the strongest word counts, which has the least `strength`; it may be that it is `on`.
    """

    host: str
    file: ObservedFile
    key_path: KeyPath
    names: frozenset[str] | None
    only: bool = False
    fold: bool = False
    project: str = ""
    scopes: tuple[str, ...] = ()
    plugin: str = ""
    on: bool = False
    below: bool = False
    strength: int = 0

    def stops(self, address: Address) -> bool:
        """Whether it keeps a server off, wherever that is read or in one project only."""
        if self.host != address.host or (self.scopes and address.scope not in self.scopes):
            return False
        if self.plugin:
            return address.scope == PLUGIN and address.project == self.plugin
        if self.project and address.project not in ("", self.project):
            return False
        name = address.server.strip().casefold() if self.fold else address.server
        return self.names is None or (name in self.names) != self.only


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address in a file of a project that the host then talks to, or by way of, with what it signs in by. `url` has no secret."""

    address: GrantAddress
    file: ObservedFile
    key_path: KeyPath
    url: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """A word by which a server may have the model of a host answer, without anybody being asked."""

    address: GrantAddress
    file: ObservedFile
    key_path: KeyPath
    server: str


@dataclass(frozen=True, slots=True)
class HostPresence:
    """Whether a host is on this machine, and why not."""

    host: str
    installed: bool
    looked_at: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Observed:
    """`others` are entries that are no server of a command or address: they are left alone, but hold their names.

    `limits` are words beside the entries that keep tools from being called, in the form of grants with the effect `deny`.
    `stores` are the files that are there and keep sign-ins, which nobody writes and which hold no servers. `vanished` are
    folders that some host trusts, and that are not there any more.
    """

    entries: tuple[ObservedEntry, ...] = ()
    others: tuple[ObservedEntry, ...] = ()
    grants: tuple[Grant, ...] = ()
    limits: tuple[Grant, ...] = ()
    switches: tuple[Switch, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    sampling: tuple[Sampling, ...] = ()
    vanished: frozenset[str] = frozenset()
    files: tuple[ObservedFile, ...] = ()
    stores: tuple[ObservedFile, ...] = ()
    hosts: tuple[HostPresence, ...] = ()
    projects: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())

    def switched_off(self, address: Address) -> tuple[Switch, ...]:
        """What keeps a server off, there or not: first what does so everywhere, then what does so in one project."""
        found = [switch for switch in self.switches if not switch.on and switch.stops(address)]
        return tuple(sorted(found, key=lambda switch: switch.project not in ("", address.project)))
