"""How far a server may go: a bound for each dimension, and the order of such bounds.

One bound is within another if each thing that it lets in is let in by the other. One extent is within another if each
of its bounds is. Nothing in this order depends on a machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from mcpconf.permissions.allowances import Allowance
from mcpconf.permissions.change import SEVERITIES, Severity

DIMENSIONS: dict[str, Severity] = {
    "tools.call": "high",
    "tools.auto": "critical",
    "fs": "critical",
    "net.out": "high",
    "net.listen": "high",
    "env": "high",
    "exec": "critical",
    "oauth": "high",
    "client.sampling": "high",
    "client.elicitation": "medium",
    "client.roots": "high",
    "client.ui": "medium",
    "run_as": "critical",
    "expires": "low",
}
"""How grave it is if there is no bound any more."""

Order = Literal["same", "wider", "narrower", "incomparable"]
"""`incomparable`: something is gained and something lost, or nobody can tell."""

MIRROR: dict[Order, Order] = {
    "same": "same",
    "wider": "narrower",
    "narrower": "wider",
    "incomparable": "incomparable",
}

_SHOWN = 6
"""Things of one line."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What is let in; everything if `allowed` is None. `note` tells what a reader must know of it."""

    allowed: frozenset[Allowance] | None
    note: str = field(default="", compare=False)

    @classmethod
    def of(cls, allowed: Iterable[Allowance], note: str = "") -> Bound:
        return cls(frozenset(allowed), note)

    @property
    def is_everything(self) -> bool:
        return self.allowed is None

    def beyond(self, other: Bound) -> frozenset[Allowance] | None:
        """What this lets in and the other does not; None is everything, an empty set nothing."""
        if other.allowed is None:
            return frozenset()
        if self.allowed is None:
            return None
        found: set[Allowance] = set()
        for kind in {type(item) for item in self.allowed}:
            mine = (item for item in self.allowed if type(item) is kind)
            found |= kind.beyond(mine, frozenset(item for item in other.allowed if type(item) is kind))
        return frozenset(found)

    def __str__(self) -> str:
        return listed(self.allowed)


EVERYTHING = Bound(None)
NOTHING = Bound(frozenset())

Extent: TypeAlias = Mapping[str, Bound]
"""A bound by dimension. In what is compared, every dimension has one."""

NOWHERE: Extent = dict.fromkeys(DIMENSIONS, NOTHING)
ANYWHERE: Extent = dict.fromkeys(DIMENSIONS, EVERYTHING)


def listed(allowed: frozenset[Allowance] | None) -> str:
    if allowed is None:
        return "any"
    names = sorted(map(str, allowed))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more if names else "none"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one dimension became. `text` is one line, of texts of others: escape it.

    `everything`: from nothing to no bound, or back.
    """

    dimension: str
    order: Order
    severity: Severity
    text: str
    everything: bool = False


def compare(before: Extent, after: Extent) -> tuple[Comparison, ...]:
    """Each dimension that both have a bound for, in the order of DIMENSIONS."""
    return tuple(_compared(name, before[name], after[name]) for name in DIMENSIONS if name in before and name in after)


def _compared(name: str, before: Bound, after: Bound) -> Comparison:
    gained, lost = after.beyond(before), before.beyond(after)
    order = ordered(gained=gained != frozenset(), lost=lost != frozenset())
    if order == "same":
        return Comparison(name, order, "low", str(after))
    parts = [
        *([f"+ {listed(gained)}"] if gained != frozenset() else []),
        *([f"- {listed(lost)}"] if lost != frozenset() else []),
    ]
    other = f"now {after}" if order == "narrower" else f"was {before}"
    everything = {before.allowed, after.allowed} == {None, frozenset()}
    return Comparison(name, order, _weight(name, gained), f"{'  '.join(parts)}  ({other})", everything)


def _weight(name: str, gained: frozenset[Allowance] | None) -> Severity:
    if gained is None:
        return DIMENSIONS[name]
    return min((item.weight for item in gained), key=SEVERITIES.index, default="low")


def ordered(*, gained: bool, lost: bool) -> Order:
    if gained and lost:
        return "incomparable"
    return "wider" if gained else "narrower" if lost else "same"


def verdict(compared: Iterable[Comparison]) -> Order:
    """The order of two extents, from that of their dimensions."""
    orders = {item.order for item in compared}
    if "incomparable" in orders:
        return "incomparable"
    return ordered(gained="wider" in orders, lost="narrower" in orders)


def told(compared: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """What is not the same, the gravest first."""
    found = (item for item in compared if item.order != "same")
    names = list(DIMENSIONS)
    return tuple(sorted(found, key=lambda item: (SEVERITIES.index(item.severity), names.index(item.dimension))))
