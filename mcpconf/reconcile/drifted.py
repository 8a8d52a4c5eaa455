"""The report of drift, from a plan: what the plan would do about the machine's own differences, and nothing else of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from mcpconf.errors import ExitCode
from mcpconf.model.change import Change
from mcpconf.model.drift import DriftReport
from mcpconf.model.plan import Drift, Plan
from mcpconf.reconcile.drift import KINDS, drift
from mcpconf.reconcile.reasons import REASONS

_RANK = {"critical": 0, "high": 1, "medium": 2, "low": 3}


def drift_report(plan: Plan) -> DriftReport:
    items = sorted(_items(plan), key=lambda item: (_RANK[item.severity], item.address, item.id))
    drifted = {item.address for item in items}
    counts = Counter(item.kind for item in items)
    return DriftReport(
        mcpconf_version=plan.mcpconf_version,
        origin=plan.origin,
        machine=plan.machine,
        state=plan.state,
        drift=items,
        kinds={kind: counts[kind] for kind in KINDS},
        converged=plan.summary.converged,
        noise=sum(item.count for item in plan.ignored if item.rule != "ignore"),
        pending=sum(change.writes and drifted.isdisjoint(change.addresses) for change in plan.changes),
        complete=plan.complete,
        blocked=plan.exit_code == ExitCode.BLOCKED,
        exit_code=plan.exit_code or (ExitCode.CHANGES if any(item.counted for item in items) else ExitCode.SUCCESS),
    )


def _items(plan: Plan) -> Iterator[Drift]:
    yield from plan.drift
    told = {item.address for item in plan.drift}
    for change in plan.changes:
        if change.action == "conflict" and change.address not in told:
            yield _conflict(change)
    for left in plan.residue:
        item = drift("residue", left.address, left.message, severity="high", where=left.where)
        yield item.model_copy(update={"hint": left.instruction})
    for unread in plan.unknowns:
        more = {"where": unread.where, "pointer": f"{unread.kind} {unread.path}"}
        item = drift("unknown", unread.subject, unread.reason, **more)
        yield item.model_copy(update={"hint": unread.hint})


def _conflict(change: Change) -> Drift:
    """It was never ours, so that there is no field that drifted."""
    where = f"{change.file}:{change.line}" if change.line else change.file
    item = drift("conflict", change.address, REASONS[change.reason].title, where=where, pointer=change.reason)
    return item.model_copy(update={"hint": change.hint})
