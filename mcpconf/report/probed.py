"""What servers show of themselves, and how that differs from the lock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.model.base import Json
from mcpconf.report.approving import whole
from mcpconf.report.data import problem_data
from mcpconf.report.findings import render_problems
from mcpconf.report.layout import hang
from mcpconf.report.style import Style
from mcpconf.report.surfaces import (
    asked,
    counted,
    surface_changes_data,
    surface_lines,
    suspicion_lines,
    suspicions_data,
)
from mcpconf.surface.shown import Shown

_INDENT = "  "


def render_probed(shown: Sequence[Shown], style: Style, *, brief: bool = False) -> str:
    """`brief`: one line for each server, and why one could not be asked."""
    lines = [line for item in shown for line in (_lines(item, style, brief=brief))]
    problems = [item.problem for item in shown if item.problem is not None]
    lines += [f"{style.text(item.name)}: {style.text(note)}" for item in shown if item.problem for note in item.notes]
    return "".join(f"{line}\n" for line in lines) + (render_problems(problems, style) if problems else "")


def _lines(item: Shown, style: Style, *, brief: bool) -> Iterator[str]:
    if item.surface is None:
        return
    yield style.paint(f"{style.text(item.name)}   {_verdict(item)}   {style.text(asked(item.surface))}", "bold")
    if brief:
        return
    yield f"{_INDENT}{_ground(item, style)}"
    for note in item.notes:
        yield from hang(f"{_INDENT}note: ", style.text(note), style.width)
    if item.changes:
        yield from surface_lines(item.changes, style, len(_INDENT))
    else:
        yield from whole(item.surface, style)
    yield from suspicion_lines(item.surface, style, len(_INDENT))
    yield ""


def _verdict(item: Shown) -> str:
    if item.state == "new":
        return "nothing to compare with in the lock"
    return counted(item.changes) if item.changes else "as in the lock"


def _ground(item: Shown, style: Style) -> str:
    if not item.started:
        return "reached by its address"
    return f"sandboxed by {style.text(item.sandboxed)}" if item.sandboxed else "not sandboxed"


def probed_data(shown: Sequence[Shown]) -> list[Json]:
    return [_data(item) for item in shown]


def _data(item: Shown) -> dict[str, Json]:
    surface, locked = item.surface, item.locked.surface if item.locked is not None else None
    return {
        "server": item.name,
        "state": item.state,
        "sandboxed": item.sandboxed or None,
        "started": item.started,
        "notes": list(item.notes),
        "problem": None if item.problem is None else problem_data(item.problem),
        "locked": None if locked is None else locked.digest,
        "surface": None if surface is None else surface.model_dump(mode="json"),
        "changes": surface_changes_data(item.changes),
        "texts": suspicions_data(surface),
    }
