"""What each host does with several entries of one name, asked of the rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from mcpconf.formats.path import after_put
from mcpconf.hosts.borrowing import borrowed
from mcpconf.hosts.calls import Naming
from mcpconf.hosts.dialect import decode_in_file
from mcpconf.hosts.effective import clashing, left_over, shadowed
from mcpconf.hosts.granting import Wanted, wordings
from mcpconf.hosts.grants import grants, said
from mcpconf.hosts.patterns import leads_to
from mcpconf.hosts.precedence import Granted, Unread, unread
from mcpconf.hosts.respelling import respelled
from mcpconf.hosts.tools import list_edits
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.address import Address
from mcpconf.model.base import Json, KeyPath
from mcpconf.model.desired import DesiredEntry, Edit
from mcpconf.model.observed import Grant, Observed, ObservedEntry, ObservedFile
from mcpconf.packages import recognise_entry
from mcpconf.ports import Facts
from mcpconf.reconcile.situation import Shadow


class RowRules:
    """The rules of this machine's hosts; files and approvals are those that were observed.

    `facts` are needed only to tell what an entry would bring along.
    """

    def __init__(self, rows: Mapping[str, HostRow], observed: Observed, facts: Facts | None = None) -> None:
        self._rows = rows
        self._facts = facts
        self._files: dict[str, list[ObservedFile]] = defaultdict(list)
        self._by_path: dict[str, list[ObservedFile]] = defaultdict(list)
        self._grants: dict[str, list[Grant]] = defaultdict(list)
        self._granted: dict[str, Granted] = {}
        self._others = observed.others
        self._read_only = [file for file in observed.files if not file.location.write]
        self._installed = [item.host for item in observed.hosts if item.installed]
        for file in observed.files:
            self._files[file.location.host].append(file)
            self._by_path[file.location.path].append(file)
        for grant in observed.grants:
            self._grants[grant.address.host].append(grant)

    def shadows(self, entries: Iterable[ObservedEntry], limited: frozenset[Address]) -> dict[Address, Shadow]:
        by_host: dict[str, dict[Address, ObservedEntry]] = defaultdict(dict)
        for entry in entries:
            by_host[entry.address.host][entry.address] = entry
        found: dict[Address, Shadow] = {}
        for host, rivals in self._rivals(by_host).items():
            own = by_host[host]
            files = {entry.address: entry.file.location.path for entry in (*own.values(), *rivals)}
            both = [*own.values(), *rivals]
            lost = shadowed(self._rows[host], both, self._files[host], self._grants[host], limited)
            for loser in lost.keys() & own.keys():
                winner = lost[loser]
                found[loser] = Shadow(winner, files.get(winner) or self._exclusive(host))
        return found

    def _rivals(self, own: Mapping[str, Mapping[Address, ObservedEntry]]) -> dict[str, list[ObservedEntry]]:
        """What a host reads of the same names beside its own servers: in files of other hosts, and what is no server here."""
        found: dict[str, list[ObservedEntry]] = {host: [] for host in own}
        names = {host: frozenset(address.server for address in entries) for host, entries in own.items()}
        every = [entry for entries in own.values() for entry in entries.values()]
        others = (replace(entry, problem=None) for entry in self._others)
        for entry in (*borrowed(self._rows, self._read_only, every, names), *others):
            address = entry.address
            if address.server in names.get(address.host, ()):
                taken = address in own[address.host]
                apart = replace(entry, address=replace(address, scope="legacy")) if taken else entry
                found[address.host].append(apart)
        return found

    def left_over(self, entries: Sequence[ObservedEntry], gone: Address) -> tuple[Address, ...]:
        return left_over(self._rows[gone.host], entries, gone)

    def clashing(self, entries: Sequence[ObservedEntry], changed: ObservedEntry) -> tuple[Address, ...]:
        return clashing(self._rows[changed.address.host], entries, changed)

    def unread(self, entry: ObservedEntry) -> Unread:
        host = entry.address.host
        if host not in self._granted:
            self._granted[host] = Granted(self._rows[host], self._grants[host])
        return unread(self._rows[host], entry, self._granted[host])

    def lost_with(self, host: str) -> Literal["entry", "file", "host"]:
        return self._rows[host].bad_entry

    def rank(self, address: Address, file: str) -> int:
        row = self._rows[address.host]
        ranked = [(place.scope or row.files[name].scope, name) for place in row.places for name in place.files]
        return ranked.index((address.scope, file))

    def runtime(self, host: str) -> frozenset[str]:
        return self._rows[host].dialect.runtime

    def brings(self, host: str, name: str) -> bool:
        row = self._rows.get(host)  # a program that keeps sign-ins is no host
        return row is not None and (name in row.names.reserved or row.names.brought.fullmatch(name) is not None)

    def identity(self, host: str, raw: Json) -> str:
        decoded = decode_in_file(self._rows[host], raw)
        return recognise_entry(decoded.entry).identity if decoded.problem is None else ""

    def readers(self, file: str, container: KeyPath) -> tuple[str, ...]:
        found = {item.location.host: item for item in self._by_path[file] if self._reads(item, container)}
        return tuple(host for host in self._installed if host in found)

    def _reads(self, item: ObservedFile, container: KeyPath) -> bool:
        row = self._rows[item.location.host]
        paths = [place.at for place in row.places if item.location.file in place.files]
        paths += [rule.at for rule in row.rules if item.location.file in rule.files]
        return any(leads_to(at[:-1], container) for at in paths)

    def approvals(self, desired: DesiredEntry) -> tuple[Grant, ...]:
        assert self._facts is not None
        row, name = self._rows[desired.address.host], desired.address.server
        value = after_put({}, desired.key_path, desired.encoded)
        file = ObservedFile(desired.location, present=True)
        return tuple(item for item in grants(row, self._facts, file, value, [name]) if item.depth)

    def beside(
        self, desired: DesiredEntry, tool: str, names: Collection[str], effect: Wanted = "auto"
    ) -> Iterator[Grant]:
        """Each is what the host would read back, so that none is written which lets something else act."""
        assert self._facts is not None
        row, name = self._rows[desired.address.host], desired.address.server
        for number, words in enumerate(wordings(row, name, tool, effect)):
            file = self._file_of(desired, words.files, first=number == 0)
            if file is None:
                continue
            value = after_put({}, words.path, words.value)
            for item in said(row, self._facts, file, value, {*names, name}):
                at = (item.key_path, item.effect, item.server)
                if at == (words.path, effect, name) and not item.readings:
                    yield item

    def _file_of(self, desired: DesiredEntry, ids: Sequence[str], *, first: bool) -> ObservedFile | None:
        """The file of the entry, else one that is there, else one that may be made: only for the first of a host's programs."""
        row, own = self._rows[desired.address.host], desired.location
        place = (own.scope, own.project)
        candidates = [
            file
            for file in self._files[row.id]
            if file.location.file in ids
            and file.location.write
            and file.problem is None
            and (file.location.scope, file.location.project) == place
        ]
        candidates.sort(key=lambda file: (file.location != own, not file.present, ids.index(file.location.file)))
        usable = (file for file in candidates if file.present or (first and row.files[file.location.file].create))
        return next(usable, None)

    def respelled(self, grant: Grant, name: str, others: Collection[str]) -> KeyPath | None:
        return respelled(self._rows[grant.address.host], grant, name, frozenset(others))

    def tool_edits(self, desired: DesiredEntry, raw: Json) -> dict[str, tuple[Edit, ...]]:
        return list_edits(self._rows[desired.address.host], desired.entry, raw)

    def naming(self, host: str) -> Naming:
        return self._rows[host].calls

    def _exclusive(self, host: str) -> str:
        """The file that rules alone where it is present."""
        files = self._rows[host].files
        return next(
            file.location.path for file in self._files[host] if file.present and files[file.location.file].exclusive
        )
