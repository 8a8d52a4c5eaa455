"""The same server on several hosts, as one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from typing import TypeVar

from mcpconf.importer.found import Found, squeezed
from mcpconf.model.entry import Value
from mcpconf.packages.bridge import NAME

LONGEST_NAME = 32

T = TypeVar("T")


@dataclass(slots=True)
class Group:
    """Entries that one server of a manifest stands for: equal but for what may differ per host.

    `hosts` holds the first entry of each host, in their order; all entries of one host are alike. `bridge` is the name of the
    group that stands for the bridge to it, `carries` are the names of those that one stands for.
    """

    founds: list[Found] = field(default_factory=list)
    hosts: dict[str, Found] = field(default_factory=dict)
    transports: frozenset[str] = frozenset()
    name: str = ""
    bridge: str = ""
    carries: list[str] = field(default_factory=list)

    @property
    def bridges(self) -> tuple[Found, ...]:
        return tuple(found.bridge for found in self.founds if found.bridge is not None)

    @property
    def first(self) -> Found:
        return self.founds[0]

    @property
    def args(self) -> tuple[Value, ...]:
        """The arguments of most hosts, of the first if there are as many of others."""
        return _most([found.split[1] for found in self.hosts.values()])

    @property
    def env(self) -> dict[str, Value]:
        """Variables that every host has, with the value of most: an override may add a variable and take none away."""
        alike = [found.entry.env for found in self.hosts.values()]
        shared = [key for key in alike[0] if all(key in env for env in alike)]
        return {key: _most([env[key] for env in alike]) for key in shared}

    def takes(self, found: Found) -> int:
        """How well the entry fits in: 0 not at all, more where more than the identity is equal."""
        if not self.transports & found.transports or self._has_another_bridge(found):
            return 0
        own = self.hosts.get(found.host)
        if own is not None:
            return 3 if own.own == found.own else 0
        if any(squeezed(other.name) == squeezed(found.name) for other in self.hosts.values()):
            return 2
        return 1 if any(other.own[1:] == found.own[1:] for other in self.hosts.values()) else 0

    def _has_another_bridge(self, found: Found) -> bool:
        return bool(self.bridges) and found.bridge is not None and _starts(self.bridges[0]) != _starts(found.bridge)

    def add(self, found: Found) -> None:
        self.transports = self.transports & found.transports if self.founds else found.transports
        self.founds.append(found)
        self.hosts.setdefault(found.host, found)


def group(founds: Sequence[Found]) -> list[Group]:
    """Every entry in exactly one group, groups in the order of their first entries, with names that differ."""
    by_what: dict[object, list[Group]] = {}
    groups: list[Group] = []
    for found in founds:
        known = by_what.setdefault(_what(found), [])
        best = max(known, key=lambda candidate: candidate.takes(found), default=None)
        if best is None or not best.takes(found):
            best = Group()
            known.append(best)
            groups.append(best)
        best.add(found)
    _name(groups)
    return groups


def carriers(groups: Sequence[Group]) -> list[Group]:
    """A group for each bridge that some of the groups need, under a name that none of them has; they are told it."""
    known: dict[object, Group] = {}
    taken = {item.name for item in groups}
    names = (name for name in chain([NAME], (f"{NAME}-{number}" for number in count(2))) if name not in taken)
    for item in groups:
        for bridge in item.bridges:
            carrier = known.get(_starts(bridge)) or known.setdefault(_starts(bridge), Group(name=next(names)))
            carrier.add(bridge)
            item.bridge = carrier.name
        if item.bridge:
            carrier.carries.append(item.name)
    return [*known.values()]


def _starts(found: Found) -> object:
    return tuple(map(str, found.entry.argv)), found.own[2], str(found.entry.cwd)


def _what(found: Found) -> object:
    """What two entries must have in common to be one server of a manifest."""
    entry = found.entry
    headers = tuple(sorted((key, str(value)) for key, value in entry.headers.items()))
    cwd = None if entry.cwd is None else str(entry.cwd)
    starts = tuple(map(str, found.split[0])) if not entry.url.parts else ()
    return starts, cwd, str(entry.url), headers, entry.enabled is False, found.seconds, str(found.oauth)


def _most(values: Sequence[T]) -> T:
    counts = Counter(str(value) for value in values)
    return max(values, key=lambda value: counts[str(value)])


def _name(groups: Sequence[Group]) -> None:
    """Portable names; of several groups that want one name, the group on most hosts has it."""
    taken: set[str] = set()
    for item in sorted(groups, key=lambda item: -len(item.founds)):
        wish = _portable(item)
        item.name = next(name for name in _candidates(wish, item) if name not in taken)
        taken.add(item.name)


def _portable(item: Group) -> str:
    counts = Counter(found.name for found in item.founds)
    often = max(counts, key=lambda name: (counts[name], portable(name) == name))
    return portable(often) or portable(item.first.launched.identity.rpartition("/")[2]) or "server"


def portable(name: str) -> str:
    """Lower case, digits and hyphens, at most 32; "" if nothing of the name can stay."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:LONGEST_NAME].strip("-")


def _candidates(wish: str, item: Group) -> Iterator[str]:
    yield wish
    suffixes = [item.first.host, portable(item.first.observed.address.project.rpartition("/")[2])]
    yield from (_suffixed(wish, suffix) for suffix in suffixes if suffix)
    number = 2
    while True:
        yield _suffixed(wish, str(number))
        number += 1


def _suffixed(wish: str, suffix: str) -> str:
    kept = wish[: max(LONGEST_NAME - len(suffix) - 1, 1)].strip("-")
    return f"{kept}-{suffix}"[:LONGEST_NAME].strip("-")
