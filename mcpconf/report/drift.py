"""A report of drift as a person reads it: by kind, the gravest first, each with what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.model.drift import DriftReport
from mcpconf.model.plan import Drift
from mcpconf.reconcile.drift import KINDS
from mcpconf.report.layout import hang, table
from mcpconf.report.sections import drift_counts, drift_row
from mcpconf.report.style import SEVERITY_COLOURS, Style, listing, plural
from mcpconf.report.text import origin

LISTED = 60
"""Differences that a screen shows; JSON has all."""


def render_drift(report: DriftReport, style: Style) -> str:
    return "".join(f"{line}\n" for line in _lines(report, style))


def _lines(report: DriftReport, style: Style) -> Iterator[str]:
    manifest = origin(report, style)
    if not report.drift:
        since = f" since serial {report.state.serial}" if report.state.applied else "; nothing was applied here yet"
        yield style.paint(f"No drift{since}{_left_out(report)}.", "green")
    else:
        yield style.paint(
            f"mcpconf drift   {manifest}   {style.text(report.machine.user)} on {style.text(report.machine.os)}", "bold"
        )
        yield f"{drift_counts(report.drift)}{_left_out(report)}."
        shown = report.drift[:LISTED]
        for kind in dict.fromkeys(item.kind for item in shown):
            yield ""
            yield from _kind(kind, [item for item in shown if item.kind == kind], style)
        if len(report.drift) > LISTED:
            yield f"  and {len(report.drift) - LISTED} more: `mcpconf drift --format json` has all"
    if report.pending:
        verb = "is" if report.pending == 1 else "are"
        text = f"{plural(report.pending, 'change')} of {manifest} {verb} not applied yet: `mcpconf plan`"
        yield from hang("", text, style.width)
    if report.blocked:
        text = "what is held, or what the policy does not let pass (exit 3): `mcpconf plan` says it"
        yield from (style.paint(line, "red") for line in hang("NOT DRIFT: ", text, style.width))


def _left_out(report: DriftReport) -> str:
    counts = [
        f"{report.converged} changed by hand to what the manifest asks for" if report.converged else "",
        f"{plural(report.noise, 'key')} not compared" if report.noise else "",
    ]
    text = listing(counts)
    return f" ({text})" if text else ""


def _kind(kind: str, items: list[Drift], style: Style) -> Iterator[str]:
    word = KINDS.get(kind)
    yield style.paint(style.text(kind), "bold") + (f"   {word.title}" if word else "")
    rows = [(*drift_row(item, style)[:2], item.id, *drift_row(item, style)[2:]) for item in items]
    for item, lines in zip(items, table(rows, style.width), strict=True):
        colour = SEVERITY_COLOURS[item.severity] if item.counted else "dim"
        yield from (style.paint(line, colour) for line in lines)
    undone = all(item.will == "revert" for item in items)
    hints = ["`mcpconf apply` undoes it"] if undone else dict.fromkeys(item.hint for item in items if item.hint)
    for hint in hints:
        yield from hang("  hint: ", style.text(hint), style.width)
