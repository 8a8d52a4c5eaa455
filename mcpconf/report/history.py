"""Generations and the log, as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.change import ACTIONS
from mcpconf.model.commands import command
from mcpconf.model.owned import OwnedValues
from mcpconf.reconcile.reasons import REASONS
from mcpconf.report.data import problem_data
from mcpconf.report.layout import hang, table
from mcpconf.report.style import ACTION_COLOURS, SYMBOLS, Style, listing, moment, plural

_DONE = {"create": "created", "update": "updated", "replace": "replaced", "delete": "deleted", "revoke": "revoked"}
_ENDED = {"applied": "", "nothing": "", "held": "some held", "narrowed": "only what takes away", "recover": "half-way"}

Generations = Sequence[OwnedValues | Problem]


def render_history(generations: Generations, current: int, style: Style) -> str:
    return "".join(f"{line}\n" for line in _history(generations, current, style))


def _history(generations: Generations, current: int, style: Style) -> Iterator[str]:
    if not generations:
        yield "Nothing was applied here yet."
        return
    rows = [_row(item, current, style) for item in generations if isinstance(item, OwnedValues)]
    for lines in table(rows, style.width):
        yield from lines
    for item in generations:
        if isinstance(item, Problem):
            yield from (
                style.paint(line, "yellow") for line in hang("warning: ", style.text(item.message), style.width)
            )
    if len(rows) > 1:
        yield f"hint: {command('rollback', rows[1][0], '--dry-run')} shows what going back would do"


def _row(item: OwnedValues, current: int, style: Style) -> tuple[str, ...]:
    commit = f"{style.text(item.commit[:7])}{'+' if item.dirty else ''}" if item.commit else "no commit"
    marks = ["current" if item.generation == current else "", _ENDED.get(item.end, item.end)]
    marks.append(f"{plural(len(item.lacking), 'value')} not known" if item.lacking else "")
    did = listing([counts(item.counts) or "nothing written", f"{len(item.entries) + len(item.lacking)} ours"])
    note = listing([style.text(mark) for mark in marks])
    return (
        str(item.generation),
        moment(item.time, style),
        item.purpose,
        commit,
        style.text(item.user),
        f"{did}   {note}".rstrip(),
    )


def counts(done: Mapping[str, int]) -> str:
    """`2 created, 1 deleted`."""
    return listing([f"{done[action]} {_DONE.get(action, action)}" for action in ACTIONS if done.get(action)])


def history_data(generations: Generations, current: int) -> dict[str, Json]:
    return {
        "current": current or None,
        "generations": [
            {
                **item.model_dump(exclude={"format", "entries"}),
                "entries": sorted({*item.entries, *item.lacking}),
                "current": item.generation == current,
            }
            for item in generations
            if isinstance(item, OwnedValues)
        ],
        "problems": [problem_data(item) for item in generations if isinstance(item, Problem)],
        "exit_code": 0,
    }


def render_log(lines: Sequence[Mapping[str, Json]], damaged: int, style: Style) -> str:
    return "".join(f"{line}\n" for line in _log(lines, damaged, style))


def _log(lines: Sequence[Mapping[str, Json]], damaged: int, style: Style) -> Iterator[str]:
    if not lines:
        yield "Nothing is in the log."
    for line in lines:
        yield from _entry(line, style)
    if damaged:
        yield style.paint(f"warning: {plural(damaged, 'line')} of the log cannot be read", "yellow")


def _entry(line: Mapping[str, Json], style: Style) -> Iterator[str]:
    commit = str(line.get("commit") or "")[:7]
    words = [
        moment(str(line["time"]), style),
        style.text(str(line.get("purpose", "apply"))),
        f"generation {style.text(str(line.get('serial', '')))}",
        f"by {style.text(str(line.get('user', '')))}",
        f"commit {style.text(commit)}{'+' if line.get('dirty') else ''}" if commit else "",
        f"{style.text(str(line.get('end', '')))} (exit {style.text(str(line.get('exit_code', '')))})",
    ]
    yield style.paint("  ".join(word for word in words if word), "bold")
    told = line.get("operations")
    for item in told if isinstance(told, list) else ():
        if isinstance(item, dict):
            yield from _operation(item, style)


def _operation(item: Mapping[str, Json], style: Style) -> Iterator[str]:
    action, reason = str(item.get("action", "")), str(item.get("reason", ""))
    known = REASONS.get(reason)
    why = f"   {known.title if known is not None else style.text(reason)}" if reason else ""
    text = f"{SYMBOLS.get(action, ' ')} {style.path(str(item.get('address', '')))}{why}"
    yield from (style.paint(part, ACTION_COLOURS.get(action, "")) for part in hang("  ", text, style.width))
