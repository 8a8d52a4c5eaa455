"""Entries of a file that is one host's to write, as another host that only reads the file has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from mcpconf.hosts.dialect import decode_in_file
from mcpconf.hosts.patterns import leads_to
from mcpconf.hosts.vocabulary import HostRow, Place
from mcpconf.model.address import Address
from mcpconf.model.base import KeyPath
from mcpconf.model.observed import ObservedEntry, ObservedFile


def borrowed(
    rows: Mapping[str, HostRow],
    files: Iterable[ObservedFile],
    entries: Collection[ObservedEntry],
    names: Mapping[str, frozenset[str]] | None = None,
) -> Iterator[ObservedEntry]:
    """Each entry once more per host that reads its file without writing it. `names`: only servers of these, per host."""
    readers: dict[str, list[ObservedFile]] = defaultdict(list)
    for file in files:
        if not file.location.write:
            readers[file.location.path].append(file)
    own = {(entry.address.host, entry.file.location.path, entry.key_path) for entry in entries}
    for entry in entries:
        for file in readers.get(entry.file.location.path, ()):
            host = file.location.host
            known = (host, file.location.path, entry.key_path) in own
            if not known and (names is None or entry.address.server in names.get(host, ())):
                yield from _as_read_by(rows[host], file, entry)


def _as_read_by(row: HostRow, file: ObservedFile, entry: ObservedEntry) -> Iterator[ObservedEntry]:
    location, first = file.location, 0
    for place in row.places:
        if location.file in place.files and _leads_to(place, entry.key_path):
            scope = place.scope or location.scope
            found = decode_in_file(row, entry.raw)
            yield replace(
                entry,
                address=Address(row.id, scope, location.project, entry.address.server),
                entry=found.entry,
                file=replace(entry.file, location=location),
                rank=first + place.files.index(location.file),
                foreign=found.foreign,
                runtime=found.runtime,
                problem=found.problem,
                nested=found.nested,
                approvals=(),
            )
        first += len(place.files)


def _leads_to(place: Place, path: KeyPath) -> bool:
    return leads_to(place.at[:-1], path[:-1])
