"""Which hosts are on a machine, and how much of each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from mcpconf.artifacts.npm_places import installed
from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode, Problem
from mcpconf.formats import FORMATS, FormatError, decode_text
from mcpconf.hosts.borrowing import borrowed
from mcpconf.hosts.places import version_files
from mcpconf.hosts.signins import SignedIn
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.base import lookup
from mcpconf.model.moment import spelled
from mcpconf.model.observed import Observed
from mcpconf.ports import Machine
from mcpconf.reconcile.takeback import KEEPS
from mcpconf.report.hosts import DAY, FoundHost
from mcpconf.report.signins import SignIn
from mcpconf.survey.effective import known, looked_at
from mcpconf.system.sources import bundled_keepers, bundled_rows

_VERSION = re.compile(r"v?[0-9][0-9A-Za-z.+-]{0,39}")


class Found(NamedTuple):
    """`beside` are sign-ins that programs keep for whichever host starts them."""

    hosts: tuple[FoundHost, ...]
    beside: tuple[SignIn, ...] = ()


def found(machine: Machine, folders: Sequence[str] = ()) -> Found:
    """Every host that is known, in the order of their ids. Reads files only: no host is ever started."""
    rows = bundled_rows()
    machine, observed = looked_at(machine, folders, SignedIn(bundled_keepers()))
    written = Store.of(machine).load()[0].entries
    ours = Counter(entry.address.host for entry in observed.entries if str(entry.address) in written)
    read = (*observed.entries, *borrowed(rows, observed.files, observed.entries))
    servers = Counter(entry.address.host for entry in read)
    granted = Counter(grant.address.host for grant in observed.grants if grant.effect != KEEPS)
    kept = tuple(_sign_ins(observed, machine.clock.now()))
    hosts = tuple(
        FoundHost(
            row=rows[item.host],
            presence=item,
            files=tuple(file for file in observed.files if file.location.host == item.host and file.present),
            version=version(rows[item.host], machine) if item.installed else "",
            servers=servers[item.host],
            grants=granted[item.host],
            managed=ours[item.host],
            sign_ins=tuple(each for each in kept if each.host == item.host),
        )
        for item in observed.hosts
    )
    return Found(hosts, tuple(each for each in kept if each.host not in rows))


def _sign_ins(observed: Observed, now: str) -> Iterator[SignIn]:
    for grant in observed.grants:
        if grant.effect == KEEPS:
            until = "" if grant.expires is None else spelled(datetime.fromtimestamp(grant.expires, UTC))
            file, whose = grant.file, grant.server or grant.identity.removeprefix("url:")
            passed = bool(until) and until < now
            yield SignIn(grant.address.host, whose, file.location.path, file.mode, until[:DAY], passed)


def only(hosts: Sequence[FoundHost], host: str) -> tuple[FoundHost, ...]:
    """The one of this id, or all of them. Raises McpconfError (exit 64) for an id that none has."""
    if host:
        known({item.row.id: item.row for item in hosts}, host)
    return tuple(item for item in hosts if host in ("", item.row.id))


def exit_code(hosts: Sequence[FoundHost]) -> ExitCode:
    """Whether a file of a host that is here could not be read."""
    unread = any(file.problem is not None for host in hosts if host.presence.installed for file in host.files)
    return ExitCode.INCOMPLETE if unread else ExitCode.SUCCESS


def version(row: HostRow, machine: Machine) -> str:
    """The highest that files tell of; empty if none does."""
    return max(_versions(row, machine), key=_parts, default="")


def _versions(row: HostRow, machine: Machine) -> Iterator[str]:
    if row.version.npm:
        yield from (copy.version for copy in installed(row.version.npm, machine))

    def names(folder: str) -> Sequence[str]:
        answer = machine.files.names(folder)
        return () if isinstance(answer, Problem) else answer

    for path in version_files(row, machine.facts, names):
        snapshot = machine.files.read(path)
        if snapshot is None or isinstance(snapshot, Problem):
            continue
        try:
            value = lookup(FORMATS["json"].parse(decode_text(snapshot.data)).value, row.version.at)
        except FormatError:
            continue
        if isinstance(value, str) and _VERSION.fullmatch(value):
            yield value


def _parts(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"[0-9]+", text)]
