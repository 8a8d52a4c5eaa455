"""What is on a machine, as a manifest that asks for exactly that; and what of it a manifest cannot hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from mcpconf.hosts.vocabulary import HostRow
from mcpconf.importer.bridging import reached
from mcpconf.importer.caches import cached_version
from mcpconf.importer.disagreements import disagreements
from mcpconf.importer.found import Found, LeftOut
from mcpconf.importer.homes import with_homes
from mcpconf.importer.imported import Ground, Imported
from mcpconf.importer.masking import mask
from mcpconf.importer.notes import notes
from mcpconf.importer.sorting import sort_out
from mcpconf.importer.writing import Writing
from mcpconf.model.observed import WIDENING, Observed
from mcpconf.model.package import Package
from mcpconf.ports import Machine
from mcpconf.secrets import find, looks_secret

__all__ = ["Ground", "Imported", "import_machine", "secret_texts"]


def import_machine(machine: Machine, rows: Mapping[str, HostRow], observed: Observed, *, pin: bool = False) -> Imported:
    """`pin` makes versions exact that a cache of the machine tells."""
    facts, files = machine.facts, machine.files
    today = date.fromisoformat(machine.clock.now()[:10])

    def cached(found: Found, package: Package) -> str:
        return cached_version(found, package, facts, files)

    return imported_from(observed, Ground(rows, facts, files.exists, cached, today, pin))


def imported_from(observed: Observed, ground: Ground) -> Imported:
    """Sort out, mask, group, write, and prove; what the proof refutes stays out, and the rest is written again."""
    taken, left_out = sort_out(observed, ground.rows)
    chosen = {id(entry) for entry in taken}
    understood = [entry for entry in observed.entries if entry.problem is None and entry.entry.transport != "unknown"]
    others = [entry for entry in understood if id(entry) not in chosen]
    masked = reached(with_homes(mask([*taken, *others], ground.rows), ground.facts))
    left_out += [_keeps_a_secret(found) for found in masked[: len(taken)] if found.kept]
    founds = [found for found in masked[: len(taken)] if not found.kept]
    installed = frozenset(host.host for host in observed.hosts if host.installed)
    while refuted := (writing := Writing(founds, installed, ground)).refuted():
        left_out += refuted
        out = {id(item.entry) for item in refuted}
        founds = [found for found in founds if id(found.observed) not in out]
    left_out.sort(key=lambda item: item.entry.address)
    written = writing.imported(left_out)
    return replace(
        written,
        left_out=tuple(left_out),
        disagreements=disagreements(masked, [item.founds for item in written.groups], ground.facts),
        secrets=tuple(moved for found in founds for moved in found.moved),
        approvals=tuple(grant for grant in observed.grants if grant.effect in WIDENING),
        notes=tuple(notes(founds, ground.facts)),
        unread=tuple(file for file in observed.files if file.problem is not None),
    )


def secret_texts(observed: Observed) -> Iterator[str]:
    """What must not be told: literals of entries, and names that look like one."""
    for entry in observed.entries:
        yield from (secret.value for secret in find(entry.entry))
        if looks_secret(entry.address.server):
            yield entry.address.server


def _keeps_a_secret(found: Found) -> LeftOut:
    message = f"a secret in clear in `{found.kept}`, where no reference can stand"
    return LeftOut(found.observed, "literal-secret", message, "take it out of the file, then import again")
