"""What the hosts of a machine really run, said without secrets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mcpconf.documents.checking import did_you_mean
from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.hosts.borrowing import borrowed
from mcpconf.hosts.effective import set_apart
from mcpconf.hosts.places import spelled
from mcpconf.hosts.running import Beside, Idle, Running, running
from mcpconf.hosts.signins import SignedIn
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.base import Json
from mcpconf.model.effective import (
    EffectiveFolder,
    EffectiveHost,
    EffectiveReport,
    EffectiveServer,
    EntryPlace,
    IdleEntry,
)
from mcpconf.model.entry import FIELDS_OF_TOOLS
from mcpconf.model.observed import Observed, ObservedEntry, ObservedFile
from mcpconf.observe import applied_folders, observe
from mcpconf.ports import Machine
from mcpconf.reconcile.display import Display
from mcpconf.reconcile.hiding import scrubber_of
from mcpconf.reconcile.merging import RowRules
from mcpconf.reconcile.places import line_of, place
from mcpconf.report.data import problem_data
from mcpconf.secrets import Scrubber
from mcpconf.system.sources import bundled_rows
from mcpconf.version import __version__

_WORDS = {
    "same": "another entry says the same and is read first",
    "shadowed": "another entry wins over it",
    "exclusive": "the host reads no server beside that file",
    "not_trusted": "the project is not trusted",
    "not_approved": "it is not approved",
    "not_chosen": "only in its profile",
    "switched_off": "it is kept off elsewhere",
    "refused": "the host takes no such address here",
    "broken_file": "the host refuses another entry of the file, and all of it",
    "broken_host": "the host refuses another entry, and all its configuration",
}


def effective(machine: Machine, folders: Sequence[str] = (), host: str = "") -> tuple[EffectiveReport, Scrubber]:
    """Of every host that is here, or of one. Reads only. Raises McpconfError (exit 64) for a host that is not known."""
    rows = bundled_rows()
    if host:
        known(rows, host)
    machine, observed = looked_at(machine, folders)
    survey = _Survey(machine, rows, observed)
    there = [item.host for item in observed.hosts if (item.host == host if host else item.installed)]
    hosts = [survey.host(name) for name in there]
    complete = not any(item.unread for item in hosts)
    report = EffectiveReport(
        mcpconf_version=__version__,
        hosts=hosts,
        complete=complete,
        exit_code=int(ExitCode.SUCCESS if complete else ExitCode.INCOMPLETE),
    )
    return report, scrubber_of(entry.entry for entry in (*observed.entries, *survey.others))


def known(rows: Mapping[str, HostRow], host: str) -> HostRow:
    if host not in rows:
        hint = did_you_mean(host, rows) or "`mcpconf hosts` lists them"
        raise McpconfError(ExitCode.USAGE, Problem("usage", f"there is no host `{host}`", None, hint))
    return rows[host]


def looked_at(machine: Machine, folders: Sequence[str], signed_in: SignedIn | None = None) -> tuple[Machine, Observed]:
    """What is there, in these projects too and in those that something of ours lies in."""
    machine = replace(machine, files=machine.files.still())
    state, _ = Store.of(machine).load()
    return machine, observe(machine, bundled_rows(), [*folders, *applied_folders(state)], signed_in=signed_in)


class Readings:
    """Per host, every entry that it reads: in its own files, and in those of other hosts."""

    def __init__(self, rows: Mapping[str, HostRow], observed: Observed) -> None:
        self.files: dict[str, list[ObservedFile]] = defaultdict(list)
        for file in observed.files:
            self.files[file.location.host].append(file)
        self.foreign = tuple(borrowed(rows, observed.files, observed.entries))
        found: dict[str, list[ObservedEntry]] = defaultdict(list)
        for entry in (*observed.entries, *self.foreign):
            found[entry.address.host].append(entry)
        self.entries = {host: set_apart(rows[host], entries, self.files[host]) for host, entries in found.items()}


class _Survey:
    def __init__(self, machine: Machine, rows: Mapping[str, HostRow], observed: Observed) -> None:
        self._rows = rows
        self._observed = observed
        self._rules = RowRules(rows, observed)
        self._display = Display(frozenset(), Store.of(machine).key())
        self._readings = Readings(rows, observed)
        self._folders = [spelled(project, machine.facts) for project in observed.projects]
        self.others = self._readings.foreign

    def host(self, host: str) -> EffectiveHost:
        row, files = self._rows[host], self._readings.files[host]
        grants = [grant for grant in self._observed.grants if grant.address.host == host]
        switches = [switch for switch in self._observed.switches if switch.host == host]
        beside = Beside(files, grants, switches)
        levels = running(row, self._readings.entries.get(host, ()), beside, self._folders)
        return EffectiveHost(
            id=row.id,
            title=row.title,
            installed=any(item.host == host and item.installed for item in self._observed.hosts),
            merge=row.merge,
            folders=[
                EffectiveFolder(folder=level.folder, servers=[self._server(host, item) for item in level.servers])
                for level in levels
            ],
            unread=[problem_data(file.problem) for file in files if file.problem is not None],
            not_read=list(row.not_read),
        )

    def _server(self, host: str, item: Running) -> EffectiveServer:
        entry = item.entry
        shown = {} if entry is None else self._display.entry(entry)
        runs = entry is not None and entry.transport != "unknown"
        kept = entry is None and any(one.why == "switched_off" for one in item.idle)
        off = kept or (entry is not None and runs and entry.enabled is False)
        return EffectiveServer(
            name=item.name,
            state="off" if off else "runs" if runs else "nothing",
            values={key: value for key, value in shown.items() if key not in FIELDS_OF_TOOLS},
            parts=[_place(part) for part in item.parts],
            origins={key: place(part) for key, part in item.origins.items()},
            call=None if entry is None or entry.call is None else list(entry.call),
            without=list(entry.without or ()) if entry is not None else [],
            unasked=list(item.unasked),
            also_read_by=list(dict.fromkeys(self._readers(host, item))),
            idle=[_idle(one) for one in item.idle],
        )

    def _readers(self, host: str, item: Running) -> Iterator[str]:
        for part in item.parts:
            found = self._rules.readers(part.file.location.path, part.key_path[:-1])
            yield from (other for other in found if other != host)


def _place(entry: ObservedEntry) -> EntryPlace:
    return EntryPlace(address=str(entry.address), file=entry.file.location.path, line=line_of(entry))


def _idle(item: Idle) -> IdleEntry:
    problem = item.entry.problem
    message = problem.message if item.why == "invalid" and problem else _WORDS.get(item.why, "nothing can be run of it")
    by = item.by
    reason = "" if by is None else by.location.path if isinstance(by, ObservedFile) else place(by)
    values: dict[str, Json] = _place(item.entry).model_dump()
    return IdleEntry(**values, why=item.why, by=reason, message=message)
