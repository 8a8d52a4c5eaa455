"""One thing that a change lets a server do, or stops it from doing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Direction = Literal["wider", "narrower", "both"]
Verdict = Literal["same", "wider", "narrower", "both"]
"""`both`: something is gained and something lost, or nobody can tell."""

Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")

Dimension = Literal[
    "server",
    "path",
    "secret",
    "env",
    "network",
    "command",
    "exec",
    "version",
    "transport",
    "enabled",
    "tools",
    "approval",
    "sandbox",
]


@dataclass(frozen=True, slots=True)
class PrivilegeChange:
    """`text` is one line such as `~/work  ->  ~` or `+ GITHUB_TOKEN`. It holds no secret, but text of others: escape it."""

    direction: Direction
    severity: Severity
    dimension: Dimension
    text: str


def ordered(changes: Iterable[PrivilegeChange]) -> tuple[PrivilegeChange, ...]:
    """The gravest first, each once."""
    return tuple(sorted(set(changes), key=lambda one: (SEVERITIES.index(one.severity), one.dimension, one.text)))


def overall(changes: Iterable[PrivilegeChange]) -> Verdict:
    """The direction of several changes together."""
    directions = {change.direction for change in changes}
    if not directions:
        return "same"
    return directions.pop() if len(directions) == 1 else "both"


def gained(dimension: Dimension, severity: Severity, text: str) -> PrivilegeChange:
    return PrivilegeChange("wider", severity, dimension, text)


def lost(dimension: Dimension, text: str) -> PrivilegeChange:
    return PrivilegeChange("narrower", "low", dimension, text)


def replaced(dimension: Dimension, severity: Severity, text: str) -> PrivilegeChange:
    return PrivilegeChange("both", severity, dimension, text)
