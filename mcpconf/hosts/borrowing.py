"""Entries of a file that several hosts read: whose they are, and as what the others have them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from mcpconf.hosts.dialect import decode_in_file
from mcpconf.hosts.patterns import leads_to
from mcpconf.hosts.vocabulary import HostRow, Place
from mcpconf.model.address import Address
from mcpconf.model.base import KeyPath
from mcpconf.model.observed import Grant, HostPresence, ObservedEntry, ObservedFile


def owned(entries: Sequence[ObservedEntry]) -> Iterator[ObservedEntry]:
    """Entries of hosts whose file it is to write; those of hosts that only read it where there is no other."""
    written = {_spot(entry) for entry in entries if entry.file.location.write}
    for entry in entries:
        if entry.file.location.write or _spot(entry) not in written:
            yield entry


def of_hosts_here(
    entries: Sequence[ObservedEntry], hosts: Iterable[HostPresence], named: Mapping[str, frozenset[str]]
) -> Iterator[ObservedEntry]:
    """Where several hosts may write a file, entries of those that are installed, or else of the first.

    Servers that are `named` for a host are kept for it, installed or not.
    """
    here = {host.host for host in hosts if host.installed}
    owner: dict[tuple[str, KeyPath], str] = {}
    for entry in sorted(entries, key=lambda entry: entry.address.host not in here):
        if entry.file.location.write:
            owner.setdefault(_spot(entry), entry.address.host)
    for entry in entries:
        host, server = entry.address.host, entry.address.server
        if host in here or server in named.get(host, ()) or owner.get(_spot(entry), host) == host:
            yield entry


def lent(granted: Iterable[Grant], hosts: Iterable[HostPresence]) -> Iterator[Grant]:
    """Approvals that know who else reads them. Of hosts that are not installed none that is another's."""
    here = {host.host for host in hosts if host.installed}
    spots: dict[tuple[str, KeyPath, str], list[Grant]] = defaultdict(list)
    for grant in granted:
        spots[grant.file.location.path, grant.key_path, grant.effect].append(grant)
    for together in spots.values():
        owner = next((grant for grant in together if grant.file.location.write), together[0])
        others = [grant for grant in together if grant is not owner and grant.address.host in here]
        yield replace(owner, readers=tuple(grant.address.host for grant in others))
        yield from (replace(grant, lent=owner.address.host) for grant in others)


def _spot(entry: ObservedEntry) -> tuple[str, KeyPath]:
    return entry.file.location.path, entry.key_path


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
