"""A plan or a report of drift as Markdown, for the summary of a job or a comment on a change.

Every text of others stands in a code span: there nothing is a link, a mention or markup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from mcpconf.compare import details
from mcpconf.model.base import Json
from mcpconf.model.change import Change
from mcpconf.model.drift import DriftReport
from mcpconf.model.plan import Drift, Plan
from mcpconf.reconcile.reasons import REASONS
from mcpconf.report.changes import grouped
from mcpconf.report.notices import Notice
from mcpconf.report.sections import drift_counts
from mcpconf.report.style import SYMBOLS, Style, plural
from mcpconf.report.text import counts, quiet

MOST = 60_000
"""Characters; a comment on GitHub may have 65,536 (docs.github.com, 2026-11)."""

_TICKS = re.compile("`+")
_MOST_FIELDS = 12


def span(text: str) -> str:
    """A code span that shows the text as it is, whatever backticks are in it."""
    longest = max(map(len, _TICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    room = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) or not text else ""
    return f"{fence}{room}{text}{room}{fence}"


def render_plan_markdown(plan: Plan, notices: Sequence[Notice], style: Style) -> str:
    head = [f"### mcpconf plan: {counts(plan) or 'no changes'}", "", _about(plan, style), *_verdict(plan)]
    drift = {(item.address, item.message) for item in plan.drift}
    told = {item.fingerprint for item in plan.findings if item.waived is None and (item.address, item.message) in drift}
    found = [notice for notice in notices if notice.id not in told]
    body = [*_privileges(plan, style), *_drift(plan.drift, style), *_changes(plan, style), *findings_markdown(found)]
    left = sum(not item.removed for item in plan.unmanaged)
    tail = ["", f"{left} unmanaged left alone."] if left else []
    return fitted(head, body, tail)


def render_drift_markdown(report: DriftReport, style: Style) -> str:
    title = drift_counts(report.drift) or "none"
    tail = ["", f"{plural(report.pending, 'change')} not applied yet."] if report.pending else []
    return fitted([f"### mcpconf drift: {title}", "", _about(report, style)], _drift(report.drift, style), tail)


def fitted(head: Sequence[str], body: Iterable[str], tail: Sequence[str]) -> str:
    """Lines of at most `MOST` characters in all; the middle is left out, the head and the end stay."""
    kept, lines, left_out = [*head], list(body), 0
    room = MOST - sum(len(line) + 1 for line in (*head, *tail)) - 200
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            left_out = len(lines) - number
            break
        kept.append(line)
    if left_out:
        kept += ["", f"{plural(left_out, 'line')} left out; the JSON of this run has them."]
    return "".join(f"{line}\n" for line in [*kept, *tail])


def _about(told: Plan | DriftReport, style: Style) -> str:
    commit = f" at {span(style.text(told.origin.commit[:12]))}" if told.origin.commit else ""
    manifest = span(style.text(told.origin.manifest))
    return f"{manifest}{commit} on {span(style.text(told.machine.user))}, {span(style.text(told.machine.os))}"


def _verdict(plan: Plan) -> Iterator[str]:
    if quiet(plan):
        return
    held = sum(change.action == "held" for change in plan.changes)
    conflicts = sum(change.action == "conflict" for change in plan.changes)
    texts = {
        "Blocked: a finding about the manifest as a whole stops every change.": plan.blocked,
        f"Held: apply leaves out {plural(held, 'change')}.": held,
        f"Conflict: until {plural(conflicts, 'conflict')} settled, apply only takes away.": conflicts,
        "Not checked: some files could not be read, and are left alone.": plan.unknowns,
    }
    for text, true in texts.items():
        if true:
            yield ""
            yield f"**{text}**"


def _section(title: str) -> list[str]:
    return ["", f"#### {title}", ""]


def _privileges(plan: Plan, style: Style) -> Iterator[str]:
    rows = [(change, item) for change in plan.changes for item in change.privilege]
    if not rows:
        return
    yield from _section("Privilege changes")
    for change, item in rows:
        word = "LOWER" if item.direction == "narrower" else item.severity.upper()
        held = " (held)" if change.hold else ""
        yield f"- **{word}** {span(style.text(change.address))}{held}: {span(f'{item.dimension}: {style.text(item.text)}')}"


def _drift(items: Sequence[Drift], style: Style) -> Iterator[str]:
    if not items:
        return
    yield from _section("Drift")
    for item in items:
        word = item.severity.upper() if item.counted else "WARNING"
        where = f" in {span(style.path(item.where))}" if item.where not in ("", item.address) else ""
        end = "will be undone" if item.will == "revert" else span(style.text(item.hint)) if item.hint else "stays"
        what = f"{span(style.text(item.kind))} {span(style.path(item.address))}{where}"
        yield f"- **{word}** {what}: {span(style.text(item.message))}; {end} ({span(style.text(item.id))})"


def _changes(plan: Plan, style: Style) -> Iterator[str]:
    if not plan.changes:
        return
    yield from _section("Changes")
    for group in grouped(plan.changes):
        yield from _group(group, style)


def _group(group: Sequence[Change], style: Style) -> Iterator[str]:
    change = group[0]
    numbers = ",".join(str(item.index) for item in group)
    word = f"held {change.hold.action}".rstrip() if change.hold else change.action
    known = REASONS.get(change.reason)
    places = ", ".join(span(style.text(address)) for item in group for address in item.addresses)
    sign = f"[{numbers}] {SYMBOLS[change.action]}"
    yield f"- {span(sign)} **{word}** {places}: {known.title if known else span(style.text(change.reason))}"
    if change.hold is not None:
        yield f"  - held by {span(style.text(change.hold.by))}: {span(style.text(change.hold.message))}"
    told = [detail for field in change.fields for detail in details(field.name, field.before, field.after)]
    for detail in told[:_MOST_FIELDS]:
        old, new = (_value(value, style) for value in (detail.before, detail.after))
        yield f"  - {span(style.text(detail.name))}: {old} → {new}"
    if len(told) > _MOST_FIELDS:
        yield f"  - {len(told) - _MOST_FIELDS} more"


def _value(value: Json, style: Style) -> str:
    return "nothing" if value is None else span(style.text(value if isinstance(value, str) else json.dumps(value)))


def findings_markdown(notices: Sequence[Notice]) -> Iterator[str]:
    if not notices:
        return
    yield from _section("Findings")
    for notice in notices:
        word = "waived" if notice.waived else notice.level
        where = f" in {span(str(notice.place))}" if notice.place is not None else ""
        yield f"- **{word}** {span(notice.rule)} {span(notice.address)}{where}: {span(notice.message)}"
        end = notice.waived or notice.hint
        if end:
            yield f"  - {span(end)}"
