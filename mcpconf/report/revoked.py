"""What a revocation takes away, what is left of it, and what is revoked on a machine, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mcpconf.model.base import Json
from mcpconf.model.commands import command
from mcpconf.model.outcome import Outcome
from mcpconf.model.plan import Plan
from mcpconf.model.state import Revoked
from mcpconf.report.changes import change_lines, grouped
from mcpconf.report.layout import hang, table
from mcpconf.report.outcome import failures
from mcpconf.report.sections import privileges, residue, unknowns
from mcpconf.report.style import Style, listing, plural


def render_revocation(plan: Plan, revoked: Revoked, listed: Sequence[str], style: Style) -> str:
    """The plan of a revocation, before it is made."""
    sections = [
        _header(plan, revoked, style),
        privileges(plan, style),
        _changes(plan, style),
        _left_alone(plan, style),
        residue(plan, style),
        unknowns(plan, style),
        _summary(plan, listed, style),
    ]
    return "\n".join(_block(section) for section in map(list, sections) if section)


def render_revoked(left: Plan, revoked: Revoked, outcome: Outcome, style: Style) -> str:
    """What was done, and what is left."""
    return _block(_done(left, revoked, outcome, style))


def render_list(revoked: Sequence[Revoked], style: Style) -> str:
    if not revoked:
        return "Nothing is revoked on this machine.\n"
    return _block(revoked_lines(revoked, style)) + f"hint: {command('revoke', '--undo', 'NAME')} allows it again\n"


def render_undone(revoked: Revoked, style: Style) -> str:
    text = f"Allowed again: {style.path(revoked.target)}, revoked on {revoked.since[:10]} by {style.text(revoked.by)}."
    hint = f"hint: {command('apply')} writes it again where the manifest asks for it"
    return _block([*hang("", text, style.width), hint])


def revoked_lines(revoked: Sequence[Revoked], style: Style) -> Iterator[str]:
    """One row for each: what, since when, by whom, why."""
    yield style.paint(f"Revoked on this machine: {len(revoked)}", "bold")
    rows = [
        (style.path(item.target), item.since[:10], style.text(f"by {item.by}"), style.text(item.reason))
        for item in revoked
    ]
    for lines in table(rows, style.width):
        yield from lines


def revoked_data(revoked: Revoked) -> dict[str, Json]:
    return {"target": revoked.target, **revoked.model_dump(exclude={"marks"}), "identities": _identities(revoked)}


def _block(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _identities(revoked: Revoked) -> list[str]:
    return sorted({mark.identity for mark in revoked.marks} - {""})


def _header(plan: Plan, revoked: Revoked, style: Style) -> Iterator[str]:
    machine = f"{style.text(plan.machine.user)} on {style.text(plan.machine.os)}"
    yield style.paint(f"mcpconf revoke {style.path(revoked.target)}   {machine}", "bold")
    if revoked.server and not revoked.address:
        yield from hang("", style.text(_what(revoked)), style.width)
    if plan.why:
        yield from hang("Reason: ", style.text(plan.why), style.width)
    for warning in plan.warnings:
        yield from (style.paint(line, "yellow") for line in hang("warning: ", style.text(warning), style.width))


def _what(revoked: Revoked) -> str:
    """By what it is looked for."""
    if revoked.known and _identities(revoked):
        return f"It is {listing(_identities(revoked))}, whatever its name."
    return f"Nothing here says what `{revoked.server}` is: whatever has that name is meant."


def _changes(plan: Plan, style: Style) -> Iterator[str]:
    if plan.changes:
        yield style.paint("CHANGES", "bold")
    for group in grouped(plan.changes):
        yield from change_lines(group, style)


def _left_alone(plan: Plan, style: Style) -> Iterator[str]:
    if not plan.unmanaged:
        return
    yield style.paint("LEFT ALONE", "bold") + f"   {len(plan.unmanaged)} of that name, for something else"
    words = {"name_reused": "", "ambiguous": "ambiguous: it may be about another server"}
    rows = [
        (style.path(item.address), style.path(item.where), style.text(item.identity or words.get(item.reason, "")))
        for item in plan.unmanaged
    ]
    for lines in table(rows, style.width):
        yield from lines
    yield from hang("  hint: ", f"{command('revoke', 'ADDRESS')} takes one of them away", style.width)


def _summary(plan: Plan, listed: Sequence[str], style: Style) -> Iterator[str]:
    files = len({change.file for change in plan.changes if change.writes})
    none = "nothing of it was found in what could be read" if plan.unknowns else "nothing of it is on this machine"
    counts = _counts(plan) or none
    yield style.paint(f"Revoke: {counts}.", "bold") + (f"   {plural(files, 'file')}" if files else "")
    yield from hang("", "From now on it is taken away wherever it comes back, and never written.", style.width)
    if listed:
        where = ", ".join(map(style.path, listed))
        yield from hang("Still asked for: ", f"{where}. Until that is gone, plan and apply hold it.", style.width)
    restart = sorted({change.restart for change in plan.changes if change.writes and change.restart})
    if restart:
        yield from hang("Restart needed: ", f"{', '.join(map(style.text, restart))}.", style.width)


def _counts(plan: Plan) -> str:
    summary = plan.summary
    return listing(
        [
            f"{summary.delete} to delete" if summary.delete else "",
            f"{summary.revoke} to revoke" if summary.revoke else "",
            f"{summary.held} held" if summary.held else "",
            f"{summary.residue} to be removed by hand" if summary.residue else "",
        ]
    )


def _done(left: Plan, revoked: Revoked, outcome: Outcome, style: Style) -> Iterator[str]:
    target = style.path(revoked.target)
    if outcome.end == "declined":
        yield style.paint("Answered no: nothing was written.", "yellow")
        return
    clean = not (left.changes or left.residue or left.unknowns or outcome.failures)
    count = f"{plural(len(outcome.applied), 'change')} in {plural(len(outcome.files), 'file')}"
    what = count if outcome.applied else "nothing of it could be taken away" if not clean else "nothing of it was here"
    end = ", and it is gone" if clean and outcome.applied else ""
    done = hang("", f"Revoked {target}: {what}{end}.", style.width)
    yield from (style.paint(line, "green" if clean else "yellow") for line in done)
    yield from failures(outcome, style)
    for path in outcome.backups:
        text = f"the old content stays in {style.path(path)} until {outcome.expires}; rotate the secret in it"
        yield from (style.paint(line, "yellow") for line in hang("", text, style.width))
    if outcome.restart:
        text = f"{', '.join(map(style.text, outcome.restart))}: until then the server may still run."
        yield from hang("Restart ", text, style.width)
    yield from (line for section in (_changes, residue, unknowns) for line in section(left, style))
    undo = style.text(command("revoke", "--undo", revoked.target))
    yield from hang("hint: ", f"{undo} allows it again", style.width)
