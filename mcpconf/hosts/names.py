"""Names that a host takes for a server, and the form they take in its rules."""

from __future__ import annotations

import re
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
    names = row.names
    name = _class(f"[{names.drop}]").sub("", name) if names.drop else name
    name = _class(f"[^{names.keep}]").sub("_", name) if names.keep else name
    return name.lower() if names.lower else name


@lru_cache(maxsize=64)
def _class(text: str) -> re.Pattern[str]:
    return re.compile(text)
