"""What a change of documents lets happen, or stops: one list for servers, policy and lock alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mcpconf.errors import Where
from mcpconf.permissions.change import SEVERITIES, Direction, Severity


@dataclass(frozen=True, slots=True)
class Demand:
    """What the policy asks for before a change may be merged.

    `blocked`: nobody's approval is enough. `wanted` are how many of whom; an empty tuple of names stands for any member.
    `given` are those who approved it so far.
    """

    blocked: bool = False
    wanted: tuple[tuple[int, tuple[str, ...]], ...] = ()
    given: tuple[str, ...] = ()
    met: bool = False


PUBLISHER = "publisher"
"""The dimension of who answers for a package, which has a rule of its own."""


@dataclass(frozen=True, slots=True)
class AccessChange:
    """`address` is `server:NAME`, or the part of the manifest that it is about. `text` is one line, of texts of others: escape it.

    `demand` is None where nobody has to be asked.
    """

    address: str
    dimension: str
    direction: Direction
    severity: Severity
    text: str
    where: Where | None = None
    demand: Demand | None = None

    @property
    def refused(self) -> bool:
        return self.demand is not None and not self.demand.met


def gravest_first(changes: Iterable[AccessChange]) -> tuple[AccessChange, ...]:
    """What lets more happen before what lets less, and each address together in the order of its gravest."""
    kept = sorted(dict.fromkeys(changes), key=_rank)
    first = {change.address: index for index, change in reversed([*enumerate(kept)])}
    return tuple(sorted(kept, key=lambda change: (first[change.address], _rank(change))))


def _rank(change: AccessChange) -> tuple[object, ...]:
    gain = change.direction != "narrower"
    return (not gain, SEVERITIES.index(change.severity), change.address, change.dimension, change.text)


@dataclass(frozen=True, slots=True)
class Revision:
    """One side as it was named, and its commit; "" for files as they are."""

    label: str
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """What became possible from one side to the other, or impossible; the gravest first."""

    before: Revision
    after: Revision
    changes: tuple[AccessChange, ...]

    @property
    def gains(self) -> tuple[AccessChange, ...]:
        return tuple(change for change in self.changes if change.direction != "narrower")

    @property
    def refused(self) -> tuple[AccessChange, ...]:
        """What the policy blocks, or wants approved by somebody who has not."""
        return tuple(change for change in self.changes if change.refused)
