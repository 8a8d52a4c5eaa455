"""What locking did, and whether a lock belongs to its manifest, as a person and as a program reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mcpconf.artifacts.staleness import Stale
from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.lock import Lock, LockedServer
from mcpconf.report.data import problem_data
from mcpconf.report.findings import render_problems
from mcpconf.report.layout import table
from mcpconf.report.style import Style, plural


def render_locked(before: Lock | None, after: Lock, problems: Mapping[str, Problem], style: Style) -> str:
    """One line for each server that is another one than before, then the count."""
    old = {} if before is None else before.servers
    rows = [
        tuple(map(style.text, row))
        for name in sorted({*old, *after.servers})
        for row in _rows(name, old, after.servers)
    ]
    lines = [
        style.paint(line, _COLOURS[row[0]])
        for row, found in zip(rows, table(rows, style.width), strict=True)
        for line in found
    ]
    text = "".join(f"{line}\n" for line in (*lines, _count(old, after, problems)))
    return text + (f"\n{render_problems(tuple(problems.values()), style)}" if problems else "")


_COLOURS = {"+": "green", "~": "yellow", "-": "red"}


def _rows(name: str, old: Mapping[str, LockedServer], new: Mapping[str, LockedServer]) -> Iterator[tuple[str, ...]]:
    if name not in new:
        yield "-", name, old[name].package, old[name].version, ""
    elif name not in old:
        yield "+", name, new[name].package, new[name].version, _closure(new[name])
    elif old[name] != new[name]:
        version = " -> ".join(dict.fromkeys((old[name].version, new[name].version)))
        yield "~", name, new[name].package, version, _closure(new[name])


def _closure(locked: LockedServer) -> str:
    return plural(len(locked.closure), "package") if locked.closure else ""


def _count(old: Mapping[str, LockedServer], after: Lock, problems: Mapping[str, Problem]) -> str:
    new = after.servers.keys() - old.keys()
    changed = [name for name in after.servers.keys() & old.keys() if after.servers[name] != old[name]]
    parts = (
        (len(new), "new"),
        (len(changed), "changed"),
        (len(old.keys() - after.servers.keys()), "dropped"),
        (len(problems), "could not be locked"),
    )
    said = ", ".join(f"{count} {word}" for count, word in parts if count) or "nothing changed"
    return f"{plural(len(after.servers), 'server')} in the lock: {said}."


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
        "dropped": sorted(old.keys() - after.servers.keys()),
        "problems": {name: problem_data(item) for name, item in problems.items()},
    }


def render_stale(lock: Lock | None, file: str, stale: Sequence[Stale], style: Style) -> str:
    name = style.path(file)
    if lock is None:
        return f"There is no lock at {name}.\nhint: `mcpconf lock` writes it\n"
    if not stale:
        return f"{name} is what the manifest asks for: {plural(len(lock.servers), 'server')}.\n"
    lines = [f"{name} is stale:", *(f"  {item.message}" for item in stale), "hint: `mcpconf lock`, and commit it"]
    return "".join(f"{line}\n" for line in lines)


def stale_data(lock: Lock | None, file: str, stale: Sequence[Stale]) -> dict[str, Json]:
    return {
        "lock": file,
        "exists": lock is not None,
        "stale": [{"server": item.server, "why": item.why, "message": item.message} for item in stale],
    }
