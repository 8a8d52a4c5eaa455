"""`mcpPolicy`: a switch, and one list of texts that are compared with the program of a command or with the whole address.

Neither names nor arguments count, and `*` matches nothing. An item that is no text makes the vendor drop the whole policy
(run on Linux, 0.215.0).
"""

from __future__ import annotations

from mcpconf.hosts.policies.base import (
    Approved,
    Format,
    Launched,
    Runs,
    UnsafePolicyError,
    Wanted,
    only,
    refused_if_open,
    texts,
    value_at,
)
from mcpconf.model.base import Json
from mcpconf.model.desired import Edit

_POLICY, _ENABLED, _LIST = "mcpPolicy", "enabled", "allowlist"


def _compared(server: Launched) -> str:
    return server.url or server.command[0]


def _render(wanted: Wanted) -> tuple[Edit, ...]:
    listed = list(dict.fromkeys(_compared(item.launched) for item in wanted.approved))
    return (Edit((_POLICY,), {_ENABLED: True, _LIST: listed}),)


def _read(_wanted: Wanted, document: Json) -> Runs:
    if not isinstance(document, dict):
        raise UnsafePolicyError("it is no map")
    policy = value_at(document, (_POLICY,), dict, what="every server runs")
    only(policy, (_ENABLED, _LIST), what="its host may drop the policy because of it")
    if value_at(document, (_POLICY, _ENABLED), bool, what="every server runs") is not True:
        raise UnsafePolicyError(f"`{_POLICY}.{_ENABLED}` is false: every server runs")
    where = f"{_POLICY}.{_LIST}"
    listed = texts(
        value_at(document, (_POLICY, _LIST), list, what="every server runs"), where=where, what="every server runs"
    )
    if not listed:
        raise UnsafePolicyError(f"`{where}` is empty, and nobody knows that its host takes that for nothing")

    def runs(server: Launched) -> Launched | None:
        return server if _compared(server) in listed else None

    return runs


def _refused(server: Approved) -> str:
    """Arguments may be open: nobody compares them."""
    return refused_if_open(server) if server.launched.url else ""


FORMAT = Format(_refused, _render, _read, by_name=False)
