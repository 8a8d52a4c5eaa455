"""What must not be exceeded, and how much of it is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.benchmarks.measure import Cost


class Limit(NamedTuple):
    """`measured` and `most` are in `unit`. `measured` is None where it was not measured."""

    what: str
    measured: float | None
    most: float
    unit: str

    def __str__(self) -> str:
        if self.measured is None:
            return f"{self.what}: not measured, at most {self.most:g} {self.unit}"
        left = (self.most - self.measured) / self.most
        verdict = f"{left:.0%} left" if left >= 0 else f"EXCEEDED by {-left:.0%}"
        return f"{self.what}: {self.measured:.3g} of {self.most:g} {self.unit}, {verdict}"


KINDS = ("mcpconf by verdict", "mcpconf worked out")
"""An apply leaves the verdict that there is nothing to do, which holds while no input differs; else a plan is worked out."""

Costs = dict[tuple[str, int], Cost]
"""By tool and number of files."""


def limits(start: dict[str, Cost], broad: Cost | None, plans: Costs) -> Iterator[Limit]:
    """Of start-up by command, of a plan of 100 servers in each of 10 files, and of plans of 5 servers by number of files."""
    for command, most in (("--version", 25), ("--help", 90)):
        yield Limit(f"start-up of {command}", _milliseconds(start.get(command)), most, "ms")
    yield Limit("plan of 100 servers in 10 files, worked out", _milliseconds(broad), 350, "ms")
    for kind in KINDS:
        for files, most in ((100, 2.5), (1000, 0.5)):
            ratio = _ratio(plans.get((kind, files)), plans.get(("terraform", files)))
            yield Limit(f"plan over {files:,} files, {kind}", ratio, most, "x terraform")
        few, many = plans.get((kind, 1000)), plans.get((kind, 10000))
        yield Limit(f"plan over 10,000 files beside 1,000, {kind}", _ratio(many, few), 11, "x")
        yield Limit(f"memory of a plan over 1,000 files, {kind}", few and few.megabytes, 80, "MB")


def _milliseconds(cost: Cost | None) -> float | None:
    return None if cost is None else cost.seconds * 1000


def _ratio(one: Cost | None, other: Cost | None) -> float | None:
    return None if one is None or other is None else one.seconds / other.seconds
