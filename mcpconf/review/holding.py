"""What holds servers, hosts and projects to what was decided about them, beside their permissions, and holds them less."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mcpconf.documents.manifest import LoadedManifest
from mcpconf.documents.merging.policy import LOOSEST_FIRST
from mcpconf.errors import Where
from mcpconf.model.manifest import HostSelection, Manifest, Project, Server
from mcpconf.packages import is_exact
from mcpconf.permissions.access import AccessChange
from mcpconf.permissions.change import Direction, Severity
from mcpconf.permitted.comparing import Side
from mcpconf.resolve.groups import of_groups

_IN_ORDER = frozenset({"permissions", "oauth", "expires"})
"""Keys of a server that have an order of their own: what they change is told, or is the same."""

_FOR_PEOPLE = frozenset({"owner", "reason", "timeout"})
_TRACKED = ("write", "report")
"""The looser first."""


def held(before: Side, after: Side) -> Iterator[AccessChange]:
    """Of what both sides have: servers, hosts on some machine, projects."""
    sides = before.asked, after.asked
    for name in filter(before.asked.servers.__contains__, after.asked.servers):
        yield from _server(f"server:{name}", name, sides, after.loaded.where("servers", name))
    yield from dict.fromkeys(_hosts(before.loaded, after.loaded))
    yield from _projects(before.loaded, after.loaded)


def _server(address: str, name: str, sides: tuple[Manifest, Manifest], where: Where) -> Iterator[AccessChange]:
    old, new = (side.servers[name] for side in sides)
    if old.hash != new.hash:
        words = ("- pin removed", "+ pinned by hash", "other bytes are pinned")
        yield _told(address, "hash", (bool(old.hash), bool(new.hash)), words, where)
    if old.version != new.version and not (_exact(old) and _exact(new)):
        text = f"{old.version}  ->  {new.version}"
        yield _told(address, "version", (_exact(old), _exact(new)), (text, text, text), where)
    locked = [(side.servers[name].launch or side.launch) == "locked" for side in sides]
    if locked[0] != locked[1] and new.package is not None:
        yield _told(address, "launch", locked, ("locked  ->  pinned", "pinned  ->  locked", ""), where)
    if old.protect != new.protect:
        words = ("a plan may take it off again", "is protected", "")
        yield _told(address, "protect", (old.protect, new.protect), words, where)
    walls = [side.permissions.enforce if side.permissions is not None else None for side in (old, new)]
    if walls[0] != walls[1]:
        text = f"{walls[0] or 'nothing'}  ->  {walls[1] or 'nothing'}"
        yield _told(address, "enforce", [wall is not None for wall in walls], (text, text, text), where)
    for key in ("surface", "was"):
        if getattr(old, key) != getattr(new, key):
            yield AccessChange(address, key, "both", "medium", f"`{key}` is said otherwise", where)


def _exact(server: Server) -> bool:
    return server.package is None or server.version is None or is_exact(server.package.ecosystem, server.version)


def _told(
    address: str, dimension: str, holds: Sequence[bool], texts: tuple[str, str, str], where: Where
) -> AccessChange:
    """Whether it holds, before and now; the texts are for less, for more, and for otherwise."""
    was, now = holds
    direction: Direction = "both" if was == now else "narrower" if now else "wider"
    severity: Severity = "low" if direction == "narrower" else "high"
    text = texts[("wider", "narrower", "both").index(direction)]
    return AccessChange(address, dimension, direction, severity, text, where)


def _hosts(before: LoadedManifest, after: LoadedManifest) -> Iterator[AccessChange]:
    """Under each group of machines; what several say alike is told once."""
    for group in ("", *dict.fromkeys((*before.manifest.groups, *after.manifest.groups))):
        old, new = (
            of_groups(side.manifest, [group] if group in side.manifest.groups else []).manifest.hosts
            for side in (before, after)
        )
        for host in dict.fromkeys((*old, *new)):
            yield from _host(host, old.get(host, HostSelection()), new.get(host, HostSelection()), after)


def _host(host: str, old: HostSelection, new: HostSelection, after: LoadedManifest) -> Iterator[AccessChange]:
    address, where = f"host:{host}", after.where("hosts", host)
    if old.managed != new.managed:
        words = ("its policy for all users is kept no more", "its policy for all users is kept", "")
        yield _told(address, "managed", (old.managed, new.managed), words, where)
    if old.create != new.create:
        direction: Direction = "wider" if new.create else "narrower"
        text = "is written also where it is not installed" if new.create else "is written only where it is installed"
        yield AccessChange(address, "create", direction, "medium" if new.create else "low", text, where)


def _projects(before: LoadedManifest, after: LoadedManifest) -> Iterator[AccessChange]:
    """A project that is new is held as the policy says; one that is gone is not written to."""
    known = {(item.path, item.hosts): item for item in before.manifest.projects}
    for index, new in enumerate(after.manifest.projects):
        old = known.get((new.path, new.hosts), Project(path=new.path, hosts=new.hosts))
        address, where = f"project:{new.path}", after.where("projects", index)
        strays = [side.unmanaged or whole.manifest.policy.unmanaged for side, whole in ((old, before), (new, after))]
        if old.unmanaged or new.unmanaged:
            yield from _ordered(address, "unmanaged", LOOSEST_FIRST["unmanaged"], strays, where)
        yield from _ordered(address, "tracked", _TRACKED, [old.tracked, new.tracked], where)


def _ordered(
    address: str, key: str, order: Sequence[str | None], words: Sequence[str], where: Where
) -> Iterator[AccessChange]:
    old, new = words
    if old != new:
        wider = order.index(new) < order.index(old)
        text = f"{old}  ->  {new}"
        yield AccessChange(address, key, "wider" if wider else "narrower", "high" if wider else "low", text, where)


def untold(before: LoadedManifest, after: LoadedManifest, told: Iterable[AccessChange]) -> Iterator[AccessChange]:
    """Servers that are said otherwise, and of which nothing else tells: nobody knows what that lets them do."""
    addresses = {change.address for change in told}
    for name, new in after.manifest.servers.items():
        old = before.manifest.servers.get(name)
        if old is None or f"server:{name}" in addresses:
            continue
        keys = [key for key in Server.model_fields if getattr(old, key) != getattr(new, key)]
        keys = [key for key in keys if key not in _IN_ORDER | _FOR_PEOPLE]
        if keys:
            text = f"said otherwise: {', '.join(f'`{key}`' for key in keys)}"
            yield AccessChange(f"server:{name}", "server", "both", "low", text, after.where("servers", name))
