"""What differs between two locks, and what of it must not pass unseen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from mcpconf.artifacts.belonging import edited
from mcpconf.artifacts.metadata import METADATA, identity_of, scopes_of
from mcpconf.artifacts.publishers import handovers
from mcpconf.model.lock import Artifact, Component, Lock, LockedServer
from mcpconf.model.package import Ecosystem, Package
from mcpconf.permissions.versions import older
from mcpconf.surface.change import SurfaceChange

AlarmKind = Literal[
    "other_server",  # another package, program or address under the same name
    "downgrade",
    "other_bytes",  # of what has no version: a program
    "republished",  # a version that has other bytes than it had
    "publisher_changed",
    "provenance_lost",  # none where there was one
    "provenance_invalid",
    "provenance_changed",  # of another repository or workflow
    "identity_changed",  # of an address: another resource, or others who give out tokens for it
    "scopes_added",  # that an address knows, and the manifest does not ask for
    "install_script",  # a package of the closure that brings a script for installing, and did not before
]


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a person must look at before a lock is taken. `text` holds text of others. `grave` is false where some of the publishers stay."""

    kind: AlarmKind
    text: str
    grave: bool = True


@dataclass(frozen=True, slots=True)
class Moved:
    """A package of a closure and its versions before and after; several where npm lays out several."""

    name: str
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LockChange:
    """One server that is not locked as it was. `old` or `new` is None where it was not, or is no more, in the lock.

    `dependencies` are by name, without the server's own package. `surface` is what it shows otherwise; all that it shows if
    nothing was known before, and nothing if nothing is known now.
    """

    name: str
    old: LockedServer | None
    new: LockedServer | None
    dependencies: tuple[Moved, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    surface: tuple[SurfaceChange, ...] = ()


def lock_changes(old: Lock, new: Lock) -> tuple[LockChange, ...]:
    """By the name of the server. What only the manifest says, and the order of anything, changes no lock."""
    names = sorted(old.servers.keys() | new.servers.keys())
    changes = (_change(name, old.servers.get(name), new.servers.get(name)) for name in names)
    return tuple(change for change in changes if change is not None)


def _change(name: str, old: LockedServer | None, new: LockedServer | None) -> LockChange | None:
    if old is None or new is None:
        alarms = tuple(_invalid(new)) if new is not None else ()
        return LockChange(name, old, new, alarms=alarms, surface=_surface(old, new))
    if old.model_copy(update={"input_digest": new.input_digest}) == new:
        return None
    moved, alarms = tuple(_dependencies(old, new)), tuple(_alarms(old, new))
    return LockChange(name, old, new, moved, alarms, _surface(old, new))


def _surface(old: LockedServer | None, new: LockedServer | None) -> tuple[SurfaceChange, ...]:
    """Nothing is held against a surface that somebody edited."""
    before, after = (None if side is None else side.surface for side in (old, new))
    if after is None or before == after:
        return ()
    from mcpconf.surface.comparing import surface_changes

    return surface_changes(None if old is None or edited(old) else before, after)


def _dependencies(old: LockedServer, new: LockedServer) -> Iterator[Moved]:
    before, after = _versions(old), _versions(new)
    for name in sorted(before.keys() | after.keys()):
        moved = Moved(name, before.get(name, ()), after.get(name, ()))
        if moved.old != moved.new:
            yield moved


def _versions(locked: LockedServer) -> dict[str, tuple[str, ...]]:
    own = locked.package.partition(":")[2]
    found: dict[str, set[str]] = {}
    for component in locked.closure.values():
        if component.name != own:
            found.setdefault(component.name, set()).add(component.version)
    return {name: tuple(sorted(versions)) for name, versions in found.items()}


def _alarms(old: LockedServer, new: LockedServer) -> Iterator[Alarm]:
    if old.package != new.package or old.endpoint.get("url") != new.endpoint.get("url"):
        yield Alarm("other_server", f"{_what(old)}  ->  {_what(new)}")
        yield from _invalid(new)
        return
    if _older(new, old):
        yield Alarm("downgrade", f"{old.version}  ->  {new.version}")
    yield from _republished(old, new)
    yield from _remote(old, new)
    yield from _publisher(old, new)
    yield from _provenance(old, new)
    yield from _scripts(old, new)


def _what(locked: LockedServer) -> str:
    return locked.package or str(locked.endpoint.get("url", "")) or "the program"


def _older(locked: LockedServer, than: LockedServer) -> bool:
    ecosystem, _, name = locked.package.partition(":")
    return older(Package(cast("Ecosystem", ecosystem), name), locked.version, than.version)


def _republished(old: LockedServer, new: LockedServer) -> Iterator[Alarm]:
    """Files that appear for a version are none: wheels for further machines may follow. A file with other bytes is."""
    if old.version == new.version:
        kind: AlarmKind = "republished" if new.version else "other_bytes"
        yield from _other_bytes(kind, _named(new), old.artifacts, new.artifacts)
    known = {(item.name, item.version): item for item in old.closure.values()}
    told = set()
    for component in new.closure.values():
        before = known.get(key := (component.name, component.version))
        own = component.name == new.package.partition(":")[2] and new.artifacts
        if before is not None and key not in told and not own:
            told.add(key)
            named = f"{component.name} {component.version}"
            yield from _other_bytes("republished", named, before.artifacts, component.artifacts)


def _named(locked: LockedServer) -> str:
    return f"{_what(locked)} {locked.version}".strip()


def _other_bytes(
    kind: AlarmKind, what: str, old: Mapping[str, Artifact], new: Mapping[str, Artifact]
) -> Iterator[Alarm]:
    for name in sorted(old.keys() & new.keys()):
        if old[name].digest != new[name].digest:
            file = f" ({name})" if name else ""
            yield Alarm(kind, f"{what}{file}: {old[name].digest}  ->  {new[name].digest}")


def _publisher(old: LockedServer, new: LockedServer) -> Iterator[Alarm]:
    for item in handovers(old.publisher, new.publisher):
        yield Alarm("publisher_changed", item.text, grave=item.wholly)


def _provenance(old: LockedServer, new: LockedServer) -> Iterator[Alarm]:
    before, after = old.provenance, new.provenance
    yield from _invalid(new)
    if before.state == "verified" and after.state == "absent":
        yield Alarm("provenance_lost", f"{before.identity or 'verified'}  ->  none")
    if before.identity and after.identity and before.identity != after.identity:
        yield Alarm("provenance_changed", f"{before.identity}  ->  {after.identity}")


def _invalid(locked: LockedServer) -> Iterator[Alarm]:
    if locked.provenance.state == "invalid":
        yield Alarm("provenance_invalid", locked.provenance.identity or _named(locked))


def _remote(old: LockedServer, new: LockedServer) -> Iterator[Alarm]:
    """Once an address has told who gives out tokens for it, telling nothing is a change too."""
    if METADATA not in old.endpoint:
        return
    before, after = identity_of(old.endpoint), identity_of(new.endpoint)
    for key in sorted(before.keys() | after.keys()):
        one, other = before.get(key, "none"), after.get(key, "none")
        if one != other:
            yield Alarm("identity_changed", f"{key} {one}  ->  {other}")
    added = scopes_of(new.endpoint) - scopes_of(old.endpoint) - {*new.endpoint.get("scopes", [])}
    if added:
        yield Alarm("scopes_added", ", ".join(sorted(added)))


def _scripts(old: LockedServer, new: LockedServer) -> Iterator[Alarm]:
    had = {component.name for component in old.closure.values() if has_install_script(component)}
    brings = {(item.name, item.version) for item in new.closure.values() if has_install_script(item)}
    for name, version in sorted(brings):
        if name not in had:
            yield Alarm("install_script", f"{name} {version}")


def has_install_script(component: Component) -> bool:
    """Whether npm's own lock says that a package would run a script when it is installed."""
    return component.layout.get("hasInstallScript") is True
