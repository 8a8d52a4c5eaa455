"""What a host really runs in a folder: which entry wins, which do not act and why, and what comes of several merged ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from mcpconf.hosts.decoding import decode
from mcpconf.hosts.precedence import Granted, merged, ruled_out, ruling, strength, unread, upwards
from mcpconf.hosts.switches import holds, keeping_off
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.address import NAMED, PLUGIN
from mcpconf.model.base import ABSENT, Json, lookup
from mcpconf.model.entry import Entry
from mcpconf.model.observed import Grant, ObservedEntry, ObservedFile, Switch
from mcpconf.model.tools import EVERY

Why = Literal[
    "shadowed",
    "same",
    "exclusive",
    "not_trusted",
    "not_approved",
    "not_chosen",
    "refused",
    "switched_off",
    "invalid",
    "broken_file",
    "broken_host",
]
"""Why an entry does not act: another wins and says something else (`shadowed`) or no more than it does (`same`); a file that
rules alone; what its file needs is not there; its address is not taken in this place; a switch elsewhere keeps it off; the host
refuses it, or another one and with it the file or everything.
"""

_UNASKED = frozenset({"auto", "some"})


class Idle(NamedTuple):
    """An entry that does not act. `by`: the entry, file or switch that is the reason, if another one is."""

    entry: ObservedEntry
    why: Why
    by: ObservedEntry | ObservedFile | Switch | None = None


class Running(NamedTuple):
    """A server of one name in one folder.

    `entry` is what the host makes of its `parts`, strongest first; None where it makes nothing of what is there. `origins`:
    per key of a merged entry, dotted within maps, the part that it comes from; empty where there is one part. `unasked`:
    tools that act without asking, by the entry or by other files; `*` for all of them.
    """

    name: str
    entry: Entry | None
    parts: tuple[ObservedEntry, ...] = ()
    origins: Mapping[str, ObservedEntry] = {}
    unasked: tuple[str, ...] = ()
    idle: tuple[Idle, ...] = ()


class Level(NamedTuple):
    """A folder as addresses spell it, `""` for anywhere else; with the servers that the host knows of there."""

    folder: str
    servers: tuple[Running, ...]


class Beside(NamedTuple):
    """What the files of one host say beside its entries."""

    files: Sequence[ObservedFile] = ()
    grants: Sequence[Grant] = ()
    switches: Sequence[Switch] = ()


def running(
    row: HostRow, entries: Sequence[ObservedEntry], beside: Beside, folders: Iterable[str]
) -> tuple[Level, ...]:
    """The user's own level first, then each folder in which an entry of a project has a say. All are of one host."""
    host = _Host(row, beside)
    own: dict[str, list[ObservedEntry]] = defaultdict(list)
    for entry in entries:
        own["" if entry.address.scope in NAMED else entry.address.project].append(entry)
    levels = [Level("", host.servers("", own[""]))] if own[""] else []
    for folder in dict.fromkeys(folders):
        near = [entry for upper in upwards(folder) if upper in own for entry in own[upper]]
        near = [entry for entry in near if host.reaches(entry, folder)]
        if near or (
            own[""] and any(switch.plugin and switch.project and holds(switch, folder) for switch in beside.switches)
        ):
            levels.append(Level(folder, host.servers(folder, [*own[""], *near])))
    return tuple(levels)


