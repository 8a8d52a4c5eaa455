"""Names that a host takes for a server, and the form they take in its rules."""

from __future__ import annotations

import re
from functools import lru_cache

from mcpconf.hosts.vocabulary import HostRow

CANNOT_NAME = "MCP006"
"""What is reported where a host does not take the name of a server; a rule, for it can be told without a machine."""


def cannot_name(row: HostRow, name: str) -> tuple[str, ...]:
    """Why the host would not take a server of this name; empty if it would."""
    if name in row.names.reserved:
        return (f"the name `{name}` is reserved by it",)
    if not row.names.accepts.fullmatch(name):
        return (f"it takes no server named `{name}`",)
    return ()


def misnamed(row: HostRow, server: str, name: str) -> str:
    """The same of a server of the manifest, in a sentence; empty if the host would take it."""
    reasons = cannot_name(row, name)
    return f"{row.title} cannot take `{server}`: {'; '.join(reasons)}" if reasons else ""


def one_name_for_two(host: str, servers: tuple[str, str], name: str) -> str:
    return f"`{servers[0]}` and `{servers[1]}` have one name in `{host}`: `{name}`"


def another_name(host: str, server: str) -> str:
    return f"give it another name there, with `servers.{server}.hosts.{host}.name`"


def normalised(row: HostRow, name: str) -> str:
    """The name as it stands in the host's rules for tools."""
    names = row.names
    name = _class(f"[{names.drop}]").sub("", name) if names.drop else name
    name = _class(f"[^{names.keep}]").sub("_", name) if names.keep else name
    return name.lower() if names.lower else name


@lru_cache(maxsize=64)
def _class(text: str) -> re.Pattern[str]:
    return re.compile(text)
