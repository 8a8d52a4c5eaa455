"""A plan as a person reads it: privileges first, then drift, then changes, then one line that counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from mcpconf.errors import ExitCode
from mcpconf.model.change import ACTIONS
from mcpconf.model.plan import Plan
from mcpconf.report.changes import change_lines, grouped
from mcpconf.report.diff import EditedFile, render_diffs
from mcpconf.report.goingback import going_back, pinned
from mcpconf.report.layout import hang
from mcpconf.report.sections import (
    drift,
    findings,
    history,
    privileges,
    residue,
    store,
    unknowns,
    unmanaged,
    verified,
    warnings,
)
from mcpconf.report.style import Style, listing, plural
from mcpconf.secrets.escape import escape

if TYPE_CHECKING:
    from mcpconf.model.drift import DriftReport

_WORDS = {
    "create": "to create",
    "update": "to update",
    "replace": "to replace",
    "delete": "to delete",
    "revoke": "to revoke",
    "conflict": "in conflict",
    "held": "held",
    "unknown": "not checked",
}
_TITLES = {"destroy": "destroy"}
_NUMBERS = 12
"""Of items that one line names."""


def render_plan(plan: Plan, style: Style, edited: Sequence[EditedFile] = (), code: int = 0) -> str:
    """`edited` adds the lines that would change; `code` is an exit code for the last line to name."""
    if quiet(plan):
        notes = [*going_back(plan, style), *_footnotes(plan, style)]
        return _block([no_changes(plan, style), *([""] if notes else []), *notes])
    sections = [
        _header(plan, style),
        going_back(plan, style),
        privileges(plan, style),
        drift(plan, style),
        store(plan, style),
        _changes(plan, style),
        unmanaged(plan, style),
        residue(plan, style),
        verified(plan, style),
        history(plan, style),
        findings(plan, style),
        unknowns(plan, style),
        _diffs(edited, style),
        _summary(plan, style, code),
    ]
    return "\n".join(_block(section) for section in map(list, sections) if section)


def quiet(plan: Plan) -> bool:
    """Whether "No changes" is the truth: nothing to do, nothing drifted, nothing held, nothing unread."""
    return plan.detailed_exit_code == 0


_IGNORED = {"host-runtime": "runtime key", "no-server": "host extension", "foreign-key": "foreign key"}


def no_changes(plan: Plan, style: Style) -> str:
    summary = plan.summary
    counts = {what: sum(item.count for item in plan.ignored if item.rule == rule) for rule, what in _IGNORED.items()}
    counted = [plural(count, what) for what, count in counts.items() if count]
    note = f" ({', '.join(counted)} ignored)" if counted else ""
    some = f"{plural(summary.servers, 'server')} on {plural(summary.hosts, 'host')}"
    if summary.not_installed and not summary.hosts:
        note += f"; {plural(summary.not_installed, 'host')} not installed"
    chosen = f" Only looked at: {_chosen(plan, style)}." if plan.targets or plan.excludes else ""
    return style.paint(f"No changes. {some} match {_aimed_at(plan, style)}{note}.{chosen}", "green")


def _aimed_at(plan: Plan, style: Style) -> str:
    return origin(plan, style) if plan.rollback is None else f"generation {plan.rollback.generation}"


def origin(plan: Plan | DriftReport, style: Style) -> str:
    """The manifest, with its commit where git knows one."""
    name = style.text(plan.origin.manifest) or "the manifest"
    if plan.origin.commit is None:
        return name
    return f"{name}@{style.text(plan.origin.commit[:7])}{' (uncommitted changes)' if plan.origin.dirty else ''}"


def verdict(plan: Plan, style: Style) -> str:
    """Whether the machine is as the manifest says, and by how much it is not."""
    if quiet(plan):
        return no_changes(plan, style) + "\n"
    where = f"{origin(plan, style)} and this machine differ: {counts(plan) or 'nothing to change'}."
    lines = hang("", where, style.width)
    told = [*(style.paint(line, "bold") for line in lines), *pinned(plan, style), *_verdict(plan, style)]
    return _block([*told, "hint: `mcpconf plan` says what"])


def saved_text(plan: Plan, apply: str) -> str:
    """`apply` is the command that makes its changes."""
    absent = sorted({item.server for item in plan.changes if item.hold is not None and item.hold.by == "not-installed"})
    does = f"to make exactly these changes: {apply}"
    if not absent:
        return f"saved the plan; {does}"
    names = listing([f"`{escape(name)}`" for name in absent])
    left = f"saved the plan without {names}, which the store does not have: `mcpconf install`, then save it anew"
    return f"{left}; {does}" if any(item.writes for item in plan.changes) else left


def _block(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _chosen(plan: Plan, style: Style) -> str:
    return listing([*map(style.text, plan.targets), *(f"not {style.text(item)}" for item in plan.excludes)])


def _header(plan: Plan, style: Style) -> Iterator[str]:
    machine = f"{style.text(plan.machine.user)} on {style.text(plan.machine.os)}"
    what = f"rollback {plan.rollback.generation}" if plan.rollback is not None else _TITLES.get(plan.purpose, "plan")
    signed = f", signed by {style.text(plan.origin.signature)}" if plan.origin.signature is not None else ""
    source = "" if plan.purpose == "destroy" else f"   {origin(plan, style)}{signed}"
    yield style.paint(f"mcpconf {what}{source}   {machine}", "bold")
    if plan.purpose == "destroy":
        yield "No manifest is asked."
        return
    summary = plan.summary
    some = f"{plural(summary.servers, 'server')} for {plural(summary.hosts, 'host')}"
    counts = [some, plural(summary.bindings, "binding")]
    absent = f"  {plural(summary.not_installed, 'host')} not installed." if summary.not_installed else ""
    yield f"{listing(counts)}.{absent}"
    if plan.machine.groups:
        yield from hang(
            "Groups of this machine: ", f"{listing(list(map(style.text, plan.machine.groups)))}.", style.width
        )
    if plan.targets or plan.excludes:
        yield from hang("Only a part of the plan: ", f"{_chosen(plan, style)}.", style.width)
    yield from pinned(plan, style)
    for warning in plan.warnings:
        yield from (style.paint(line, "yellow") for line in hang("warning: ", style.text(warning), style.width))


def _changes(plan: Plan, style: Style) -> Iterator[str]:
    if not plan.changes:
        return
    yield style.paint("CHANGES", "bold")
    for group in grouped(plan.changes):
        yield from change_lines(group, style)


def counts(plan: Plan) -> str:
    summary = plan.summary
    parts = [f"{getattr(summary, action)} {_WORDS[action]}" for action in ACTIONS if getattr(summary, action)]
    parts += [
        f"{summary.drift} drifted" if summary.drift else "",
        f"{summary.residue} left over" if summary.residue else "",
        f"{summary.kept} kept" if summary.kept else "",
        f"{summary.unmanaged} unmanaged" if summary.unmanaged else "",
    ]
    return listing(parts)


def _diffs(edited: Sequence[EditedFile], style: Style) -> Iterator[str]:
    if edited:
        yield style.paint("DIFF", "bold") + f"   of {plural(len(edited), 'file')}"
        yield from render_diffs(edited, style)


def _ends(plan: Plan) -> str:
    pids = [str(item.process.pid) for item in plan.residue if item.process is not None] if plan.stop_processes else []
    return f"Ends {plural(len(pids), 'process')}: {', '.join(pids)}." if pids else ""


def _summary(plan: Plan, style: Style, code: int) -> Iterator[str]:
    files = len({change.file for change in plan.changes if change.writes})
    text = f"{counts(plan) or 'nothing to change'}." + (f"   {plural(files, 'file')}" if files else "")
    yield from (style.paint(line, "bold") for line in hang("Plan: ", text, style.width))
    yield from hang("", _ends(plan), style.width) if _ends(plan) else ()
    yield from _let_be(plan, style)
    yield from _not_enforced(plan, style)
    restart = sorted({change.restart for change in plan.changes if change.writes and change.restart})
    if restart:
        yield from hang("Restart needed: ", f"{', '.join(map(style.text, restart))}.", style.width)
    yield from _verdict(plan, style)
    if code:
        yield style.paint(f"exit {code}", "dim")


def _let_be(plan: Plan, style: Style) -> Iterator[str]:
    """Differences that the manifest says to ignore: never without a word."""
    for item in plan.ignored:
        if item.rule == "ignore":
            count = plural(item.count, "difference")
            text = f"{count} at `{style.text(item.where)}` until {item.expires}: {style.text(item.reason)}"
            yield from (style.paint(line, "dim") for line in hang("Ignored: ", text, style.width))


def _not_enforced(plan: Plan, style: Style) -> Iterator[str]:
    """What the manifest says of its servers and nothing makes true."""
    told = [f"{style.text(item.server)} ({', '.join(item.dimensions)})" for item in plan.declared_not_enforced]
    if told:
        text = f"{listing(told)}."
        yield from (style.paint(line, "dim") for line in hang("Declared, not enforced: ", text, style.width))


def _verdict(plan: Plan, style: Style) -> Iterator[str]:
    """What apply will not do, and what a person can do about it."""
    held = [change.index for change in plan.changes if change.action == "held"]
    conflicts = [change.index for change in plan.changes if change.action == "conflict"]
    if plan.blocked:
        yield from _loud("BLOCKED: ", "a finding about the manifest as a whole stops every change.", style)
        return
    if held:
        yield from _loud("HELD: ", f"apply leaves out {_numbers(held)}.", style)
    going = [
        address for address in plan.withheld if address in {change.address for change in plan.changes if change.writes}
    ]
    if going:
        words = listing([style.path(address) for address in going])
        yield from _loud("REVOKED: ", f"the manifest still asks for {words}, and apply does not write it.", style)
    if plan.exit_code == ExitCode.BLOCKED and not held and not plan.withheld:
        yield from _loud(
            "FOUND: ", "the policy does not let pass what was found; apply makes its changes, and ends with 3.", style
        )
    if plan.unknowns:
        yield from _loud("NOT CHECKED: ", "apply leaves those files alone.", style)
    if conflicts:
        yield from _loud(
            "CONFLICT: ",
            f"until {_numbers(conflicts)} {'is' if len(conflicts) == 1 else 'are'} settled, apply only takes away.",
            style,
        )
        yield f"hint: `--exclude {','.join(map(str, conflicts))}` leaves {'it' if len(conflicts) == 1 else 'them'} out"


def _numbers(indices: Sequence[int]) -> str:
    more = f" and {len(indices) - _NUMBERS} more" if len(indices) > _NUMBERS else ""
    return ", ".join(f"[{index}]" for index in indices[:_NUMBERS]) + more


def _loud(label: str, text: str, style: Style) -> Iterator[str]:
    yield from (style.paint(line, "red") for line in hang(label, text, style.width))


def _footnotes(plan: Plan, style: Style) -> Iterator[str]:
    """What is worth a line although nothing is to be done."""
    yield from history(plan, style)
    yield from verified(plan, style)
    yield from privileges(plan, style)
    for warning in plan.warnings:
        yield from (style.paint(line, "yellow") for line in hang("warning: ", style.text(warning), style.width))
    yield from warnings(plan, style)
    yield from findings(plan, style)
    yield from _let_be(plan, style)
    yield from _not_enforced(plan, style)
    left = sum(not item.removed for item in plan.unmanaged)
    if left:
        known = ", seen and left alone" if plan.state.applied else ", left alone"
        yield style.paint(f"{left} unmanaged{known}: `mcpconf status` lists them", "dim")
