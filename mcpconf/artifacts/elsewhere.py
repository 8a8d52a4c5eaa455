"""Copies of a locked package that are not in the store, and what is known of their versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcpconf.artifacts import Copy
from mcpconf.model.lock import LockedServer

if TYPE_CHECKING:
    from mcpconf.advisories import Known, Verdict

Judge = Callable[[str, str, str], "Verdict | None"]
"""Of an ecosystem, a name and a version."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """`verdict` is None where nothing is known of the copy's version: not even that there is nothing to know."""

    copy: Copy
    verdict: Verdict | None = None

    @property
    def known(self) -> tuple[Known, ...]:
        return self.verdict.known if self.verdict is not None else ()

    @property
    def certain(self) -> bool:
        """Whether the version was held against every advisory of its package."""
        return self.verdict is not None and not self.verdict.undecided

    def worth_telling(self, locked: LockedServer) -> bool:
        """Whether it is of another version than is locked, or of one that something is known about."""
        return bool(self.known) or self.copy.version != locked.version


def elsewhere(copies: Iterable[Copy], locked: LockedServer, judge: Judge | None) -> tuple[Elsewhere, ...]:
    """Copies of a locked package, held against what is known."""
    ecosystem, _, name = locked.package.partition(":")
    return tuple(Elsewhere(copy, judge(ecosystem, name, copy.version) if judge else None) for copy in copies)
