"""The store, as a person and as a program reads it: what was installed, what holds, what was removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.installed import Built, Changed, Installation, Installed, Missing, Outcome, Seen, Unneeded, Why
from mcpconf.report.data import problem_data
from mcpconf.report.findings import render_problems
from mcpconf.report.layout import hang, table
from mcpconf.report.style import Style, plural

SHOWN = 10
"""Files of one installation that are named on the screen; JSON names them all."""

_SIGNS: dict[Outcome, tuple[str, str]] = {
    "installed": ("+", "green"),
    "there": ("=", "dim"),
    "rebuilt": ("~", "yellow"),
    "failed": ("!", "red"),
}
_COUNTS: dict[Outcome, str] = {
    "installed": "installed",
    "there": "there already",
    "rebuilt": "built anew",
    "failed": "not installed",
}
_WHY: dict[Why, str] = {
    "unused": "nothing names it",
    "aside": "was put aside",
    "abandoned": "left by a run that was ended",
}
_UNITS = ("bytes", "KB", "MB", "GB")


def render_installing(built: Mapping[str, Built], style: Style, *, quiet: bool = False) -> str:
    """One line for each server, what was changed below it, then the count and what went wrong.

    `quiet` leaves out the servers of which nobody has to know anything.
    """
    if not built:
        lines = ["No server here is to be started from the store."]
        lines += hang("hint: ", "name servers, or write `launch: locked` in the manifest", style.width)
        return "".join(f"{line}\n" for line in lines)
    told = {name: item for name, item in built.items() if item.changed is not None or not quiet}
    rows = [(_SIGNS[item.outcome][0], style.text(name), style.text(item.label)) for name, item in told.items()]
    lines = []
    for (name, item), row in zip(told.items(), table(rows, style.width), strict=True):
        lines += [style.paint(line, _SIGNS[item.outcome][1]) for line in row]
        lines += _replaced(name, item, style)
    counts = [(word, sum(item.outcome == outcome for item in built.values())) for outcome, word in _COUNTS.items()]
    said = ", ".join(f"{count} {word}" for word, count in counts if count)
    lines.append(f"{plural(len(built), 'server')}: {said}.")
    text = "".join(f"{line}\n" for line in lines)
    problems = [item.problem for item in built.values() if item.problem is not None]
    return text + (f"\n{render_problems(problems, style)}" if problems else "")


def _replaced(name: str, item: Built, style: Style) -> Iterator[str]:
    if item.changed is None:
        return
    yield from hang("      ", f"what was there of `{style.text(name)}` was not what was installed:", style.width)
    yield from changed_lines(item.changed, style)
    if item.aside:
        yield f"      it lies in {style.path(item.aside)}"


def changed_lines(changed: Changed, style: Style, indent: str = "      ") -> Iterator[str]:
    """Why an installation is not believed, and the first of its files that are others."""
    if changed.reason:
        yield from hang(indent, changed.reason, style.width)
    files = [
        (word, name)
        for word, names in (("changed", changed.changed), ("added", changed.added), ("missing", changed.missing))
        for name in names
    ]
    for word, name in files[:SHOWN]:
        yield f"{indent}{word:7} {style.text(name)}"
    if len(files) > SHOWN:
        yield f"{indent}and {plural(len(files) - SHOWN, 'more file')}"


def installing_data(built: Mapping[str, Built]) -> dict[str, Json]:
    return {
        "servers": {
            name: {
                "outcome": item.outcome,
                "package": item.label,
                "folder": item.folder or None,
                "changed": None if item.changed is None else _changed_data(item.changed),
                "aside": item.aside or None,
                "problem": None if item.problem is None else problem_data(item.problem),
            }
            for name, item in built.items()
        }
    }


def _changed_data(changed: Changed) -> dict[str, Json]:
    return {
        "reason": changed.reason,
        "changed": list(changed.changed),
        "added": list(changed.added),
        "missing": list(changed.missing),
    }


def render_verified(seen: Sequence[Seen], problems: Sequence[Problem], style: Style) -> str:
    lines: list[str] = []
    for item in seen:
        sign, colour, words = _told(item.state)
        owner = ", ".join(map(style.text, item.servers)) or "named by no server"
        for row in table([(sign, owner, words, style.path(item.folder))], style.width):
            lines += [style.paint(line, colour) for line in row]
        if isinstance(item.state, Changed):
            lines += changed_lines(item.state, style)
    counts = {word: sum(_told(item.state)[2].startswith(word) for item in seen) for word in _STATES}
    said = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    lines.append(f"{plural(len(seen), 'installation')}{': ' if said else ''}{said}.")
    if any(isinstance(item.state, (Changed, Missing)) for item in seen):
        lines.append("hint: `mcpconf install` builds what is changed or missing")
    text = "".join(f"{line}\n" for line in lines)
    told = [*(item.state for item in seen if isinstance(item.state, Problem)), *problems]
    return text + (f"\n{render_problems(told, style)}" if told else "")


_STATES = ("intact", "changed", "missing", "unreadable")


def _told(state: Installation) -> tuple[str, str, str]:
    """A sign, its colour, and words of which the first is of `_STATES`."""
    match state:
        case Installed():
            return "=", "dim", f"intact, {plural(state.files, 'file')}"
        case Changed():
            count = f", {plural(state.count, 'file')}" if state.count else ""
            return "!", "red", f"changed{count}"
        case Missing():
            return "-", "yellow", "missing"
        case Problem():
            return "?", "yellow", "unreadable"


def verified_data(seen: Sequence[Seen], problems: Sequence[Problem]) -> dict[str, Json]:
    return {
        "installations": [
            {
                "folder": item.folder,
                "servers": list(item.servers),
                "state": _told(item.state)[2].partition(",")[0],
                "files": item.state.files if isinstance(item.state, Installed) else None,
                "changed": _changed_data(item.state) if isinstance(item.state, Changed) else None,
                "problem": problem_data(item.state) if isinstance(item.state, Problem) else None,
            }
            for item in seen
        ],
        "problems": [problem_data(item) for item in problems],
    }


def render_collected(
    removed: Sequence[Unneeded], kept: tuple[int, int], problems: Sequence[Problem], style: Style, *, dry_run: bool
) -> str:
    """`kept` counts installations, and what was put aside and stays to be looked at."""
    rows = [(sized(item.bytes), _WHY[item.why], style.path(item.folder)) for item in removed]
    lines = [line for row in table(rows, style.width) for line in row]
    total = sized(sum(item.bytes for item in removed))
    done = f"{'Would remove' if dry_run else 'Removed'} {plural(len(removed), 'folder')} of {total}"
    lines.append(f"{done if removed else 'Nothing to remove'}; {plural(kept[0], 'installation')} kept.")
    if kept[1]:
        lines.append(f"{plural(kept[1], 'changed installation')} put aside less than 30 days ago stay to be looked at.")
    text = "".join(f"{line}\n" for line in lines)
    if not problems:
        return text
    what = "What cannot be read may name an installation, which then stays; what cannot be removed is still there:"
    lines = hang("", what, style.width)
    return text + "\n" + "".join(f"{line}\n" for line in lines) + render_problems(problems, style)


def sized(count: int) -> str:
    """Bytes, as a person reads them."""
    size, unit = float(count), 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.1f} {_UNITS[unit]}" if unit else plural(count, "byte")


def collected_data(removed: Sequence[Unneeded], kept: tuple[int, int], problems: Sequence[Problem]) -> dict[str, Json]:
    return {
        "removed": [{"folder": item.folder, "why": item.why, "bytes": item.bytes} for item in removed],
        "bytes": sum(item.bytes for item in removed),
        "kept": kept[0],
        "aside": kept[1],
        "problems": [problem_data(item) for item in problems],
    }
