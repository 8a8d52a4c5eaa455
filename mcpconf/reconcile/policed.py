"""Gather the policies that the manifest wants kept, and what lies in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mcpconf.errors import Problem, Where
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.address import Address
from mcpconf.model.desired import Desired, DesiredEntry
from mcpconf.model.manifest import Manifest
from mcpconf.model.state import State
from mcpconf.ports import Machine, Snapshot
from mcpconf.reconcile.managed import Approvals, policy_files
from mcpconf.reconcile.policing import Kept, Seen, others_may_write
from mcpconf.secrets import find


def kept_policies(
    machine: Machine, manifest: Manifest, rows: Mapping[str, HostRow], desired: Desired, state: State
) -> tuple[Kept, ...]:
    """A policy that would switch off what users have in their own files is exported only, and never kept."""
    found = [*_wanted(machine, manifest, rows, desired)]
    known = {kept.path for kept in found}
    for text, applied in state.policies.items():
        if applied.file not in known:
            known.add(applied.file)
            host = Address.parse(text).host
            found.append(Kept(host, applied.file, applied.format, None, _seen(machine, applied.file)))
    return tuple(found)


def literal_secrets(entries: tuple[DesiredEntry, ...]) -> frozenset[str]:
    return frozenset(item.value for entry in entries for item in find(entry.entry))


def _wanted(machine: Machine, manifest: Manifest, rows: Mapping[str, HostRow], desired: Desired) -> Iterator[Kept]:
    for host, selection in manifest.hosts.items():
        if selection.managed:
            entries = [entry for entry in desired.entries if entry.address.host == host]
            approvals = Approvals(rows[host], machine.facts, entries, manifest.absent)
            for file in policy_files(approvals):
                if not file.policy.exclusive:
                    yield Kept(host, file.path, file.policy.syntax, file, _seen(machine, file.path))


def _seen(machine: Machine, path: str) -> Seen:
    """In a tree that stands for a machine, owners and modes are those of whoever keeps the tree."""
    files, real = machine.files, machine.facts.uid == 0
    found = files.read(path)
    try:
        linked = files.resolve(path) != path
    except OSError as error:
        found, linked = Problem("unreadable", str(error.strerror), Where(path), "put the folder right"), True
    loose = next(_loose(machine, path, found), "") if real else ""
    return Seen(found, linked, loose, machine.facts.administers, real)


def _loose(machine: Machine, path: str, found: Snapshot | Problem | None) -> Iterator[str]:
    steps = path.split("/")
    for count in range(2, len(steps) + 1):
        place = "/".join(steps[:count])
        if others_may_write(machine.files.mode(place)):
            yield place
    if isinstance(found, Snapshot) and found.owner != 0:
        yield path
