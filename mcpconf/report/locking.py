"""What locking did, and whether a lock belongs to its manifest, as a person and as a program reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mcpconf.artifacts.changes import lock_changes
from mcpconf.artifacts.staleness import Stale
from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.lock import Lock, LockedServer
from mcpconf.report.data import problem_data
from mcpconf.report.findings import render_problems
from mcpconf.report.relocked import lock_changes_data, render_lock_changes
from mcpconf.report.style import Style, plural


def render_locked(before: Lock | None, after: Lock, problems: Mapping[str, Problem], style: Style) -> str:
    """What became of each server, then the count."""
    old = before or Lock()
    changes = render_lock_changes(lock_changes(old, after), style)
    text = f"{changes}{_count(old.servers, after, problems)}\n"
    return text + (f"\n{render_problems(tuple(problems.values()), style)}" if problems else "")


def _count(old: Mapping[str, LockedServer], after: Lock, problems: Mapping[str, Problem]) -> str:
    new = after.servers.keys() - old.keys()
    changed = [name for name in after.servers.keys() & old.keys() if _told(after.servers[name]) != _told(old[name])]
    parts = (
        (len(new), "new"),
        (len(changed), "changed"),
        (len(old.keys() - after.servers.keys()), "dropped"),
        (len(problems), "could not be locked"),
    )
    said = ", ".join(f"{count} {word}" for count, word in parts if count) or "nothing changed"
    return f"{plural(len(after.servers), 'server')} in the lock: {said}."


def _told(locked: LockedServer) -> LockedServer:
    """Without what the manifest said, which may change and leave everything locked as it is."""
    return locked.model_copy(update={"input_digest": ""})


def locked_data(before: Lock | None, after: Lock, problems: Mapping[str, Problem]) -> dict[str, Json]:
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
    }


def render_stale(lock: Lock | None, file: str, stale: Sequence[Stale], style: Style) -> str:
    name = style.path(file)
    if lock is None:
        return f"There is no lock at {name}.\nhint: `mcpconf lock` writes it\n"
    if not stale:
        return f"{name} is what the manifest asks for: {plural(len(lock.servers), 'server')}.\n"
    lines = [
        f"{name} is stale:",
        *(f"  {style.text(item.message)}" for item in stale),
        "hint: `mcpconf lock`, and commit it",
    ]
    return "".join(f"{line}\n" for line in lines)


def stale_data(lock: Lock | None, file: str, stale: Sequence[Stale]) -> dict[str, Json]:
    return {
        "lock": file,
        "exists": lock is not None,
        "stale": [{"server": item.server, "why": item.why, "message": item.message} for item in stale],
    }
