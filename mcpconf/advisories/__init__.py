"""Known vulnerabilities and malware of packages, from OSV records that somebody put on this machine.

No data is never the answer "clean": a kind of package that no record is about is unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mcpconf.advisories.ranges import affects, fixes, open_ended
from mcpconf.advisories.records import Advisory, Severity, normal_name
from mcpconf.permissions.versions import order

__all__ = ["OLD_DAYS", "Advisories", "Advisory", "Held", "Known", "Tally", "Verdict", "collected", "gravest_first"]


OLD_DAYS = 30
"""A week sees some hundred new advisories about npm and PyPI packages."""


@dataclass(frozen=True, slots=True)
class Known:
    """One thing that is wrong with a version, by all names it has.

    `fixed` are versions without it: first those above that version, from the nearest on, then those on other lines.
    """

    id: str
    aliases: tuple[str, ...]
    severity: Severity
    malware: bool
    summary: str
    fixed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one version. `undecided` are records that it cannot be held against."""

    known: tuple[Known, ...] = ()
    undecided: tuple[str, ...] = ()


class Records(Protocol):
    """Advisories by ecosystem and normal name of a package."""

    def get(self, key: tuple[str, str], default: Sequence[Advisory], /) -> Sequence[Advisory] | None:
        """None if they cannot be read."""

    def among(self, ecosystem: str, names: Collection[str]) -> frozenset[str] | None:
        """Those of the normal names that advisories are about; None if it cannot be told."""


class Held(dict[tuple[str, str], Sequence[Advisory]]):
    """Advisories that are all in memory."""

    def among(self, ecosystem: str, names: Collection[str]) -> frozenset[str] | None:
        return frozenset(name for name in names if (ecosystem, name) in self)


@dataclass(frozen=True, slots=True)
class Advisories:
    """`newest` is when the youngest record was changed, RFC 3339, "" without records; `unread` counts what was no record.

    `source` is the folder or archive that they come from, "" if that is not kept.
    """

    records: Records = field(default_factory=Held)
    count: int = 0
    newest: str = ""
    ecosystems: frozenset[str] = frozenset()
    unread: int = 0
    source: str = ""

    def judge(self, ecosystem: str, name: str, version: str) -> Verdict | None:
        """None if nothing is known of this kind of packages: not even that there is nothing to know."""
        if ecosystem not in self.ecosystems:
            return None
        records = self.records.get((ecosystem, normal_name(ecosystem, name)), ())
        if records is None:
            return None
        answers = [(record, affects(record, version)) for record in records]
        hits = [record for record, answer in answers if answer]
        known = tuple(_known(group, version) for group in _same(hits))
        return Verdict(known, tuple(sorted(record.id for record, answer in answers if answer is None)))

    def about_the_next(self, ecosystem: str, name: str) -> tuple[Known, ...]:
        """What is known of whatever version is the newest: advisories of which a line has no end."""
        records = self.records.get((ecosystem, normal_name(ecosystem, name)), ()) or ()
        return tuple(_known(group, "") for group in _same([record for record in records if open_ended(record)]))

    def way_out(self, ecosystem: str, name: str, version: str, known: Iterable[Known]) -> str:
        """The nearest version above, else one on another line, of which nothing is known any more; "" if none is."""
        ends = {text: order(ecosystem, text) for item in known for text in item.fixed}
        here = order(ecosystem, version)
        ordered = sorted(ends, key=lambda text: (here is None or not ends[text] > here, ends[text]))
        return next((text for text in ordered if self._is_clean(ecosystem, name, text)), "")

    def _is_clean(self, ecosystem: str, name: str, version: str) -> bool:
        verdict = self.judge(ecosystem, name, version)
        return verdict is not None and not verdict.known and not verdict.undecided

    def avoided(self, ecosystem: str, name: str, version: str) -> bool:
        """Whether a version should not be chosen where another one can be."""
        verdict = self.judge(ecosystem, name, version)
        return verdict is not None and bool(verdict.known)


@dataclass(slots=True)
class Tally:
    """Counts what goes by. `count` are records about a package, `unread` what was none."""

    count: int = 0
    unread: int = 0
    newest: str = ""
    ecosystems: set[str] = field(default_factory=set)

    def counted(self, records: Iterable[Sequence[Advisory] | None]) -> Iterator[Advisory]:
        for record in records:
            self.unread += record is None
            self.count += bool(record)
            for advisory in record or ():
                self.ecosystems.add(advisory.ecosystem)
                self.newest = max(self.newest, advisory.modified)
                yield advisory


def collected(records: Iterable[Sequence[Advisory] | None]) -> Advisories:
    """From what was read of each record. A record that is there twice counts once."""
    found: dict[tuple[str, str], dict[str, Advisory]] = {}
    tally = Tally()
    for advisory in tally.counted(records):
        found.setdefault((advisory.ecosystem, advisory.name), {})[advisory.id] = advisory
    by_package = Held({key: tuple(some.values()) for key, some in found.items()})
    return Advisories(by_package, tally.count, tally.newest, frozenset(tally.ecosystems), tally.unread)


def _same(records: Sequence[Advisory]) -> list[list[Advisory]]:
    """Records that name each other, or one third name, are about one thing."""
    groups: list[tuple[set[str], list[Advisory]]] = []
    for record in records:
        names, members = {record.id, *record.aliases}, [record]
        apart = []
        for group in groups:
            if names.isdisjoint(group[0]):
                apart.append(group)
            else:
                names |= group[0]
                members = [*group[1], *members]
        groups = [*apart, (names, members)]
    return [members for _, members in groups]


def gravest_first(known: Iterable[Known]) -> list[Known]:
    """Malware before all, and what has no stated severity among the grave: nobody said that it is not."""
    return sorted(known, key=lambda item: (not item.malware, _GRAVITY.index(item.severity), item.id))


_GRAVITY: tuple[Severity, ...] = ("critical", "high", "", "medium", "low")
_PREFERRED = ("MAL-", "GHSA-", "PYSEC-", "CVE-")
_SEVEREST: tuple[Severity, ...] = ("critical", "high", "medium", "low", "")


def _known(records: Sequence[Advisory], version: str) -> Known:
    first = min(records, key=lambda record: (_rank(record.id), record.id))
    names = {name for record in records for name in (record.id, *record.aliases)} - {first.id}
    return Known(
        id=first.id,
        aliases=tuple(sorted(names)),
        severity=min((record.severity for record in records), key=_SEVEREST.index),
        malware=any(record.malware for record in records),
        summary=next((record.summary for record in records if record.summary), ""),
        fixed=fixes(records, version),
    )


def _rank(name: str) -> int:
    return next((rank for rank, prefix in enumerate(_PREFERRED) if name.startswith(prefix)), len(_PREFERRED))
