"""Whether a version lies in what an advisory calls affected. A fix belongs to its own line; the greatest number is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter

from mcpconf.advisories.records import Advisory, Event
from mcpconf.permissions.versions import Order, order

FIRST = "0"
"""The version before every other, as OSV writes it."""

_RANKS = {"fixed": 0, "introduced": 1, "last_affected": 2, "limit": 3}
"""At one version: a line that ends where the next begins leaves it affected."""


def affects(advisory: Advisory, version: str) -> bool | None:
    """None if it cannot be told: a version without an order, or a range whose ends have none."""
    here = order(advisory.ecosystem, version)
    if _listed(advisory, version, here):
        return True
    if here is None:
        return None if advisory.ranges else False
    answers = {_within(advisory.ecosystem, events, here) for events in advisory.ranges}
    return True if True in answers else None if None in answers else False


def open_ended(advisory: Advisory) -> bool:
    """Whether a line has no end: whatever version comes next, it is affected."""
    return any(_within(advisory.ecosystem, events, _LAST) is True for events in advisory.ranges)


class _Last:
    """Behind every version there is or will be."""

    def __ge__(self, _other: object) -> bool:
        return True

    __gt__ = __ge__

    def __lt__(self, _other: object) -> bool:
        return False

    __le__ = __lt__


_LAST = _Last()


def _listed(advisory: Advisory, version: str, here: Order | None) -> bool:
    if version in advisory.versions:
        return True
    return here is not None and any(here == order(advisory.ecosystem, item) for item in advisory.versions)


def _within(ecosystem: str, events: Iterable[Event], here: Order) -> bool | None:
    """https://ossf.github.io/osv-schema/#evaluation (2026-11)."""
    ordered = [*_ordered(ecosystem, events)]
    if any(at is None for _, _, at in ordered):
        return None
    limits = [at for kind, _, at in ordered if kind == "limit"]
    if limits and not any(here < at for at in limits):
        return False
    inside = any(kind == "introduced" and text == FIRST for kind, text, _ in ordered)
    for kind, _, at in sorted(
        (item for item in ordered if item[1] != FIRST), key=lambda item: (item[2], _RANKS[item[0]])
    ):
        if kind == "introduced" and here >= at:
            inside = True
        elif (kind == "fixed" and here >= at) or (kind == "last_affected" and here > at):
            inside = False
    return inside


def _ordered(ecosystem: str, events: Iterable[Event]) -> Iterator[tuple[str, str, Order | None]]:
    for kind, text in events:
        if kind == "limit" and text == "*":
            continue
        yield kind, text, 0 if kind == "introduced" and text == FIRST else order(ecosystem, text)


def fixes(advisories: Iterable[Advisory], version: str) -> tuple[str, ...]:
    """The versions with which lines of advisories end, and which none of them calls affected.

    Those above `version` come first, from the nearest on: between it and that end there is only what is affected. The
    others, on lines with smaller numbers, follow.
    """
    advisories = tuple(advisories)
    ends = {text: order(item.ecosystem, text) for item in advisories for text in _ends(item)}
    fixed = [
        (at, text)
        for text, at in ends.items()
        if at is not None and all(affects(item, text) is False for item in advisories)
    ]
    here = order(advisories[0].ecosystem, version) if fixed else None
    ordered = sorted(fixed, key=itemgetter(0))
    above = [text for at, text in ordered if here is not None and at > here]
    return (*above, *(text for _, text in ordered if text not in above))


def _ends(advisory: Advisory) -> Iterator[str]:
    return (text for events in advisory.ranges for kind, text in events if kind == "fixed")
