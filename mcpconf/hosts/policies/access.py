"""A device policy that keeps an editor to the servers of one registry, by their names.

Values as in policyData.jsonc of the editor's source, 2026-10: `ChatMCP` is `none`, `registry` or `all`; a word that it does
not know counts as no policy. Whoever edits the host's own file puts what they like under a name of the registry.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from mcpconf.hosts.policies.base import (
    Approved,
    Format,
    Launched,
    Runs,
    UnsafePolicyError,
    Wanted,
    value_at,
)
from mcpconf.model.base import Json
from mcpconf.model.desired import Edit

_ACCESS, _REGISTRY = "ChatMCP", "McpGalleryServiceUrl"


def _refused(server: Approved) -> str:  # noqa: ARG001 - the registry says what a server is
    return ""


def _render(wanted: Wanted) -> tuple[Edit, ...]:
    if not wanted.approved:
        return (Edit((_ACCESS,), "none"),)
    return Edit((_ACCESS,), "registry"), Edit((_REGISTRY,), wanted.registry)


def _read(wanted: Wanted, document: Json) -> Runs:
    if not isinstance(document, dict):
        raise UnsafePolicyError("it is no map")
    access = value_at(document, (_ACCESS,), str, what="every server runs")
    if access == "none":
        return lambda _server: None
    if access != "registry":
        raise UnsafePolicyError(f"`{_ACCESS}` is `{access}`: every server runs")
    address = urlsplit(value_at(document, (_REGISTRY,), str, what="every server of the public registry runs"))
    if address.scheme != "https" or not address.hostname:
        raise UnsafePolicyError(f"`{_REGISTRY}` is no address with `https`: the public registry counts")
    names = {item.launched.name for item in wanted.approved}

    def runs(server: Launched) -> Launched | None:
        return server if server.name in names else None

    return runs


FORMAT = Format(_refused, _render, _read)
