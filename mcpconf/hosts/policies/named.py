"""The system's settings with the servers themselves, and `mcp.allowed` with their names.

The names alone would let anybody put something else under one; the definitions of the system win over a user's. An empty
list means that every server may run (mcp-client-manager.ts of 2026-08: `allowedNames.length > 0`), and so does one of a
wrong type.
"""

from __future__ import annotations

from mcpconf.hosts.policies.base import (
    Approved,
    Format,
    Launched,
    Runs,
    UnsafePolicyError,
    Wanted,
    definitions,
    texts,
    value_at,
)
from mcpconf.model.base import Json
from mcpconf.model.desired import Edit

_SERVERS, _ALLOWED = ("mcpServers",), ("mcp", "allowed")


def _refused(server: Approved) -> str:
    name = server.launched.name
    if name != name.strip() or name in ("", "*"):
        return "its name would mean something else in the list of names"
    return ""


def _render(wanted: Wanted) -> tuple[Edit, ...]:
    defined = {item.launched.name: item.raw for item in wanted.approved}
    return Edit(_SERVERS, defined), Edit(_ALLOWED, list(defined))


def _read(wanted: Wanted, document: Json) -> Runs:
    if not isinstance(document, dict):
        raise UnsafePolicyError("it is no map")
    where = ".".join(_ALLOWED)
    listed = value_at(document, _ALLOWED, list, what="every server runs")
    allowed = texts(listed, where=where, what="every server runs")
    if not allowed:
        raise UnsafePolicyError(f"`{where}` is empty, which means every server: approve one, or write no policy")
    if "*" in allowed:
        raise UnsafePolicyError(f"`{where}` holds `*`, which means every server")
    defined = definitions(wanted.row, document, _SERVERS)
    loose = sorted(set(allowed) - defined.keys())
    if loose:
        raise UnsafePolicyError(f"`{loose[0]}` is allowed and not defined: users define it")

    def runs(server: Launched) -> Launched | None:
        return defined[server.name] if server.name in allowed else None

    return runs


FORMAT = Format(_refused, _render, _read)
