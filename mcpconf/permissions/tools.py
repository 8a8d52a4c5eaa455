"""Which tools a server may call, and which without asking."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.model.entry import Entry
from mcpconf.model.tools import EVERY
from mcpconf.permissions.change import PrivilegeChange, gained, lost

UNREADABLE = ("not understood",)


def tool_changes(before: Entry, after: Entry) -> tuple[PrivilegeChange, ...]:
    """What may be called more or less, and what is asked for less or more often."""
    return (*_callable(before, after), *_approved(before, after))


def _callable(before: Entry, after: Entry) -> Iterator[PrivilegeChange]:
    if before.call is None and after.call is not None:
        yield lost("tools", f"every tool  ->  {_listed(after.call)}")
    elif before.call is not None and after.call is None:
        yield gained("tools", "high", f"{_listed(before.call)}  ->  every tool")
    else:
        old, new = set(before.call or ()), set(after.call or ())
        yield from (gained("tools", "medium", f"+ {name}") for name in sorted(new - old))
        yield from (lost("tools", f"- {name}") for name in sorted(old - new))
    old, new = set(_told(before.without)), set(_told(after.without))
    yield from (lost("tools", f"never {name}") for name in sorted(new - old))
    yield from (gained("tools", "medium", f"no longer never {name}") for name in sorted(old - new))


def _approved(before: Entry, after: Entry) -> Iterator[PrivilegeChange]:
    old, new = set(_told(before.auto)), set(_told(after.auto))
    for name in sorted(new - old):
        yield gained("approval", "critical" if name == EVERY else "high", f"+ {approval(name)}")
    yield from (lost("approval", f"- {approval(name)}") for name in sorted(old - new))


def approval(name: str) -> str:
    """What an approval of a tool means."""
    return f"runs {'every tool' if name == EVERY else name} without asking"


def _told(names: tuple[str, ...] | None) -> tuple[str, ...]:
    return UNREADABLE if names is None else names


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "no tool"
