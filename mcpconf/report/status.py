"""Two columns per address: what happened to the machine since the last apply, and what apply would do."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.errors import ExitCode
from mcpconf.model.plan import Plan
from mcpconf.report.layout import hang
from mcpconf.report.style import ACTION_COLOURS, Style, plural
from mcpconf.report.text import no_changes, quiet

_MACHINE = {"removed_by_hand": "D", "drifted": "M", "both_changed": "M", "revoked_and_changed": "M", "not_ours": "A"}
_MACHINE |= {"name_taken": "A", "unmanaged": "A", "not_declared": "A", "must_be_absent": "A"}
_APPLY = {"create": "A", "update": "M", "replace": "R", "delete": "D", "revoke": "D", "conflict": "C", "held": "X"}
_APPLY |= {"unknown": "!"}


def render_status(plan: Plan, style: Style) -> str:
    """`XY address`: X is `A`dded, `M`odified or `D`eleted on the machine, Y what apply does; `??` is unmanaged."""
    return "".join(f"{line}\n" for line in _lines(plan, style))


def _lines(plan: Plan, style: Style) -> Iterator[str]:
    if quiet(plan):
        yield no_changes(plan, style)
    told = {address for change in plan.changes for address in change.addresses}
    for change in sorted(plan.changes, key=lambda item: item.address):
        letters = _MACHINE.get(change.reason, " ") + _APPLY[change.action]
        colour = ACTION_COLOURS[change.action]
        yield from (style.paint(f"{letters} {style.path(address)}", colour) for address in change.addresses)
    for item in plan.unmanaged:
        if item.address not in told:
            told.add(item.address)
            yield f"?? {style.path(item.address)}" + ("   new" if item.new else "")
    for drift in plan.drift:
        if drift.address not in told:
            end = "" if drift.counted else "   (a warning)"
            yield from hang("M  ", f"{style.path(drift.address)}   {style.text(drift.message)}{end}", style.width)
    for unknown in plan.unknowns:
        yield from hang("!! ", f"{style.path(unknown.where)}   {style.text(unknown.reason)}", style.width)
    for left in plan.residue:
        yield from hang("!R ", f"{style.path(left.address)}   {style.text(left.message)}", style.width)
    yield from _verdict(plan, style)


def _verdict(plan: Plan, style: Style) -> Iterator[str]:
    """Why apply would not do all of it."""
    if plan.blocked:
        yield style.paint("BLOCKED: `mcpconf plan` says why", "red")
    elif held := sum(change.action == "held" for change in plan.changes):
        yield style.paint(f"HELD: apply leaves out {plural(held, 'change')}; `mcpconf plan` says why", "red")
    elif plan.withheld:
        yield style.paint(
            "HELD: the manifest asks for what is revoked on this machine; `mcpconf plan` says more", "red"
        )
    elif plan.exit_code == ExitCode.BLOCKED:
        yield style.paint("FOUND: `mcpconf plan` says what the policy does not let pass", "red")
