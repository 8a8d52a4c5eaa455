"""Advisories that are looked up package by package, in the form in which an index keeps them: OSV records of what counts."""

from __future__ import annotations

import json
from collections.abc import Sequence
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
    index: AdvisoryIndex
    known: dict[tuple[str, str], Sequence[Advisory] | None] = field(default_factory=dict)

    def get(self, key: tuple[str, str], _default: Sequence[Advisory], /) -> Sequence[Advisory] | None:
        if key not in self.known:
            self.known[key] = self._read(key)
        return self.known[key]

    def _read(self, key: tuple[str, str]) -> Sequence[Advisory] | None:
        records = self.index.records(*key)
        if isinstance(records, Problem):
            return None
        found = [advisories_of(data) for data in records]
        if None in found:
            return None
        return [item for some in found for item in some or () if (item.ecosystem, item.name) == key]
