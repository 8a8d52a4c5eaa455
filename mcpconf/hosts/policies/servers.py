"""A file of the administrator that brings servers itself.

Where its host reads no others beside it the file is a policy of its own; else it only keeps a user from putting something
else under the same name.
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
    only,
)
from mcpconf.model.base import Json
from mcpconf.model.desired import Edit


def _refused(server: Approved) -> str:  # noqa: ARG001 - it brings whole entries, with what the host fills in
    return ""


def _render(wanted: Wanted) -> tuple[Edit, ...]:
    return (Edit(wanted.policy.at, {item.launched.name: item.raw for item in wanted.approved}),)


def _read(wanted: Wanted, document: Json) -> Runs:
    if not isinstance(document, dict):
        raise UnsafePolicyError("it is no map")
    if wanted.policy.whole:
        only(document, (wanted.policy.at[0],), what="mcpconf did not write it")
    defined = definitions(wanted.row, document, wanted.policy.at)

    def runs(server: Launched) -> Launched | None:
        return defined.get(server.name, None if wanted.policy.exclusive else server)

    return runs


FORMAT = Format(_refused, _render, _read)
