"""Two columns per address: what happened to the machine since the last apply, and what apply would do."""

from __future__ import annotations

from mcpconf.model.plan import Plan
from mcpconf.report.style import ACTION_COLOURS, Style
from mcpconf.report.text import no_changes, quiet
from mcpconf.secrets.escape import escape

_MACHINE = {"removed_by_hand": "D", "drifted": "M", "both_changed": "M", "revoked_and_changed": "M", "not_ours": "A"}
_MACHINE |= {"name_taken": "A", "unmanaged": "A", "must_be_absent": "A"}
_APPLY = {"create": "A", "update": "M", "replace": "R", "delete": "D", "revoke": "D", "conflict": "C", "held": "X"}
_APPLY |= {"unknown": "!"}


def render_status(plan: Plan, style: Style) -> str:
    """`XY address`: X is `A`dded, `M`odified or `D`eleted on the machine, Y what apply does; `??` is unmanaged."""
    lines = []
    changed = set()
    for change in sorted(plan.changes, key=lambda item: item.address):
        changed.add(change.address)
        letters = _MACHINE.get(change.reason, " ") + _APPLY[change.action]
        lines.append(style.paint(f"{letters} {escape(change.address)}", ACTION_COLOURS[change.action]))
    lines += [
        f"?? {escape(item.address)}" + ("   new" if item.new else "")
        for item in plan.unmanaged
        if item.address not in changed
    ]
    lines += [f"!! {style.path(item.where)}   {escape(item.reason)}" for item in plan.unknowns]
    lines += [f"!R {escape(item.address)}   {escape(item.message)}" for item in plan.residue]
    if quiet(plan):
        lines.insert(0, no_changes(plan, style))
    return "".join(f"{line}\n" for line in lines)