class _Host:
    def __init__(self, row: HostRow, beside: Beside) -> None:
        self.row = row
        self.granted = Granted(row, beside.grants)
        self.only = ruling(row, beside.files)
        self.switches = beside.switches
        self.acting: dict[str, list[Grant]] = defaultdict(list)
        for grant in beside.grants:
            if grant.effect in _UNASKED and grant.entry is None:
                self.acting[grant.address.project].append(grant)

    def reaches(self, entry: ObservedEntry, folder: str) -> bool:
        """Whether the host looks for the entry's file from a folder, which is that of the entry or below it."""
        paths = self.row.files[entry.file.location.file].path.values()
        return entry.address.project == folder or any("{up}" in path for path in paths)

    def servers(self, folder: str, entries: Iterable[ObservedEntry]) -> tuple[Running, ...]:
        idle: list[Idle] = []
        read: list[ObservedEntry] = []
        for entry in sorted(entries, key=strength):
            obstacle = self._obstacle(entry, folder)
            if obstacle is None:
                read.append(entry)
            else:
                idle.append(obstacle)
        named: dict[str, list[ObservedEntry]] = defaultdict(list)
        for entry in read:
            named[entry.address.server].append(entry)
        broken = self._broken(named)
        found = [
            server
            for name in sorted({*named, *(item.entry.address.server for item in idle)})
            for server in self._named(name, named.get(name, ()), broken)
        ]
        first = {server.name: server for server in reversed(found)}
        return tuple(
            server._replace(
                unasked=self._approved(server, folder),
                idle=(*server.idle, *(_of(server.name, idle) if server is first[server.name] else ())),
            )
            for server in found
        )

    def _obstacle(self, entry: ObservedEntry, folder: str) -> Idle | None:
        if self.only is not None and ruled_out(entry, self.only):
            return Idle(entry, "exclusive", self.only)
        why = unread(self.row, entry, self.granted, folder)
        if why:
            return Idle(entry, why)
        switch = keeping_off(self.switches, entry.address, folder)
        return Idle(entry, "switched_off", switch) if switch is not None else None

    def _broken(self, named: Mapping[str, Sequence[ObservedEntry]]) -> list[ObservedEntry]:
        """Entries that the host refuses: by themselves, or for what comes of them and others."""
        found = [entry for entries in named.values() for entry in _parts(entries) if entry.problem is not None]
        if self.row.merge == "keys":
            found += [
                entry
                for entries in map(_parts, named.values())
                if entries and _is_refused(self.row, entries)
                for entry in entries
            ]
        return found

    def _lost(self, entry: ObservedEntry, broken: Sequence[ObservedEntry]) -> Idle | None:
        """Because of itself or of another one."""
        if entry.problem is not None or entry in broken:
            return Idle(entry, "invalid")
        if self.row.bad_entry == "host" and broken:
            return Idle(entry, "broken_host", broken[0])
        path = entry.file.location.path
        beside = next((other for other in broken if other.file.location.path == path), None)
        return Idle(entry, "broken_file", beside) if self.row.bad_entry == "file" and beside else None

    def _named(self, name: str, entries: Sequence[ObservedEntry], broken: Sequence[ObservedEntry]) -> Iterator[Running]:
        """What becomes of the entries of one name that are read; those that run side by side are one each."""
        lost = [(entry, self._lost(entry, broken)) for entry in entries]
        idle = tuple(item for _, item in lost if item is not None)
        acting = tuple(entry for entry, item in lost if item is None)
        if not acting:
            yield Running(name, None, idle=idle)
        elif self.row.merge == "both":
            for number, entry in enumerate(acting):
                yield Running(name, entry.entry, (entry,), idle=() if number else idle)
        elif self.row.merge == "keys" and len(parts := _parts(acting)) > 1:
            beaten = (Idle(other, "shadowed", parts[0]) for other in acting if other not in parts)
            whole = decode(self.row, _whole(parts)).entry
            yield Running(name, whole, parts, _origins(parts), idle=(*beaten, *idle))
        else:
            first, *others = acting
            beaten = (Idle(other, "same" if other.entry == first.entry else "shadowed", first) for other in others)
            yield Running(name, first.entry, (first,), idle=(*beaten, *idle))

    def _approved(self, server: Running, folder: str) -> tuple[str, ...]:
        if server.entry is None:
            return ()
        tools = {*(server.entry.auto or ())}
        for where in dict.fromkeys(("", *upwards(folder))):
            for grant in self.acting.get(where, ()):
                meant = grant.server in ("", server.name) or server.name in grant.readings
                if meant and not self._is_unread(grant, folder):
                    tools.add(grant.tool or EVERY)
        return (EVERY,) if EVERY in tools else tuple(sorted(tools))

    def _is_unread(self, grant: Grant, folder: str) -> bool:
        scope = grant.file.location.scope
        return scope == "profile" or bool(self.granted.lacks(grant.file.location.file, folder, grant.server))


def _of(name: str, idle: Iterable[Idle]) -> Iterator[Idle]:
    return (item for item in idle if item.entry.address.server == name)


def _parts(acting: Sequence[ObservedEntry]) -> tuple[ObservedEntry, ...]:
    """What is put together; what a plugin brings is not."""
    return tuple(entry for entry in acting if entry.address.scope != PLUGIN)


def _whole(parts: Sequence[ObservedEntry]) -> Json:
    """`parts` are sorted, the strongest first."""
    whole: Json = {}
    for part in reversed(parts):
        whole = merged(whole, part.raw)
    return whole


def _is_refused(row: HostRow, parts: Sequence[ObservedEntry]) -> bool:
    """A host without a key for the type of an entry refuses what names neither a command nor an address, too."""
    found = decode(row, _whole(parts))
    return found.problem is not None or (found.entry.transport == "unknown" and not row.dialect.typed)


def _origins(parts: Sequence[ObservedEntry]) -> dict[str, ObservedEntry]:
    return {
        ".".join(path): next(part for part in parts if lookup(part.raw, path) is not ABSENT)
        for path in _leaves(_whole(parts))
    }


def _leaves(value: Json) -> Iterator[tuple[str, ...]]:
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        if isinstance(inner, dict) and inner:
            yield from ((key, *path) for path in _leaves(inner))
        else:
            yield (key,)
