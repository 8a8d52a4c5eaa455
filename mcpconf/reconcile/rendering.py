"""What one machine gets from a manifest, before any of its files is looked at, and where each part of it is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mcpconf.artifacts.supplied import Supplied
from mcpconf.errors import Where
from mcpconf.hosts.places import absolute, spelled
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.base import Json
from mcpconf.model.desired import Desired, DesiredEntry
from mcpconf.model.entry import FIELDS_OWNED, FIELDS_STATED
from mcpconf.model.finding import Finding
from mcpconf.model.manifest import Manifest, Server
from mcpconf.ports import Facts
from mcpconf.reconcile.absence import absents, without_absent
from mcpconf.reconcile.display import Display
from mcpconf.reconcile.expiry import expired, without
from mcpconf.reconcile.situate import Loaded, literals
from mcpconf.resolve import Resolution, resolve
from mcpconf.resolve.groups import Path, Selection, of_machine
from mcpconf.resolve.servers import command_line

DEFAULT = "default"
OVERRIDE = "host override"
_KEYS: Mapping[str, Path] = {
    "call": ("permissions", "tools", "call"),
    "without": ("permissions", "tools", "except"),
    "auto": ("permissions", "tools", "auto"),
}
"""Of a server, where they are not called like the field."""

_OF_BRIDGE = ("transport", "launch", "env", "cwd")
"""What a bridge makes of a server with an address."""


@dataclass(frozen=True, slots=True)
class Told:
    """A value of an entry, in the notation of manifests. `key` is "" where the field is one value.

    `by` says more than the place: that nobody says it (`default`), or who does instead of the server: a group, the override
    for one host.
    """

    field: str
    key: str
    text: str
    where: Where | None
    by: str = ""


@dataclass(frozen=True, slots=True)
class RenderedEntry:
    desired: DesiredEntry
    fields: Mapping[str, Json]
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A server of the manifest that this machine does not have."""

    server: str
    reason: str
    where: Where


@dataclass(frozen=True, slots=True)
class Rendering:
    """`hosts` are those that the manifest names for this machine, in its order; `skipped` bindings that they cannot take."""

    facts: Facts
    groups: tuple[str, ...]
    hosts: tuple[HostRow, ...]
    entries: tuple[RenderedEntry, ...]
    skipped: tuple[Finding, ...]
    missing: tuple[Missing, ...]


def rendering(
    loaded: Loaded, facts: Facts, rows: Mapping[str, HostRow], past: Callable[[str], bool], supplied: Supplied
) -> Rendering:
    """As if every host were installed and no file were there yet. A project that is a pattern stands as it is written."""
    whole = loaded.manifest
    mine = of_machine(whole, facts)
    manifest = without(mine.manifest, expired(mine.manifest, past))
    folders = {absolute(project.path, facts) for project in manifest.projects}
    resolution = Resolution(
        rows=rows,
        facts=facts,
        installed=frozenset(rows),
        exists=folders.__contains__,
        tracked=lambda _path: False,
        where=loaded.where,
        shown=supplied.shown,
    )
    desired, contradicted = without_absent(resolve(manifest, resolution), tuple(absents(whole, loaded.where)))
    teller = _Teller(loaded, mine, facts)
    named = [*manifest.hosts, *(host for project in manifest.projects for host in project.hosts or ())]
    return Rendering(
        facts=facts,
        groups=mine.groups,
        hosts=tuple(rows[host] for host in dict.fromkeys(named)),
        entries=tuple(teller.entry(entry) for entry in desired.entries),
        skipped=_in_order(desired, contradicted),
        missing=tuple(_missing(loaded, mine, manifest)),
    )


