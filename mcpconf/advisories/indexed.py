"""Advisories that are looked up package by package, in the form in which an index keeps them: OSV records of what counts."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from mcpconf.advisories import Advisories
from mcpconf.advisories.records import ECOSYSTEMS, Advisory, advisories_of
from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.ports import AdvisoryIndex

_AS_IN_OSV = {ecosystem: name for name, ecosystem in ECOSYSTEMS.items()}


def kept(advisory: Advisory) -> bytes:
    """The OSV record that says just this: `advisories_of` gives the same advisory."""
    package: Json = {"ecosystem": _AS_IN_OSV[advisory.ecosystem], "name": advisory.name}
    ranges: list[Json] = [
        {"type": "ECOSYSTEM", "events": [{kind: text} for kind, text in events]} for events in advisory.ranges
    ]
    record: Json = {
        "id": advisory.id,
        "modified": advisory.modified,
        "aliases": [*advisory.aliases],
        "summary": advisory.summary,
        "database_specific": {"severity": advisory.severity},
        "affected": [{"package": package, "ranges": ranges, "versions": [*advisory.versions]}],
    }
    return json.dumps(record, separators=(",", ":")).encode()


def indexed(index: AdvisoryIndex) -> Advisories | Problem | None:
    """What an index says; None if there is none."""
    about = index.about()
    if about is None or isinstance(about, Problem):
        return about
    ecosystems = frozenset(about.ecosystems)
    return Advisories(_Lookup(index), about.records, about.newest, ecosystems, about.unread, about.source)


@dataclass(frozen=True, slots=True)
class _Lookup:
    """`known` is what was asked for already; None what could not be read."""

    index: AdvisoryIndex
    known: dict[tuple[str, str], list[Advisory] | None] = field(default_factory=dict)

    def get(self, key: tuple[str, str], _default: Sequence[Advisory], /) -> Sequence[Advisory] | None:
        self._read(key[0], [key[1]])
        return self.known[key]

    def among(self, ecosystem: str, names: Collection[str]) -> frozenset[str] | None:
        self._read(ecosystem, names)
        found = {name: self.known[ecosystem, name] for name in names}
        return None if None in found.values() else frozenset(name for name, records in found.items() if records)

    def _read(self, ecosystem: str, names: Collection[str]) -> None:
        """In one question, however many they are."""
        new = sorted(name for name in names if (ecosystem, name) not in self.known)
        records = self.index.records(ecosystem, *new) if new else ()
        read = [None] if isinstance(records, Problem) else [advisories_of(data) for data in records]
        for name in new:
            self.known[ecosystem, name] = None if None in read else []
        for advisory in (item for some in read for item in some or ()):
            if (about := self.known.get((advisory.ecosystem, advisory.name))) is not None and advisory.name in new:
                about.append(advisory)
