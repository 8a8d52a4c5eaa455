"""`[mcp_servers.NAME.identity]`: per name one `command` or one `url`; every other server is switched off.

The table alone makes the list, even an empty one. A name without an identity keeps the host from starting. Of a command
only the program is compared, never its arguments. A table of another name is no policy at all (run on Linux, 0.169.0).
"""

from __future__ import annotations

from collections.abc import Mapping

from mcpconf.hosts.policies.base import (
    Approved,
    Format,
    Launched,
    Runs,
    UnsafePolicyError,
    Wanted,
    refused_if_open,
    value_at,
)
from mcpconf.model.base import Json
from mcpconf.model.desired import Edit

_TABLE, _IDENTITY = "mcp_servers", "identity"


def _render(wanted: Wanted) -> tuple[Edit, ...]:
    listed = {item.launched.name: {_IDENTITY: _identity(item.launched)} for item in wanted.approved}
    return (Edit((_TABLE,), listed),)


def _identity(server: Launched) -> dict[str, str]:
    return {"url": server.url} if server.url else {"command": server.command[0]}


def _read(_wanted: Wanted, document: Json) -> Runs:
    if not isinstance(document, dict):
        raise UnsafePolicyError("it is no table")
    listed = value_at(document, (_TABLE,), dict, what="every server runs")
    known = {name: _checked(name, item) for name, item in listed.items()}

    def runs(server: Launched) -> Launched | None:
        identity = known.get(server.name)
        return server if identity is not None and identity == _identity(server) else None

    return runs


def _checked(name: str, item: Json) -> Mapping[str, str]:
    identity = item.get(_IDENTITY) if isinstance(item, dict) else None
    if not isinstance(identity, dict) or len(item) != 1:
        raise UnsafePolicyError(
            f"`{_TABLE}.{name}` must have `{_IDENTITY}` and nothing else: its host refuses to start"
        )
    if len(identity) != 1 or not {"command", "url"} >= identity.keys():
        raise UnsafePolicyError(f"`{_TABLE}.{name}.{_IDENTITY}` must have one `command` or one `url`")
    if not all(isinstance(text, str) and text for text in identity.values()):
        raise UnsafePolicyError(f"`{_TABLE}.{name}.{_IDENTITY}` holds no text")
    return identity


def _refused(server: Approved) -> str:
    """Arguments may be open: nobody compares them."""
    return refused_if_open(server) if server.launched.url else ""


FORMAT = Format(_refused, _render, _read)
