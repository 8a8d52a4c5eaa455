"""Entries in texts that no host reads: copies of its files, and what is commented out in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from mcpconf.errors import Problem
from mcpconf.formats.base import pointer
from mcpconf.hosts.dialect import decode_in_file
from mcpconf.hosts.servers import entries
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.base import Json, Step
from mcpconf.model.entry import Entry
from mcpconf.model.observed import Location
from mcpconf.packages import recognise_entry
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.looking import Surroundings, maps, parsed


class Held(NamedTuple):
    """`at` is the pointer to the entry."""

    gone: Gone
    at: str


def held(
    around: Surroundings, location: Location, path: str, text: str, wanted: Sequence[Gone]
) -> list[Held] | Problem:
    """What a copy of a host's file has of all that is gone, read as the file itself would be."""
    value = parsed(text, location.format, path)
    if isinstance(value, Problem):
        return value
    row = around.rows[location.host]
    found = entries(row, around.machine.facts, replace(location, path=path), value)
    return [
        Held(item, pointer(server.key_path))
        for server in found.found
        if (item := meant(around, row, server.raw, wanted)) is not None
    ]


def somewhere(around: Surroundings, row: HostRow, value: Json, wanted: Sequence[Gone]) -> Iterator[Held]:
    """What any map in a value is, read as an entry of a host."""
    for path, node in maps(value):
        item = meant(around, row, node, wanted)
        if item is not None:
            steps: tuple[Step | int, ...] = path
            yield Held(item, pointer(steps))


def meant(around: Surroundings, row: HostRow, raw: Json, wanted: Sequence[Gone]) -> Gone | None:
    entry = decode_in_file(row, raw).entry
    identity = recognise_entry(entry).identity
    return next((item for item in wanted if item.is_it(identity, _digest(around, entry))), None) if identity else None


def _digest(around: Surroundings, entry: Entry) -> str:
    return around.digest([str(value) for value in entry.argv])
