"""Names that a host takes for a server, and names that become one and the same in its rules."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from mcpconf.hosts.vocabulary import HostRow


def cannot_name(row: HostRow, name: str) -> tuple[str, ...]:
    """Why the host would not take a server of this name; empty if it would."""
    if name in row.names.reserved:
        return (f"the name `{name}` is reserved by it",)
    if not row.names.accepts.fullmatch(name):
        return (f"it takes no server named `{name}`",)
    return ()


def normalised(row: HostRow, name: str) -> str:
    """The name as it stands in the host's rules for tools."""
    return _others(row.names.keep).sub("_", name) if row.names.keep else name


def collisions(row: HostRow, names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Groups of names that the host's rules cannot tell apart."""
    groups: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        groups.setdefault(normalised(row, name), []).append(name)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


@lru_cache(maxsize=64)
def _others(keep: str) -> re.Pattern[str]:
    return re.compile(f"[^{keep}]")
