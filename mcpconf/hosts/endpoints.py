"""Addresses in files of projects that a host sends its conversations to, or by way of."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.hosts.patterns import Found, find
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.address import GrantAddress
from mcpconf.model.base import ABSENT, Element, Json
from mcpconf.model.observed import Endpoint, ObservedFile
from mcpconf.packages import url_identity

_EFFECT = "endpoint"


def endpoints(row: HostRow, file: ObservedFile, parsed: Json) -> Iterator[Endpoint]:
    """What a user says in files of their own is theirs to say."""
    location = file.location
    if parsed is ABSENT or not location.project or location.scope not in ("project", "local"):
        return
    for rule in row.rules:
        if _EFFECT not in rule.effect.values() or location.file not in rule.files:
            continue
        for found in find(rule.at, parsed):
            if isinstance(found, Found) and isinstance(found.value, str) and found.value:
                key = tuple(f"={step.value}" if isinstance(step, Element) else str(step) for step in found.path)
                address = GrantAddress(row.id, location.scope, location.project, location.file, key)
                yield Endpoint(address, file, found.path, url_identity(found.value).removeprefix("url:"))