def _in_order(desired: Desired, contradicted: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(sorted((*desired.findings, *contradicted), key=lambda item: (item.address, item.rule, item.message)))


def _missing(loaded: Loaded, mine: Selection, manifest: Manifest) -> Iterator[Missing]:
    for name, server in loaded.manifest.servers.items():
        if name in manifest.servers:
            continue
        if name in mine.manifest.servers:
            yield Missing(name, f"expired on {server.expires}", loaded.where("servers", name, "expires"))
        else:
            yield _not_selected(name, loaded, mine.groups)


def _not_selected(name: str, loaded: Loaded, matching: tuple[str, ...]) -> Missing:
    groups = loaded.manifest.groups
    for group in reversed(matching):
        drop = groups[group].drop
        if drop is not None and name in drop.servers:
            index = drop.servers.index(name)
            return Missing(name, f"dropped by group `{group}`", loaded.where("groups", group, "drop", "servers", index))
    adding = [group for group, item in groups.items() if item.add is not None and name in item.add.servers]
    listed = ", ".join(f"`{group}`" for group in adding)
    return Missing(name, f"only for group{'s' if len(adding) > 1 else ''} {listed}", loaded.where("groups", adding[0]))


def _is_said(server: Server, name: str) -> bool:
    if name in _KEYS:
        return server.tools is not None and name in server.tools.model_fields_set
    return name in server.model_fields_set


def _text(value: Json) -> str:
    match value:
        case str():
            return value
        case float():
            return f"{value:g}"
        case list():
            return ", ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False)


class _Teller:
    """Tells of entries where their values are written."""

    def __init__(self, loaded: Loaded, mine: Selection, facts: Facts) -> None:
        self._loaded = loaded
        self._mine = mine
        self._facts = facts
        self._display = Display(literals(loaded.manifest), None)

    def entry(self, desired: DesiredEntry) -> RenderedEntry:
        fields = self._display.entry(desired.entry)
        server = self._loaded.manifest.servers[desired.server]
        names = [name for name in (*FIELDS_OWNED, *FIELDS_STATED) if name in fields]
        told = [value for name in names for value in self._field(desired, server, name, fields[name])]
        return RenderedEntry(desired, fields, (*self._brought(desired), *told))

    def _brought(self, desired: DesiredEntry) -> Iterator[Told]:
        """Why the machine has the server at all, why this host gets it, and its name there."""
        server, address = desired.server, desired.address
        yield self._reason("server", server, self._mine.reasons[("servers", server)])
        if address.project:
            path: Path = ("projects", self._project(desired))
            yield Told("project", "", address.project, self._loaded.where(*path))
        else:
            yield self._reason("host", address.host, self._mine.reasons[("hosts", address.host)])
        if address.server != server:
            where = self._loaded.where("servers", server, "hosts", address.host, "name")
            yield Told("name", "", address.server, where, OVERRIDE)

    def _reason(self, field: str, text: str, path: Path) -> Told:
        by = f"group {path[1]}" if path[0] == "groups" else ""
        return Told(field, "", text, self._loaded.where(*path), by)

    def _project(self, desired: DesiredEntry) -> int:
        """The first project of the folder and host counts."""
        address = desired.address
        for index, project in enumerate(self._mine.manifest.projects):
            hosts = self._mine.manifest.hosts if project.hosts is None else project.hosts
            folder = spelled(absolute(project.path, self._facts), self._facts)
            if folder == address.project and address.host in hosts:
                return index
        raise AssertionError(f"no project of the manifest leads to {address}")

    def _field(self, desired: DesiredEntry, server: Server, name: str, value: Json) -> Iterator[Told]:
        base: Path = ("servers", desired.server)
        override: Path = (*base, "hosts", desired.address.host)
        own = server.hosts.get(desired.address.host)
        if server.url is not None and desired.entry.transport == "stdio" and name in _OF_BRIDGE:
            text = " ".join(value) if name == "launch" else _text(value)
            yield Told(name, "", text, self._loaded.where(*base, "bridge"), f"bridge {server.bridge}")
        elif name == "launch":
            yield from self._launch(desired, server, value)
        elif name in ("env", "headers"):
            for key, text in value.items():
                if name == "env" and own is not None and key in (own.env or {}):
                    yield Told(name, key, text, self._loaded.where(*override, name, key), OVERRIDE)
                else:
                    yield Told(name, key, text, self._loaded.where(*base, name, key))
        else:
            yield self._single(base, server, name, value)

    def _single(self, base: Path, server: Server, name: str, value: Json) -> Told:
        if _is_said(server, name):
            return Told(name, "", _text(value), self._loaded.where(*base, *_KEYS.get(name, (name,))))
        return Told(name, "", _text(value), None, DEFAULT)

    def _launch(self, desired: DesiredEntry, server: Server, words: list[str]) -> Iterator[Told]:
        """The words that start the server, then its arguments, of which an override has its own."""
        host = desired.address.host
        own, override = server.on(host), server.hosts.get(host)
        starting = command_line(own)
        if len(words) != len(starting) + len(own.args):
            yield Told("launch", "", " ".join(words), desired.where)
            return
        base: Path = ("servers", desired.server)
        instead = override is not None and override.args is not None
        for index, word in enumerate(words):
            if index < len(starting):
                at: Path = ("command", index) if server.command else ("package",)
                yield Told("launch", str(index), word, self._loaded.where(*base, *at))
            else:
                argument = index - len(starting)
                at = ("hosts", host, "args", argument) if instead else ("args", argument)
                yield Told("launch", str(index), word, self._loaded.where(*base, *at), OVERRIDE if instead else "")
