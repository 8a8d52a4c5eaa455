"""A plan as lines of JSON, in the shape of terraform's machine-readable UI (version 1.2), so that its readers work on it.

Keys of ours stand beside terraform's: its readers are told to leave out what they do not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from mcpconf.model.base import Json
from mcpconf.model.change import Change
from mcpconf.model.drift import DriftReport
from mcpconf.model.plan import Drift, Plan, Summary
from mcpconf.report.notices import Notice, bounded
from mcpconf.version import __version__

UI = "1.2"
_CHANGES = {"create": "create", "update": "update", "replace": "replace", "delete": "delete", "revoke": "delete"}
_DRIFTED = {"drift_removed": "delete", "unmanaged": "create", "grant_added": "create"}
_DRIFTS = "update"
_SEVERITIES = {"error": ("error", "Error"), "warning": ("warn", "Warning"), "note": ("warn", "Warning")}


def render_plan_lines(plan: Plan, notices: Iterable[Notice], now: str) -> str:
    messages = [_version(), *map(_drift, plan.drift), *map(_planned, plan.changes)]
    messages += [_diagnostic(notice) for notice in notices if not notice.waived]
    return _lines([*messages, _summary(plan.summary, plan.detailed_exit_code)], now)


def render_drift_lines(report: DriftReport, notices: Iterable[Notice], now: str) -> str:
    """Differences, and diagnostics for what could not be checked or is blocked."""
    listed = {item.id for item in report.drift if item.kind != "unknown"}
    messages = [_version(), *(_drift(item) for item in report.drift if item.id in listed)]
    messages += [_diagnostic(notice) for notice in notices if notice.id not in listed]
    return _lines([*messages, _counts(report)], now)


def render_error_lines(notices: Iterable[Notice], now: str) -> str:
    """Where there is no plan: why."""
    return _lines([_version(), *map(_diagnostic, notices)], now)


def _lines(messages: Iterable[dict[str, Json]], now: str) -> str:
    stamped = (
        {
            "@level": "info",
            "@module": "mcpconf.ui",
            "@timestamp": now,
            **message,
            "@message": bounded(message["@message"]),
        }
        for message in messages
    )
    return "".join(f"{json.dumps(message, ensure_ascii=True)}\n" for message in stamped)


def _version() -> dict[str, Json]:
    return {"@message": f"mcpconf {__version__}", "type": "version", "mcpconf": __version__, "ui": UI}


def _drift(item: Drift) -> dict[str, Json]:
    action = _DRIFTED.get(item.kind, _DRIFTS)
    change = {"resource": _resource(item.address, "", ""), "action": action}
    told = f"{item.address}: Drift detected ({action})"
    return {"@message": told, "type": "resource_drift", "change": change, "drift": item.model_dump()}


def _planned(change: Change) -> dict[str, Json]:
    action = _CHANGES.get(change.action, "noop")
    told = {
        "resource": _resource(change.address, change.server, change.host),
        "action": action,
        "reason": change.reason,
    }
    more = {
        "index": change.index,
        "action": change.action,
        "privilege": [item.model_dump() for item in change.privilege],
    }
    message = f"{change.address}: Plan to {action}"
    return {"@message": message, "type": "planned_change", "change": told, "planned": more}


def _resource(address: str, server: str, host: str) -> Json:
    kind = "mcp_grant" if address.startswith("grant:") else "mcp_server"
    return {
        "addr": address,
        "module": "",
        "resource": address,
        "implied_provider": host or "mcpconf",
        "resource_type": kind,
        "resource_name": server or address.rpartition("/")[2],
        "resource_key": None,
    }


def _diagnostic(notice: Notice) -> dict[str, Json]:
    level, word = _SEVERITIES[notice.level]
    told: dict[str, Json] = {
        "severity": "error" if notice.level == "error" else "warning",
        "summary": f"{notice.rule}: {notice.message}",
        "detail": notice.hint,
        "address": notice.address,
    }
    place = notice.place
    if place is not None:
        start = {"line": place.line or 1, "column": place.column or 1, "byte": 0}
        told["range"] = {"filename": place.path, "start": start, "end": start}
    message = f"{word}: {told['summary']}"
    return {"@level": level, "@message": message, "type": "diagnostic", "diagnostic": told, "id": notice.id}


def _summary(summary: Summary, code: int) -> dict[str, Json]:
    """As terraform counts: a replacement is one added and one removed. Ours, which counts it once, is `summary`."""
    add, change = summary.create + summary.replace, summary.update
    remove = summary.delete + summary.revoke + summary.replace
    changes = {"add": add, "change": change, "import": 0, "remove": remove, "operation": "plan"}
    told = f"Plan: {add} to add, {change} to change, {remove} to destroy."
    return {
        "@message": told,
        "type": "change_summary",
        "changes": changes,
        "summary": summary.model_dump(),
        "detailed_exit_code": code,
    }


def _counts(report: DriftReport) -> dict[str, Json]:
    changes = {"add": 0, "change": 0, "import": 0, "remove": 0, "operation": "plan"}
    more = {"kinds": report.kinds, "converged": report.converged, "noise": report.noise, "pending": report.pending}
    told = f"Drift: {sum(item.counted for item in report.drift)} counted."
    return {"@message": told, "type": "change_summary", "changes": changes, **more, "exit_code": report.exit_code}
