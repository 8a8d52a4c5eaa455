"""What the servers of one manifest may do, seen from another one. Reads documents, and looks at no machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from mcpconf import operations
from mcpconf.artifacts.supplied import Supplied
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.model.entry import Entry
from mcpconf.model.manifest import Manifest, Server
from mcpconf.packages import recognise_entry
from mcpconf.permissions import PrivilegeChange, privilege
from mcpconf.permissions.building import Ground
from mcpconf.permissions.compared import Compared, State
from mcpconf.permissions.declared import declared
from mcpconf.permissions.extent import NOWHERE, Extent, compare
from mcpconf.permitted.showing import asked
from mcpconf.ports import Documents
from mcpconf.reconcile.hiding import scrubber_of
from mcpconf.resolve.bridging import carried
from mcpconf.resolve.servers import neutral
from mcpconf.secrets import Scrubber
from mcpconf.system.revisions import documents_at

_TOLD_AS_DECLARED = ("tools", "approval")
"""Dimensions of a launch that the declared ones tell too."""


@dataclass(frozen=True, slots=True)
class Side:
    """`name` is the one server that is meant; "" for all. `loaded` has the versions of the lock filled in, `asked` has not."""

    label: str
    name: str
    loaded: LoadedManifest
    supplied: Supplied
    asked: Manifest


def side(text: str, manifest: str) -> Side:
    """`FILE`, `FILE:SERVER`, a revision of the manifest, or `REVISION:SERVER`. Raises McpconfError (exit 1 or 64)."""
    documents, path, name = documents_at(text, manifest)
    found = side_of(text, documents, path)
    if name:
        asked(found.loaded, name)
    return replace(found, name=name)


def side_of(label: str, documents: Documents, path: str) -> Side:
    """All servers of a manifest. Raises McpconfError (exit 1)."""
    read = operations.manifest(path, documents)
    loaded, supplied = operations.pin(read, documents)
    return Side(label, "", loaded, supplied, read.manifest)


def scrubber_of_sides(*sides: Side, told: Iterable[str] = ()) -> Scrubber:
    """Knows what the manifests hold in clear although it looks like a secret, and what the texts give away that are told of them."""
    servers = (server for side in sides for server in side.loaded.manifest.servers.values())
    return scrubber_of((neutral(server.on(host)) for server in servers for host in ("", *server.hosts)), told=told)


def compare_sides(before: Side, after: Side) -> tuple[Compared, ...]:
    """Every server of either side; or the two that are named, whatever they are called."""
    if before.name or after.name:
        names = [(before.name or after.name, after.name or before.name)]
    else:
        every = sorted({*before.loaded.manifest.servers, *after.loaded.manifest.servers})
        names = [(name, name) for name in every]
    return tuple(_compared(before, after, *pair) for pair in names)


def _compared(before: Side, after: Side, old_name: str, new_name: str) -> Compared:
    old, new = before.loaded.manifest.servers.get(old_name), after.loaded.manifest.servers.get(new_name)
    name = new_name if old_name == new_name else f"{old_name} -> {new_name}"
    state: State = "added" if old is None else "removed" if new is None else "there"
    found = compare(_extent(before, old_name, old), _extent(after, new_name, new))
    return Compared(name, state, found, tuple(_launch(before, after, (old_name, new_name))))


def _extent(side: Side, name: str, server: Server | None) -> Extent:
    if server is None:
        return NOWHERE
    locked = side.supplied.locked(name)
    known = tuple(locked.surface.tools) if locked is not None and locked.surface is not None else None
    return declared(server, known, Ground())


def _launch(before: Side, after: Side, names: tuple[str, str]) -> Iterator[PrivilegeChange]:
    """In every form that some host gets it; each change once."""
    sides = tuple(zip((before, after), names, strict=True))
    servers = [side.loaded.manifest.servers.get(name) for side, name in sides]
    hosts = dict.fromkeys(["", *(host for server in servers if server is not None for host in server.hosts)])
    bridges = [server.bridge or "" if server is not None else "" for server in servers]
    told: set[PrivilegeChange] = set()
    for host, through in product(
        hosts, (False, True) if None not in servers and bridges[0] != bridges[1] else (False,)
    ):
        old, new = (_form(side, name, host, through=through) for side, name in sides)
        for change in privilege(old, new, home="", os="linux", recognise=recognise_entry):
            if change.dimension not in _TOLD_AS_DECLARED and change not in told:
                told.add(change)
                yield change


def _form(side: Side, name: str, host: str, *, through: bool) -> Entry | None:
    """As one host gets it; `through` its bridge, if it has one."""
    servers = side.loaded.manifest.servers
    if name not in servers:
        return None
    entry, bridge = neutral(servers[name].on(host)), servers[name].bridge
    return carried(entry, bridge, servers, host).entry if through and bridge is not None else entry
