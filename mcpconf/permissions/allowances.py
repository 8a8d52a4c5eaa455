"""The single things that a server may do, of each kind, and when one of them lets in another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from mcpconf.model.endpoint import Endpoint
from mcpconf.model.tools import covers, meet
from mcpconf.permissions.change import Severity
from mcpconf.permissions.paths import PathSet, Place


class Allowance(Protocol):
    """`weight` is how grave it is to get it."""

    @property
    def weight(self) -> Severity: ...

    @classmethod
    def beyond(cls, some: Iterable[Any], others: frozenset[Any]) -> set[Any]:
        """Those of `some` that none of the others lets in. All are of this class."""
        ...


@dataclass(frozen=True, slots=True)
class Named:
    """Lets in itself alone: a variable, a program, a step of a scale, a capability."""

    name: str
    weight: Severity = field(default="high", compare=False)

    @classmethod
    def beyond(cls, some: Iterable[Self], others: frozenset[Self]) -> set[Self]:
        return set(some) - others

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool, or all that a pattern stands for, but those that a pattern of `without` stands for."""

    name: str
    without: frozenset[str] = frozenset()
    weight: Severity = field(default="medium", compare=False)

    @classmethod
    def beyond(cls, some: Iterable[Self], others: frozenset[Self]) -> set[Self]:
        return {one for one in some if one not in others and not any(other.lets_in(one) for other in others)}

    def lets_in(self, other: Tool) -> bool:
        if not covers(self.name, other.name):
            return False
        missing = (name for name in self.without if meet(name, other.name))
        return all(any(covers(item, name) for item in other.without) for name in missing)

    def __str__(self) -> str:
        return f"{self.name} but not {', '.join(sorted(self.without))}" if self.without else self.name


@dataclass(frozen=True, slots=True)
class Connection:
    endpoint: Endpoint
    weight: Severity = field(default="medium", compare=False)

    @classmethod
    def beyond(cls, some: Iterable[Self], others: frozenset[Self]) -> set[Self]:
        known = {other.endpoint for other in others}
        return {one for one in some if known.isdisjoint(one.endpoint.wider())}

    def __str__(self) -> str:
        return str(self.endpoint)


@dataclass(frozen=True, slots=True)
class Files:
    """A place and all that lies below it. A place that begins with an unknown variable compares with its like alone."""

    place: Place
    writable: bool
    text: str = field(default="", compare=False)
    weight: Severity = field(default="high", compare=False)

    @classmethod
    def beyond(cls, some: Iterable[Self], others: frozenset[Self]) -> set[Self]:
        readable = PathSet(other.place for other in others)
        writable = PathSet(other.place for other in others if other.writable)
        return {one for one in some if not (writable if one.writable else readable).covers(one.place)}

    def __str__(self) -> str:
        return f"{self.text} {'rw' if self.writable else 'ro'}"


@dataclass(frozen=True, slots=True)
class Scope:
    """A scope at one place; `*` is every one. Another resource or issuer is another place, and nothing compares with it."""

    resource: str
    issuer: str
    name: str
    weight: Severity = field(default="high", compare=False)

    @classmethod
    def beyond(cls, some: Iterable[Self], others: frozenset[Self]) -> set[Self]:
        return {one for one in some if one not in others and cls(one.resource, one.issuer, "*") not in others}

    def __str__(self) -> str:
        at = self.resource or self.issuer
        name = "every scope" if self.name == "*" else self.name
        return f"{name} at {at}" if at else name


@dataclass(frozen=True, slots=True)
class Until:
    """A day in the notation of ISO 8601; a later one lets in an earlier one."""

    day: str
    weight: Severity = field(default="low", compare=False)

    @classmethod
    def beyond(cls, some: Iterable[Self], others: frozenset[Self]) -> set[Self]:
        last = max((other.day for other in others), default="")
        return {one for one in some if one.day > last}

    def __str__(self) -> str:
        return f"until {self.day}"
