"""Whom a host talks to by files of a project, and which servers may ask its model: words that are about no server's own entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mcpconf.hosts.patterns import Found, effect, find
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.address import GrantAddress
from mcpconf.model.base import ABSENT, Element, Json
from mcpconf.model.observed import Endpoint, Location, ObservedFile, Sampling
from mcpconf.packages import url_identity


def endpoints(row: HostRow, file: ObservedFile, parsed: Json) -> Iterator[Endpoint]:
    """What a user says in files of their own is theirs to say."""
    location = file.location
    if not location.project or location.scope not in ("project", "local"):
        return
    for found in _found(row, location, parsed, "endpoint"):
        if isinstance(found.value, str) and found.value:
            url = url_identity(found.value).removeprefix("url:")
            yield Endpoint(_address(row, location, found), file, found.path, url)


def sampling(row: HostRow, file: ObservedFile, parsed: Json, servers: Iterable[str]) -> Iterator[Sampling]:
    """Of one text that may name several servers the known ones, else the one by its first reading."""
    known = frozenset(servers)
    by_place: dict[GrantAddress, list[Found]] = {}
    for found in _found(row, file.location, parsed, "sample"):
        by_place.setdefault(_address(row, file.location, found), []).append(found)
    for address, readings in by_place.items():
        meant = [item for item in readings if item.bindings["server"] in known] or readings
        yield Sampling(address, file, meant[0].path, meant[0].bindings["server"])


def _found(row: HostRow, location: Location, parsed: Json, word: str) -> Iterator[Found]:
    """Nothing in a file that is not understood: its value is absent then."""
    for rule in row.rules if parsed is not ABSENT else ():
        if word in rule.effect.values() and location.file in rule.files:
            for found in find(rule.at, parsed):
                if isinstance(found, Found) and effect(rule, found) == word:
                    yield found


def _address(row: HostRow, location: Location, found: Found) -> GrantAddress:
    key = tuple(f"={step.value}" if isinstance(step, Element) else str(step) for step in found.path)
    return GrantAddress(row.id, location.scope, location.project, location.file, key)
