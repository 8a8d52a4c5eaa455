"""What a machine has at an address, in the words of a manifest: a server, its fields, or what one host has of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, count

from mcpconf.compare import differing
from mcpconf.documents.editing import Draft
from mcpconf.errors import Problem
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.importer import compose
from mcpconf.importer.found import Found, Moved
from mcpconf.importer.grouping import LONGEST_NAME, group
from mcpconf.importer.homes import with_homes
from mcpconf.importer.masking import mask
from mcpconf.model.base import ABSENT, Absence, Json
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.entry import FIELDS_OF_TOOLS, Values
from mcpconf.model.manifest import Server
from mcpconf.model.observed import Observed, ObservedEntry
from mcpconf.ports import Facts

Writes = dict[tuple[str, ...], Json | Absence]
"""Below a server: what is put where."""

_KEYS = {
    "launch": ("package", "version", "hash", "bin", "command", "args"),
    "cwd": ("cwd",),
    "url": ("url",),
    "transport": ("transport", "url", "command", "package", "version", "hash", "bin", "args"),
    "timeout": ("timeout",),
    "enabled": ("enabled",),
    "oauth": ("oauth",),
    "client_id": ("oauth",),
}
_OF_TOOLS = {"call": "call", "without": "except", "auto": "auto"}


@dataclass(frozen=True, slots=True)
class Ground:
    """`names` are those that servers of the manifest have already."""

    rows: Mapping[str, HostRow]
    facts: Facts
    names: Collection[str]


@dataclass(frozen=True, slots=True)
class Taken:
    """An entry of a machine. `server` is what import would write of it, under the name that it would have."""

    observed: ObservedEntry
    found: Found
    name: str
    server: Mapping[str, Json]

    @property
    def secrets(self) -> tuple[Moved, ...]:
        return self.found.moved


def taken(entry: ObservedEntry, observed: Observed, ground: Ground) -> Taken | Problem:
    """The entry with references where it has secrets in clear; a Problem if a manifest cannot hold it."""
    rows, facts = ground.rows, ground.facts
    if entry.problem is not None or entry.entry.transport == "unknown":
        message = entry.problem.message if entry.problem is not None else "it names neither a command nor an address"
        return Problem("invalid", message)
    around = [other for other in observed.entries if other.problem is None and other.entry.transport != "unknown"]
    masked = with_homes(mask([entry, *(other for other in around if other is not entry)], rows), facts)
    found = masked[0]
    if found.kept:
        return Problem("invalid", f"a secret in clear in `{found.kept}`, where no reference can stand")
    item = group([found])[0]
    item.name = next(name for name in _names(item.name, found.host) if name not in ground.names)
    server = dict(compose.servers([item], compose.Pins({}))[item.name])
    own = server.pop("hosts", {})
    return Taken(entry, found, item.name, server | ({"hosts": own} if own else {}))


def _names(wish: str, host: str) -> Iterator[str]:
    yield wish
    for suffix in chain([host], map(str, count(2))):
        yield f"{wish[: max(LONGEST_NAME - len(suffix) - 1, 1)].strip('-')}-{suffix}"[:LONGEST_NAME]


def of_server(taken: Taken, server: Server, wanted: DesiredEntry) -> Writes:
    """What makes the server itself as the entry is, put by put."""
    there, writes = taken.observed.entry, Writes()
    fields = differing(wanted.entry, there, wanted.stated)
    said = server.model_fields_set
    for name in fields:
        for key in _KEYS.get(name, ()):
            value = taken.server.get(key, ABSENT)
            if value is not ABSENT or key in said:
                writes[key,] = value
        if name in ("env", "headers"):
            writes |= {(name, key): value for key, value in _map(name, wanted, taken).items()}
    tools = [name for name in fields if name in FIELDS_OF_TOOLS]
    for name in tools:
        names = getattr(there, name)
        writes["permissions", "tools", _OF_TOOLS[name]] = ABSENT if names is None else list(names)
    if taken.server.get("version") == server.version and str(server.package) == taken.server.get("package"):
        writes.pop(("hash",), None)
    return writes


def of_host(taken: Taken, server: Server, wanted: DesiredEntry) -> Writes | None:
    """What gives its host alone what the entry has; None if a host cannot have that of its own."""
    there, host, writes = taken.observed.entry, taken.observed.address.host, Writes()
    for name in differing(wanted.entry, there, wanted.stated):
        if name == "launch":
            args = [str(value) for value in taken.found.split[1]]
            writes["hosts", host, "args"] = list(args)
        elif name == "env":
            changed = _map("env", wanted, taken)
            if any(value is ABSENT and key in server.env for key, value in changed.items()):
                return None
            writes |= {("hosts", host, "env", key): value for key, value in changed.items()}
        else:
            return None
    return writes


def _map(name: str, wanted: DesiredEntry, taken: Taken) -> dict[str, Json | Absence]:
    """Variables or headers that differ, as the manifest writes them."""
    before, there = _values(wanted.entry, name), _values(taken.observed.entry, name)
    now = compose.written(_values(taken.found.entry, name))
    return {
        key: now[key] if key in there else ABSENT
        for key in sorted(before.keys() | there.keys())
        if before.get(key) != there.get(key)
    }


def _values(entry: object, name: str) -> Values:
    values: Values = getattr(entry, name)
    return values


def put(draft: Draft, server: str, writes: Writes) -> None:
    """Removals first: what is put may not stand beside them."""
    for path, value in sorted(writes.items(), key=lambda item: item[1] is not ABSENT):
        before = draft.text
        draft.put(("servers", server, *path), value)
        if draft.text != before:
            draft.tell("servers", server, *(path[:2] if path[0] == "hosts" else path[:1]))
