"""What locking did, and whether a lock belongs to its manifest, as a person and as a program reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized
from typing import TypeAlias

from mcpconf.artifacts.changes import lock_changes
from mcpconf.artifacts.staleness import Stale
from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.lock import Lock, LockedServer
from mcpconf.report.data import problem_data
from mcpconf.report.findings import render_problems
from mcpconf.report.relocked import lock_changes_data, render_lock_changes
from mcpconf.report.style import Style, plural

Locked: TypeAlias = tuple[Lock | None, Lock, Mapping[str, Problem], Mapping[str, Problem]]
"""The lock before and after; why a server could not be locked; why one that is does not tell what it shows."""


def render_locked(told: Locked, style: Style, *, quiet: bool = False) -> str:
    """What became of each server, then the count. `quiet` leaves out the servers of which nobody has to know anything."""
    before, after, problems, unasked = told
    old = before or Lock()
    changes = [change for change in lock_changes(old, after) if change.alarms or not quiet]
    text = f"{render_lock_changes(changes, style)}{_count(old.servers, after, problems, unasked)}\n"
    if problems:
        kept = len(after.servers.keys() - problems.keys())
        left = f"The lock is not complete: {plural(kept, 'server')} in it {'is' if kept == 1 else 'are'} as asked for; "
        text += f"{left}`mcpconf lock` again locks the rest.\n"
    errors = (*problems.values(), *unasked.values())
    return text + (f"\n{render_problems(errors, style)}" if errors else "")


def _count(old: Mapping[str, LockedServer], after: Lock, problems: Sized, unasked: Sized) -> str:
    new = after.servers.keys() - old.keys()
    changed = [name for name in after.servers.keys() & old.keys() if _told(after.servers[name]) != _told(old[name])]
    parts = (
        (len(new), "new"),
        (len(changed), "changed"),
        (len(old.keys() - after.servers.keys()), "dropped"),
        (len(problems), "could not be locked"),
        (len(unasked), "did not tell what they show"),
    )
    said = ", ".join(f"{count} {word}" for count, word in parts if count) or "nothing changed"
    return f"{plural(len(after.servers), 'server')} in the lock: {said}."


def _told(locked: LockedServer) -> LockedServer:
    """Without what the manifest said, which may change and leave everything locked as it is."""
    return locked.model_copy(update={"input_digest": ""})


def locked_data(told: Locked) -> dict[str, Json]:
    before, after, problems, unasked = told
    old = {} if before is None else before.servers
    return {
        "servers": {
            name: {
                "package": item.package,
                "version": item.version,
                "before": old[name].version if name in old else None,
                "changed": old.get(name) != item,
                "packages": len(item.closure),
            }
            for name, item in after.servers.items()
        },
        "changes": lock_changes_data(lock_changes(before or Lock(), after)),
        "dropped": sorted(old.keys() - after.servers.keys()),
        "problems": {name: problem_data(item) for name, item in problems.items()},
        "unasked": {name: problem_data(item) for name, item in unasked.items()},
    }


def render_stale(lock: Lock | None, file: str, stale: Sequence[Stale], style: Style) -> str:
    name = style.path(file)
    if lock is None:
        return f"There is no lock at {name}.\nhint: `mcpconf lock` writes it; commit it with the manifest\n"
    if not stale:
        return f"{name} is what the manifest asks for: {plural(len(lock.servers), 'server')}.\n"
    lines = [
        f"{name} is stale:",
        *(f"  {style.text(item.message)}" for item in stale),
        "hint: `mcpconf lock` writes it anew; look at what that changes, and commit it",
    ]
    return "".join(f"{line}\n" for line in lines)


def stale_data(lock: Lock | None, file: str, stale: Sequence[Stale]) -> dict[str, Json]:
    return {
        "lock": file,
        "exists": lock is not None,
        "stale": [{"server": item.server, "why": item.why, "message": item.message} for item in stale],
    }
