"""What one side of a change lets servers do that the other does not: all of it in one list of lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mcpconf.artifacts.changes import Alarm, AlarmKind, LockChange, lock_changes
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.errors import Where
from mcpconf.model.lock import Lock
from mcpconf.permissions.access import PUBLISHER, AccessChange, gravest_first
from mcpconf.permissions.change import Direction, Severity
from mcpconf.permissions.compared import Compared
from mcpconf.permissions.extent import told
from mcpconf.permitted.comparing import Side, compare_sides
from mcpconf.report.relocked import ALARMS, arrow, bytes_of, counted, facts, versions
from mcpconf.review.holding import held, untold
from mcpconf.review.reach import placed, reached
from mcpconf.review.tightness import loosened
from mcpconf.surface.annotations import holds
from mcpconf.surface.change import SurfaceChange

_ALARMS: Mapping[AlarmKind, Severity] = {
    "other_server": "high",
    "downgrade": "high",
    "other_bytes": "critical",
    "republished": "critical",
    "publisher_changed": "high",
    "provenance_lost": "high",
    "provenance_invalid": "critical",
    "provenance_changed": "high",
    "identity_changed": "high",
    "scopes_added": "medium",
    "install_script": "medium",
}
_NAMED = 8


def access_changes(before: Side, after: Side) -> tuple[AccessChange, ...]:
    """The gravest first. Nothing of a machine is looked at, and nothing is started."""
    sides = before.loaded, after.loaded
    found = [*loosened(*sides), *reached(*sides), *held(before, after)]
    for item in compare_sides(before, after):
        found += _of_server(item, before.loaded, after.loaded)
    for change in lock_changes(before.supplied.lock or Lock(), after.supplied.lock or Lock()):
        if change.name in after.loaded.manifest.servers:
            found += _of_lock(change, after.loaded.where("servers", change.name))
    found += _vouched(before, after)
    return gravest_first([*found, *untold(*sides, found)])


def _vouched(before: Side, after: Side) -> Iterator[AccessChange]:
    """Surfaces that the change itself says somebody approved: that it was them is for git, or for a review, to prove."""
    for name, given in after.supplied.approvals.servers.items():
        known = before.supplied.approvals.servers.get(name, ())
        where = after.loaded.where("servers", name)
        for approval in given:
            if approval not in known:
                text = f"+ what it shows is approved, by {approval.by or 'nobody named'} on {approval.on}"
                yield AccessChange(f"server:{name}", "approval", "wider", "medium", text, where)


def _of_server(item: Compared, before: LoadedManifest, after: LoadedManifest) -> Iterator[AccessChange]:
    name = item.name
    side = before if item.state == "removed" else after
    address, where = f"server:{name}", side.where("servers", name)
    for one in told(item.declared) if item.state != "removed" else ():
        if item.state == "there" or not one.everything:
            direction: Direction = "both" if one.order == "incomparable" else one.order  # type: ignore[assignment]
            yield AccessChange(address, one.dimension, direction, one.severity, one.text, where)
    for change in item.launch:
        yield AccessChange(address, change.dimension, change.direction, change.severity, change.text, where)
    if item.state == "added":
        text = f"given to {placed(after.manifest, name)}"
        yield AccessChange(address, "hosts", "wider", "medium", text, where)


def _of_lock(change: LockChange, where: Where) -> Iterator[AccessChange]:
    address = f"server:{change.name}"
    for alarm in change.alarms:
        yield _alarmed(address, alarm, where)
    if change.new is None:
        text = "is in the lock no more: nothing holds it to its bytes"
        yield AccessChange(address, "lock", "wider", "critical", text, where)
    elif change.old is not None and change.old.surface is not None and change.new.surface is None:
        text = "what it shows is not known any more"
        yield AccessChange(address, "surface", "both", "medium", text, where)
    if change.dependencies:
        names = ", ".join(f"{item.name} {versions(item)}" for item in change.dependencies[:_NAMED])
        more = f" and {len(change.dependencies) - _NAMED} more" if len(change.dependencies) > _NAMED else ""
        text = f"{counted(change.dependencies)}: {names}{more}"
        yield AccessChange(address, "dependencies", "both", "medium", text, where)
    yield from _of_surface(address, change, where)
    rest = not (change.alarms or change.dependencies or change.surface)
    for line in (*facts(change), *bytes_of(change)):
        if line.label == "starts" or rest:
            text = f"{line.label} {arrow(line.old, line.new)}"
            yield AccessChange(address, "lock", "both", "medium", text, where)


def _alarmed(address: str, alarm: Alarm, where: Where) -> AccessChange:
    severity = _ALARMS[alarm.kind] if alarm.grave else "medium"
    dimension = PUBLISHER if alarm.kind == "publisher_changed" else "lock"
    return AccessChange(address, dimension, "both", severity, f"{ALARMS[alarm.kind]}: {alarm.text}", where)


def _of_surface(address: str, change: LockChange, where: Where) -> Iterator[AccessChange]:
    """New and lost tools by what they are, each nature in one line; every other difference by itself."""
    added: dict[str, list[str]] = {}
    removed = []
    for item in change.surface:
        if item.kind == "tool" and item.change == "added":
            added.setdefault(_nature(change, item), []).append(item.name)
        elif item.kind == "tool" and item.change == "removed":
            removed.append(item.name)
        elif item.direction != "same":
            severity: Severity = "low" if item.direction == "narrower" else "high" if item.rule else "medium"
            yield AccessChange(address, "surface", item.direction, severity, item.line, where)
        elif item.change == "text":
            yield AccessChange(address, "surface", "both", "medium", item.line, where)
    for kind, names in sorted(added.items()):
        severity = "high" if kind == "destructive" else "low" if kind == "read-only" else "medium"
        yield AccessChange(address, "surface", "wider", severity, f"+ {_tools(names, kind)}", where)
    if removed:
        yield AccessChange(address, "surface", "narrower", "low", f"- {_tools(removed, '')}", where)


def _nature(change: LockChange, item: SurfaceChange) -> str:
    surface = change.new.surface if change.new is not None else None
    listing = None if surface is None else surface.gated if item.gated else surface
    known = listing.tools.get(item.name) if listing is not None else None
    if known is None:
        return ""
    if holds(known.value, "readOnlyHint"):
        return "read-only"
    return "destructive" if holds(known.value, "destructiveHint") else ""


def _tools(names: list[str], kind: str) -> str:
    words = [str(len(names)), *([kind] if kind else []), "tool" if len(names) == 1 else "tools"]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{' '.join(words)}: {', '.join(sorted(names)[:_NAMED])}{more}"
