"""Read every file that may hold a server or an approval, once, and say what is in it. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from mcpconf.errors import Problem, Where
from mcpconf.formats import FORMATS, FormatError, decode_text
from mcpconf.formats.base import Parsed
from mcpconf.hosts.borrowing import lent, of_hosts_here, owned
from mcpconf.hosts.conversing import endpoints, sampling
from mcpconf.hosts.decoding import Decoded, decode
from mcpconf.hosts.dialect import decode_in_file
from mcpconf.hosts.effective import set_apart
from mcpconf.hosts.flaws import bug, duplicate, unreadable, with_line, with_problem
from mcpconf.hosts.grants import in_entries, said, with_approvals
from mcpconf.hosts.listed import listed
from mcpconf.hosts.places import absolute, locations, present
from mcpconf.hosts.roots import opened, worktrees
from mcpconf.hosts.servers import Server, Servers, entries, is_judged, projects
from mcpconf.hosts.signins import Owners, SignedIn, SignIns, owner_of_entry, sign_ins
from mcpconf.hosts.stores.items import kept
from mcpconf.hosts.switches import obeyed, switches
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.address import NAMED, PLUGIN, Address, GrantAddress
from mcpconf.model.base import ABSENT, Json
from mcpconf.model.observed import (
    LIMITING,
    WIDENING,
    Grant,
    HostPresence,
    Location,
    Observed,
    ObservedEntry,
    ObservedFile,
    Switch,
)
from mcpconf.model.state import State
from mcpconf.packages import recognise_entry
from mcpconf.ports import Machine, Snapshot

MAXIMUM_PROJECTS = 5000


def applied_folders(state: State) -> tuple[str, ...]:
    """Projects in which something of ours lies or must be gone, also where the manifest does not name them any more."""
    marks = [*state.ended, *(mark for item in state.revoked for mark in item.marks)]
    texts = [*state.entries, *(mark.address for mark in marks), *state.grants]
    found = (GrantAddress.parse(text) if text.startswith("grant:") else Address.parse(text) for text in texts)
    return tuple(dict.fromkeys(item.project for item in found if item.project and item.scope not in NAMED))


def observe(
    machine: Machine,
    rows: Mapping[str, HostRow],
    folders: Sequence[str],
    servers: Mapping[str, frozenset[str]] | None = None,
    signed_in: SignedIn | None = None,
) -> Observed:
    """`folders` are the projects that the manifest names; those that the hosts themselves list are added.

    `servers` are names per host that approvals may be about, beside those of the entries that are found. `signed_in`: what
    else is asked about sign-ins.
    """
    return _Observer(machine, rows).run(folders, servers or {}, signed_in or SignedIn())


class _Observer:
    def __init__(self, machine: Machine, rows: Mapping[str, HostRow]) -> None:
        self.machine = machine
        self.rows = rows
        self.read: dict[tuple[str, str, str], _Opened] = {}
        self.problems: dict[str, Problem] = {}
        self.parsed: dict[tuple[str, str], Parsed] = {}
        self.known: dict[tuple[str, str], tuple[Decoded, str]] = {}
        self.tops: dict[str, frozenset[str] | None] = {}

    def run(self, folders: Sequence[str], named: Mapping[str, frozenset[str]], signed_in: SignedIn) -> Observed:
        known = self._known_projects(folders)
        found: list[tuple[HostRow, ObservedFile, Json]] = []
        servers, others = list[ObservedEntry](), list[ObservedEntry]()
        for row in self.rows.values():
            own, start = list[ObservedEntry](), len(found)
            for location in self._locations(row, known):
                file, value, inside = self._open(row, location)
                decoded = self._decode(row, file, inside)
                if isinstance(decoded, Problem):
                    file = with_problem(file, decoded)
                else:
                    own += decoded.found
                    others += decoded.others
                found.append((row, file, value))
            servers += set_apart(row, own, [file for _, file, _ in found[start:]])
        hosts = tuple(self._presence(row) for row in self.rows.values())
        servers = list(of_hosts_here(servers, hosts, named))
        names: dict[str, set[str]] = {host: set(known) for host, known in named.items()}
        for entry in servers:
            names.setdefault(entry.address.host, set()).add(entry.address.server)
        known_names = {host: frozenset(each) for host, each in names.items()}
        words = tuple(
            item
            for row, file, value in found
            for item in self._said(row, file, value, known_names.get(row.id, frozenset()))
        )
        granted = [item for item in words if item.effect in WIDENING]
        signed = self._sign_ins(servers, hosts, signed_in)
        return Observed(
            entries=tuple(with_approvals(owned(servers), granted)),
            others=tuple(others),
            grants=(*lent(in_entries(granted, servers), hosts), *(grant for each in signed for grant in each.grants)),
            limits=tuple(item for item in words if item.effect in LIMITING and not item.depth),
            switches=tuple(self._switches(found, granted)),
            endpoints=tuple(item for opened in found for item in endpoints(*opened)),
            sampling=tuple(item for opened in found for item in sampling(*opened, known_names.get(opened[0].id, ()))),
            vanished=frozenset(self._vanished(granted)),
            files=tuple(file for _, file, _ in found),
            stores=tuple(file for each in signed for file in each.files),
            hosts=hosts,
            projects=known,
            problems=tuple(self.problems.values()),
        )

    def _sign_ins(
        self, servers: Sequence[ObservedEntry], hosts: Sequence[HostPresence], asked: SignedIn
    ) -> list[SignIns]:
        """Of hosts that are not installed nothing is opened."""
        here = [self.rows[host.host] for host in hosts if host.installed and self.rows[host.host].stores]
        there = (owner for entry in servers if (owner := owner_of_entry(entry)) is not None)
        owners = Owners((*there, *asked.owners))
        ask = partial(sign_ins, facts=self.machine.facts, files=self.machine.files, names=self._names, owners=owners)
        return [*map(ask, here), *map(ask, asked.keepers)]

    def _presence(self, row: HostRow) -> HostPresence:
        paths = present(row, self.machine.facts, self._names)
        return HostPresence(row.id, any(self.machine.files.exists(path) for path in paths), paths)

    def _known_projects(self, folders: Sequence[str]) -> tuple[str, ...]:
        known = dict.fromkeys(absolute(folder, self.machine.facts) for folder in folders)
        for row in self.rows.values():
            for location in locations(row, self.machine.facts, (), self._names):
                file, value, _ = self._open(row, location)
                if file.problem is None and file.present:
                    known |= dict.fromkeys(projects(row, self.machine.facts, location, value))
            known |= dict.fromkeys(opened(row, self.machine, self._names, self.problems))
        known |= dict.fromkeys(worktrees([*known], self.machine.files))
        if len(known) > MAXIMUM_PROJECTS:
            message = f"{len(known):,} projects are known here; only the first {MAXIMUM_PROJECTS:,} were looked at"
            self.problems[""] = Problem(
                "oversized", message, None, "name the others under `projects`, or forget old ones"
            )
        return tuple(known)[:MAXIMUM_PROJECTS]

    def _locations(self, row: HostRow, known: Sequence[str]) -> tuple[Location, ...]:
        there = locations(row, self.machine.facts, known, self._names)
        told = [(location, self._open(row, location).value) for location in there]
        return (*there, *listed(row, self.machine.facts, told, known, self._names))

    def _names(self, folder: str) -> tuple[str, ...]:
        answer = self.machine.files.names(folder)
        if isinstance(answer, Problem):
            self.problems[folder] = answer
        return () if isinstance(answer, Problem) else answer

    def _open(self, row: HostRow, location: Location) -> _Opened:
        key = (row.id, location.file, location.path)
        if key not in self.read:
            self.read[key] = self._load(row, location)
        return self.read[key]

    def _load(self, row: HostRow, location: Location) -> _Opened:
        if location.format == "sqlite":
            return _Opened(*kept(self.machine.files, row, location))
        folder = absolute(location.project, self.machine.facts) if location.project else ""
        within = folder if folder and location.path.startswith(folder + "/") else ""
        if within and not self._may_be_there(within, location.path):
            return _Opened(ObservedFile(location))
        snapshot = self.machine.files.read(location.path, within)
        if snapshot is None:
            return _Opened(ObservedFile(location))
        if isinstance(snapshot, Problem):
            return _Opened(ObservedFile(location, snapshot, present=True))
        try:
            return self._understood(row, location, snapshot)
        except FormatError as error:
            where = Where(location.path, error.line, error.column)
            problem = Problem(error.kind, error.message, where, error.hint)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a bug, and the file is unknown
            problem = bug("it could not be read", location, error)
        return _Opened(unreadable(location, snapshot, problem))

    def _may_be_there(self, folder: str, path: str) -> bool:
        """A project has few of the files that hosts would read in it: one look at its folder spares many at its files."""
        if folder not in self.tops:
            names = self.machine.files.names(folder)
            self.tops[folder] = None if isinstance(names, Problem) else frozenset(map(str.casefold, names))
        tops = self.tops[folder]
        return tops is None or path[len(folder) + 1 :].partition("/")[0].casefold() in tops

    def _understood(self, row: HostRow, location: Location, snapshot: Snapshot) -> _Opened:
        """Raises FormatError."""
        text = decode_text(snapshot.data)
        parsed = self._parse(location.format, text)
        judged = next((item for item in parsed.duplicates if is_judged(row, location, (*item.path, item.key))), None)
        if judged is not None:
            return _Opened(unreadable(location, snapshot, duplicate(location, judged)))
        servers = entries(row, self.machine.facts, location, parsed.value)
        file = ObservedFile(
            location,
            present=True,
            resolved=snapshot.resolved,
            mode=snapshot.mode,
            owner=snapshot.owner,
            containers=servers.containers,
            text=text,
        )
        if servers.problems:
            file = with_problem(file, with_line(servers.problems[0], servers.flaws[0], file))
        return _Opened(file, parsed.value, servers)

    def _parse(self, notation: str, text: str) -> Parsed:
        """Several hosts read one file, and many projects have the same one. Raises FormatError."""
        if (notation, text) not in self.parsed:
            blank = not text.strip("\ufeff \t\r\n")
            self.parsed[notation, text] = Parsed(ABSENT, ()) if blank else FORMATS[notation].parse(text)
        return self.parsed[notation, text]

    def _decode(self, row: HostRow, file: ObservedFile, servers: Servers) -> _Decoded | Problem:
        """One host that we fail to understand must not hide the others."""
        if file.problem is not None or not (servers.found or servers.others):
            return _Decoded()
        try:
            found = [self._decoded(row, file, server) for server in servers.found]
            return _Decoded(found, [self._decoded(row, file, server) for server in servers.others])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a bug, and the file is unknown
            return bug("its entries could not be decoded", file.location, error)

    def _decoded(self, row: HostRow, file: ObservedFile, server: Server) -> ObservedEntry:
        """Equal entries of one host are decoded once; their spelling tells them apart, to the order of their keys.

        One that a plugin brings is refused alone.
        """
        alone = file.location.scope == PLUGIN
        spelling = (row.id, f"{alone} {server.raw!r}")
        if spelling not in self.known:
            decoded = (decode if alone else decode_in_file)(row, server.raw)
            self.known[spelling] = decoded, recognise_entry(decoded.entry).identity
        decoded, identity = self.known[spelling]
        return ObservedEntry(
            address=server.address,
            entry=decoded.entry,
            raw=server.raw,
            identity=identity,
            file=file,
            key_path=server.key_path,
            rank=server.rank,
            foreign=decoded.foreign,
            runtime=decoded.runtime,
            nested=decoded.nested,
            problem=decoded.problem,
        )

    def _said(self, row: HostRow, file: ObservedFile, value: Json, names: Iterable[str]) -> Iterator[Grant]:
        if file.problem is None and value is not ABSENT:
            yield from said(row, self.machine.facts, file, value, names)

    def _vanished(self, granted: Iterable[Grant]) -> Iterator[str]:
        """Folders that are trusted and not there; one in which something is there was seen already."""
        trusted = {grant.address.project for grant in granted if grant.effect == "trust"} - {""}
        for folder in sorted(trusted):
            path = absolute(folder, self.machine.facts)
            if not self.tops.get(path) and not self.machine.files.exists(path):
                yield folder

    def _switches(
        self, found: Sequence[tuple[HostRow, ObservedFile, Json]], granted: Sequence[Grant]
    ) -> Iterator[Switch]:
        here: dict[str, list[Switch]] = {}
        for row, file, value in found:
            if file.problem is None:
                here.setdefault(row.id, []).extend(switches(row, self.machine.facts, file, value))
        for host, own in here.items():
            if own:
                yield from obeyed(self.rows[host], own, (item for item in granted if item.address.host == host))


class _Opened(NamedTuple):
    """A file of one host, its parsed value (ABSENT for an empty file), and the servers in it."""

    file: ObservedFile
    value: Json = ABSENT
    servers: Servers = Servers()


class _Decoded(NamedTuple):
    """The entries of one file; `others` are no servers of a command or address."""

    found: Sequence[ObservedEntry] = ()
    others: Sequence[ObservedEntry] = ()
