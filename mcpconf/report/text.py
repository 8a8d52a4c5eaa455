"""A plan as a person reads it: privileges first, then drift, then changes, then one line that counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mcpconf.model.change import ACTIONS
from mcpconf.model.plan import Drift, Plan, PlanFinding
from mcpconf.report.changes import change_lines, grouped
from mcpconf.report.style import SEVERITY_COLOURS, Style, columns, plural
from mcpconf.secrets.escape import escape

_WORDS = {
    "create": "to create",
    "update": "to update",
    "replace": "to replace",
    "delete": "to delete",
    "revoke": "to revoke",
    "conflict": "in conflict",
    "held": "held",
    "unknown": "unknown",
}
_ARROWS = {"critical": "^^", "high": "^ ", "medium": "^ ", "low": "^ "}
_LISTED = 12
_SHOWN_ELSEWHERE = frozenset({"MCP001", "MCP601"})


def render_plan(plan: Plan, style: Style, *, detailed: bool = False) -> str:
    """`detailed` only chooses which exit code the last line names."""
    if quiet(plan):
        return no_changes(plan, style) + "\n" + _block(_footnotes(plan, style))
    sections = [
        _header(plan, style),
        _privileges(plan, style),
        _drift(plan, style),
        _changes(plan, style),
        _unmanaged(plan, style),
        _residue(plan, style),
        _findings(plan, style),
        _unknowns(plan, style),
        _summary(plan, style, detailed=detailed),
    ]
    return "\n".join(_block(section) for section in map(list, sections) if section)


def quiet(plan: Plan) -> bool:
    """Whether "No changes" is the truth: nothing to do, nothing drifted, nothing held, nothing unread."""
    return plan.detailed_exit_code == 0


def no_changes(plan: Plan, style: Style) -> str:
    summary = plan.summary
    ignored = sum(item.count for item in plan.ignored)
    note = f" ({plural(ignored, 'runtime key')} ignored)" if ignored else ""
    line = f"No changes. {plural(summary.servers, 'server')} on {plural(summary.hosts, 'host')} match {origin(plan)}{note}."
    return style.paint(line, "green")


def origin(plan: Plan) -> str:
    """The manifest, with its commit where git knows one."""
    name = escape(plan.origin.manifest) or "the manifest"
    if plan.origin.commit is None:
        return name
    return f"{name}@{plan.origin.commit[:7]}{' (uncommitted changes)' if plan.origin.dirty else ''}"


def _block(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _header(plan: Plan, style: Style) -> Iterator[str]:
    yield style.paint(f"mcpconf plan   {origin(plan)}   {escape(plan.machine.user)} on {plan.machine.os}", "bold")
    summary = plan.summary
    counts = f"{plural(summary.servers, 'server')} for {plural(summary.hosts, 'host')}, {plural(summary.bindings, 'binding')}"
    absent = f"  {plural(summary.not_installed, 'host')} not installed." if summary.not_installed else ""
    targets = f"  Only: {escape(', '.join(plan.targets))}." if plan.targets else ""
    excludes = f"  Without: {escape(', '.join(plan.excludes))}." if plan.excludes else ""
    yield f"{counts}.{absent}{targets}{excludes}"
    for warning in plan.warnings:
        yield style.paint(f"warning: {escape(warning)}", "yellow")


def _privileges(plan: Plan, style: Style) -> Iterator[str]:
    rows: dict[tuple[str, str, str, str, str], list[str]] = {}
    for change in plan.changes:
        for item in change.privilege:
            sign = "v " if item.direction == "narrower" else _ARROWS[item.severity]
            word = "LOWER" if item.direction == "narrower" else item.severity.upper()
            key = (sign, word, escape(change.server), item.dimension, escape(item.text))
            place = change.address.rpartition("/")[0] + (" (held)" if change.hold else "")
            rows.setdefault(key, []).append(escape(place))
    if not rows:
        return
    wider = sum(sign != "v " for sign, *_ in rows)
    yield style.paint("PRIVILEGE CHANGES", "bold") + f"   {wider} wider or other, {len(rows) - wider} narrower"
    order = {"CRITICAL": 0, "HIGH": 1, "MEDIUM": 2, "LOW": 3, "LOWER": 4}
    ranked = sorted(rows.items(), key=lambda row: (order[row[0][1]], row[0]))
    lines = columns([(*key, ", ".join(dict.fromkeys(places))) for key, places in ranked])
    for (key, _), line in zip(ranked, lines, strict=True):
        yield "  " + style.paint(line, SEVERITY_COLOURS.get(key[1].lower(), "green"))


def _drift(plan: Plan, style: Style) -> Iterator[str]:
    items = [item for item in plan.drift if item.counted]
    warnings = [item for item in plan.drift if not item.counted]
    if not items and not warnings:
        return
    undone = sum(item.will == "revert" for item in items)
    since = "since last apply" if plan.state.applied else "(never applied here)"
    yield style.paint(f"DRIFT {since}", "bold") + f"   {undone} will be undone, {len(items) - undone} will stay"
    rows = [_drift_row(item, style) for item in (*items, *warnings)]
    for item, line in zip((*items, *warnings), columns(rows), strict=True):
        yield "  " + style.paint(line, SEVERITY_COLOURS[item.severity] if item.counted else "dim")


def _drift_row(item: Drift, style: Style) -> tuple[str, ...]:
    sign = "?" if item.kind == "unmanaged" else "!" if item.counted else " "
    word = item.severity.upper() if item.counted else "WARNING"
    return sign, escape(style.path(item.address)), escape(item.message), word, style.path(item.where)


def _changes(plan: Plan, style: Style) -> Iterator[str]:
    if not plan.changes:
        return
    yield style.paint("CHANGES", "bold")
    for group in grouped(plan.changes):
        yield from change_lines(group, style)


def _unmanaged(plan: Plan, style: Style) -> Iterator[str]:
    """What the manifest does not list and this plan leaves alone; what is new stands under drift already."""
    left = [item for item in plan.unmanaged if not item.removed and not item.new]
    if not left:
        return
    yield style.paint("UNMANAGED", "bold") + "   left alone; not in the manifest"
    rows = [(escape(item.address), escape(item.identity or item.reason), style.path(item.where)) for item in left]
    yield from (f"  {line}" for line in columns(rows[:_LISTED]))
    if len(rows) > _LISTED:
        yield f"  and {len(rows) - _LISTED} more: `mcpconf status` lists all"


def _residue(plan: Plan, style: Style) -> Iterator[str]:
    if not plan.residue:
        return
    yield style.paint("RESIDUE: revoked, still effective", "bold")
    for number, item in enumerate(plan.residue, 1):
        yield "  " + style.paint(f"{number}. {escape(item.address)}", "red") + f"   {escape(item.message)}"
        yield f"     do: {escape(item.instruction)}"


def _findings(plan: Plan, style: Style) -> Iterator[str]:
    shown = [item for item in plan.findings if item.rule not in _SHOWN_ELSEWHERE]
    if not shown:
        return
    yield style.paint("FINDINGS", "bold") + "   `mcpconf plan --format json` has all of them"
    groups: dict[tuple[str, str, str, str], list[PlanFinding]] = {}
    for item in shown:
        groups.setdefault((item.severity, item.rule, item.message, item.hint), []).append(item)
    for (severity, rule, message, hint), items in groups.items():
        where = ", ".join(dict.fromkeys(escape(item.address) for item in items))
        yield f"  {style.paint(severity, SEVERITY_COLOURS[severity])} {rule} {escape(message)}   {where}"
        if hint:
            yield f"    hint: {escape(hint)}"


def _unknowns(plan: Plan, style: Style) -> Iterator[str]:
    if not plan.unknowns:
        return
    yield style.paint("NOT CHECKED", "bold")
    for item in plan.unknowns:
        yield f"  ? {style.path(item.where)}   {escape(item.reason)}"
        if item.hint:
            yield f"    hint: {escape(item.hint)}"


def _summary(plan: Plan, style: Style, *, detailed: bool) -> Iterator[str]:
    summary = plan.summary
    parts = [f"{getattr(summary, action)} {_WORDS[action]}" for action in ACTIONS if getattr(summary, action)]
    extra = [
        f"{summary.drift} drifted" if summary.drift else "",
        f"{summary.residue} left over" if summary.residue else "",
        f"{summary.kept} kept" if summary.kept else "",
        f"{summary.unmanaged} unmanaged" if summary.unmanaged else "",
    ]
    files = len({change.file for change in plan.changes if change.writes})
    yield style.paint(f"Plan: {', '.join([*parts, *filter(None, extra)]) or 'nothing to change'}.", "bold") + (
        f"   {plural(files, 'file')}" if files else ""
    )
    restart = sorted({change.restart for change in plan.changes if change.writes and change.restart})
    if restart:
        yield f"Restart needed: {', '.join(restart)}."
    yield from _verdict(plan, style)
    code = plan.detailed_exit_code if detailed else plan.exit_code
    if code:
        yield style.paint(f"exit {code}", "dim")


def _verdict(plan: Plan, style: Style) -> Iterator[str]:
    held = [change for change in plan.changes if change.action == "held"]
    if plan.blocked:
        yield style.paint("BLOCKED: a finding about the manifest as a whole stops every change.", "red")
    elif held:
        numbers = ", ".join(f"[{change.index}]" for change in held)
        yield style.paint(f"HELD: apply leaves out {numbers} and makes the other changes.", "red")
    if any(change.action == "conflict" for change in plan.changes):
        yield style.paint("CONFLICT: apply only takes away, until each conflict is settled.", "red")


def _footnotes(plan: Plan, style: Style) -> Iterator[str]:
    """What is worth a line although nothing is to be done."""
    yield from _unmanaged(plan, style)
    yield from (
        style.paint(f"warning: {style.path(item.address)}: {escape(item.message)}", "yellow") for item in plan.drift
    )
    yield from _findings(plan, style)


def verdict(plan: Plan, style: Style) -> str:
    """One line: whether the machine is as the manifest says."""
    if quiet(plan):
        return no_changes(plan, style) + "\n"
    return _block(_summary(plan, style, detailed=True))
