"""What the manifest declares that servers may do on this machine, and what of it nothing holds them to."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from mcpconf.artifacts.supplied import Supplied
from mcpconf.model.base import Json
from mcpconf.model.limits import Permissions
from mcpconf.model.manifest import Manifest, Server
from mcpconf.model.plan import Declared
from mcpconf.model.state import State
from mcpconf.packages import recognise_entry
from mcpconf.permissions.building import MACHINE, Ground
from mcpconf.permissions.columns import Columns, barrier, effective, granted
from mcpconf.permissions.declared import declared
from mcpconf.permissions.extent import DIMENSIONS, Extent, compare, told
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


def limits(manifest: Manifest) -> dict[str, dict[str, Json]]:
    """Permissions in the words of the manifest, without the lists of tools, which the files of hosts say."""
    said = {name: server.permissions for name, server in manifest.servers.items() if server.permissions is not None}
    written = {
        name: own.model_dump(mode="json", exclude_none=True, exclude={"tools"}, by_alias=True)
        for name, own in said.items()
    }
    return {name: own for name, own in written.items() if own}


def redeclared(manifest: Manifest, state: State, ground: Ground) -> tuple[Declared, ...]:
    """What is declared otherwise than before, of servers that were applied before."""
    known = {applied.server for applied in state.entries.values()}
    now = limits(manifest)
    found: list[Declared] = []
    for name, server in manifest.servers.items():
        former = next((one for one in (name, *server.was) if one in known), None)
        if former is None or state.declared.get(former, {}) == now.get(name, {}):
            continue
        sides = [_extent(server, said.get(key, {}), ground) for said, key in ((state.declared, former), (now, name))]
        found += [
            Declared(
                server=name,
                direction="both" if item.order == "incomparable" else item.order,
                severity=item.severity,
                dimension=item.dimension,
                text=item.text,
            )
            for item in told(compare(*sides))
            if item.order != "same"
        ]
    return tuple(found)


def _extent(server: Server, said: dict[str, Json], ground: Ground) -> Extent:
    """What cannot be read any more was said by another version, and counts as not said."""
    try:
        permissions = Permissions.model_validate(said)
    except ValidationError:
        permissions = Permissions()
    return declared(server.model_copy(update={"permissions": permissions}), None, ground)


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
