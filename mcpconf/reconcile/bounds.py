"""What the manifest declares that servers may do on this machine, and what of it nothing holds them to."""

from __future__ import annotations

from collections.abc import Mapping

from mcpconf.artifacts.supplied import Supplied
from mcpconf.model.manifest import Manifest, Server
from mcpconf.packages import recognise_entry
from mcpconf.permissions.building import MACHINE, Ground
from mcpconf.permissions.columns import Columns, barrier, effective, granted
from mcpconf.permissions.declared import declared
from mcpconf.permissions.extent import DIMENSIONS, Extent
from mcpconf.permissions.holdings import holdings
from mcpconf.reconcile.situation import Situation


def speaks_of_machine(server: Server) -> bool:
    """Whether the manifest says anything of files, network, variables, programs or identity."""
    said = server.permissions.model_fields_set if server.permissions is not None else frozenset[str]()
    return not said.isdisjoint({"fs", "net", "env", "exec", "run_as"})


def bounds(manifest: Manifest, supplied: Supplied, ground: Ground) -> dict[str, Extent]:
    """By server, of those that the manifest says something of."""
    found = {}
    for name, server in manifest.servers.items():
        if speaks_of_machine(server):
            locked = supplied.locked(name)
            surface = locked.surface if locked is not None else None
            found[name] = declared(server, None if surface is None else tuple(surface.tools), ground)
    return found


def unenforced(situation: Situation) -> Mapping[str, tuple[str, ...]]:
    """The dimensions of this machine that a server is not held to, wherever it is put."""
    ground = Ground(situation.home, situation.os)
    found: dict[str, set[str]] = {}
    for item in situation.desired.entries:
        extent = situation.bounds.get(item.server)
        if extent is None:
            continue
        held = holdings(item.entry, recognise_entry(item.entry))
        handed_out = granted(held, None, (), ground)
        columns = Columns(extent, handed_out, effective(held, handed_out, ground), barrier(held))
        found.setdefault(item.server, set()).update(set(columns.unenforced()).intersection(MACHINE))
    return {name: tuple(d for d in DIMENSIONS if d in some) for name, some in sorted(found.items()) if some}
