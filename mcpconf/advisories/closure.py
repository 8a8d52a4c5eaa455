"""What is known of a locked server and of all that it brings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mcpconf.advisories import Advisories, Known, Verdict
from mcpconf.advisories.records import normal_name
from mcpconf.model.lock import LockedServer


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that is known of one package in a closure. `own`: it is the server's package itself."""

    package: str
    version: str
    own: bool
    known: Known


@dataclass(frozen=True, slots=True)
class Judged:
    """`undecided` are records that could not be held against a version."""

    hits: tuple[Hit, ...] = ()
    undecided: tuple[str, ...] = ()

    @property
    def own(self) -> tuple[Hit, ...]:
        return tuple(hit for hit in self.hits if hit.own)


def judged(locked: LockedServer, advisories: Advisories | None) -> Judged | None:
    """None if nothing is known of packages of this kind, or there is no package."""
    ecosystem, _, own = locked.package.partition(":")
    if advisories is None or ecosystem not in advisories.ecosystems:
        return None
    hits: list[Hit] = []
    undecided: list[str] = []
    own = normal_name(ecosystem, own)
    brought = {(own, locked.version), *_brought(ecosystem, locked)}
    about = advisories.records.among(ecosystem, {name for name, _ in brought})
    if about is None:
        return None
    for name, version in sorted(item for item in brought if item[0] in about):
        verdict = advisories.judge(ecosystem, name, version) or Verdict()
        hits += [Hit(name, version, name == own, known) for known in verdict.known]
        undecided += verdict.undecided
    return Judged(tuple(sorted(hits, key=lambda hit: not hit.own)), tuple(undecided))


def _brought(ecosystem: str, locked: LockedServer) -> Iterator[tuple[str, str]]:
    for component in locked.closure.values():
        yield normal_name(ecosystem, component.name), component.version
