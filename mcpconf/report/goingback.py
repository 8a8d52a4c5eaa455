"""What a plan that goes back to an earlier generation says of it, and what every plan says after one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.model.plan import Plan
from mcpconf.report.layout import hang, table
from mcpconf.report.style import Style, moment

_LISTED = 12


def going_back(plan: Plan, style: Style) -> Iterator[str]:
    """Which generation that is, what does not come back with it."""
    back = plan.rollback
    if back is None:
        return
    commit = f", commit {style.text(back.commit[:7])}" if back.commit else ""
    yield (
        style.paint("GOING BACK", "bold") + f"   to generation {back.generation} of {moment(back.time, style)}{commit}"
    )
    if back.stays:
        yield f"  {len(back.stays)} {'stays' if len(back.stays) == 1 else 'stay'} away:"
        rows = [(style.path(item.address), style.text(item.reason)) for item in back.stays]
        yield from _rows(rows, style)
        hint = "what is to come back after all goes into the manifest, then `mcpconf apply`"
        yield from hang("  hint: ", hint, style.width)
    text = "`mcpconf apply` only takes away then, until the manifest has another commit, or with `--unpin`"
    yield from hang("  afterwards: ", text, style.width)


def pinned(plan: Plan, style: Style) -> Iterator[str]:
    if plan.pinned is None:
        return
    text = (
        f"to generation {plan.pinned} by a rollback: apply only takes away until the manifest has another commit; "
        "`mcpconf apply --unpin` goes on with it"
    )
    yield from (style.paint(line, "yellow") for line in hang("Pinned ", text, style.width))


def _rows(rows: Sequence[tuple[str, str]], style: Style) -> Iterator[str]:
    for lines in table(rows[:_LISTED], style.width, 4):
        yield from lines
    if len(rows) > _LISTED:
        yield f"    and {len(rows) - _LISTED} more: `--format json` has all"
