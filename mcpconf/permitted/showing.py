"""What one server is let do, place by place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mcpconf import operations
from mcpconf.documents.checking import did_you_mean
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.model.manifest import Server
from mcpconf.model.observed import Observed, ObservedEntry
from mcpconf.model.tools import EVERY
from mcpconf.observe import applied_folders, observe
from mcpconf.packages import recognise_entry
from mcpconf.permissions.building import Ground
from mcpconf.permissions.columns import Columns, Place, Shown, barrier, effective, granted
from mcpconf.permissions.declared import declared
from mcpconf.permissions.holdings import holdings
from mcpconf.ports import Machine
from mcpconf.reconcile.declared import declared as known_by
from mcpconf.reconcile.declared import names_of_servers
from mcpconf.reconcile.hiding import scrubber_of
from mcpconf.reconcile.places import line_of
from mcpconf.resolve.projects import located
from mcpconf.resolve.servers import neutral
from mcpconf.secrets import Scrubber
from mcpconf.system.sources import bundled_rows

_UNASKED = frozenset({"auto", "some"})
"""Effects of approvals by which tools act unasked."""


def show(machine: Machine, path: str, name: str) -> tuple[Shown, Scrubber]:
    """Reads the machine and writes nothing. Raises McpconfError: exit 1 for a manifest that cannot be read, 64 for the name."""
    machine = replace(machine, files=machine.files.still())
    loaded, supplied = operations.pin(operations.manifest(path, machine.documents), machine.documents, machine)
    server = asked(loaded, name)
    ground = Ground(machine.facts.home, machine.facts.os)
    locked = supplied.locked(name)
    known = tuple(locked.surface.tools) if locked is not None and locked.surface is not None else None
    observed = _observed(machine, loaded)
    shown = Shown(
        name=name,
        server=server,
        where=loaded.where("servers", name),
        declared=declared(server, known, ground),
        locked=known is not None,
        places=tuple(
            Place(
                str(entry.address),
                Where(entry.file.location.path, line_of(entry)),
                columns(server.on(entry.address.host), entry, observed, known, ground),
            )
            for entry in _entries(loaded, name, observed)
        ),
    )
    return shown, scrubber_of([neutral(server), *(entry.entry for entry in observed.entries)])


def asked(loaded: LoadedManifest, name: str) -> Server:
    server = loaded.manifest.servers.get(name)
    if server is None:
        hint = did_you_mean(name, loaded.manifest.servers) or "`mcpconf status` lists what the manifest does not have"
        raise McpconfError(
            ExitCode.USAGE, Problem("usage", f"there is no server `{name}` in {loaded.file}", None, hint)
        )
    return server


def columns(
    server: Server, entry: ObservedEntry, observed: Observed, known: tuple[str, ...] | None, ground: Ground
) -> Columns:
    held = holdings(entry.entry, recognise_entry(entry.entry))
    handed_out = granted(held, known, tuple(_approved(entry, observed)), ground)
    return Columns(declared(server, known, ground), handed_out, effective(held, handed_out, ground), barrier(held))


def _observed(machine: Machine, loaded: LoadedManifest) -> Observed:
    rows, state = bundled_rows(), Store.of(machine).load()[0]
    found = located(loaded.manifest, rows, machine.facts, machine.files)
    folders = [*(project.path for project in found.manifest.projects), *applied_folders(state)]
    return observe(machine, rows, folders, names_of_servers(loaded.manifest, state, rows))


def _entries(loaded: LoadedManifest, name: str, observed: Observed) -> Iterator[ObservedEntry]:
    """Entries that are this server: by the name that it has there, and by what they start."""
    known = known_by(loaded.manifest, bundled_rows())
    for entry in sorted(observed.entries, key=lambda entry: entry.address):
        called = known.called.get((entry.address.host, entry.address.server))
        if called == name and entry.identity in known.identities[name]:
            yield entry


def _approved(entry: ObservedEntry, observed: Observed) -> Iterator[str]:
    """Tools that another part of the host's files lets act unasked; those of the entry itself are read with it."""
    for grant in observed.grants:
        if grant.effect not in _UNASKED or grant.address.host != entry.address.host or grant.entry is not None:
            continue
        if grant.server in ("", entry.address.server) or entry.address.server in grant.readings:
            yield grant.tool or EVERY
