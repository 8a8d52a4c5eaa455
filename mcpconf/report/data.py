"""JSON for programs: the documents themselves, and a view of the plan in terraform's shape."""

from __future__ import annotations

import json
from collections.abc import Sequence

from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.model.base import Json
from mcpconf.model.change import Change
from mcpconf.model.outcome import Outcome
from mcpconf.model.plan import Plan
from mcpconf.report.diff import EditedFile
from mcpconf.secrets import redact


def plan_data(plan: Plan, edited: Sequence[EditedFile] | None = None) -> dict[str, Json]:
    """The plan, with `resource_changes` for policies and scripts written against terraform's plan JSON.

    `edited` adds `diff`: the lines of each file that would change.
    """
    data = {**plan.model_dump(), "resource_changes": [_resource_change(item) for item in plan.changes]}
    if edited is not None:
        data["diff"] = [{"file": file.path, "lines": file.lines()} for file in edited]
    return data


def _resource_change(change: Change) -> dict[str, Json]:
    return {
        "address": change.address,
        "type": f"mcp_{change.kind}",
        "name": change.server,
        "provider_name": change.host,
        "change": {"actions": change.actions, "before": change.before, "after": change.after},
        "action_reason": change.reason,
    }


def outcome_data(outcome: Outcome) -> dict[str, Json]:
    return outcome.model_dump()


def error_data(error: McpconfError) -> dict[str, Json]:
    """An error as data, so that `--format json` is JSON whatever happens."""
    return {"error": {"exit_code": int(error.code), "problems": [problem_data(item) for item in error.problems]}}


def problem_data(problem: Problem) -> dict[str, Json]:
    """Without the secrets that a quoted mistake gives away by its form or name."""
    where = problem.where
    return {
        "kind": problem.kind,
        "message": redact(problem.message),
        "hint": redact(problem.hint),
        "file": redact(where.file) if where else None,
        "line": where.line if where else None,
        "column": where.column if where else None,
        "pointer": redact(where.pointer) if where and where.pointer is not None else None,
    }


def valid_data(problems: tuple[Problem, ...]) -> dict[str, Json]:
    """What `validate` found, in the shape of terraform's."""
    return {
        "format_version": "1.0",
        "valid": not problems,
        "error_count": len(problems),
        "diagnostics": [problem_data(problem) for problem in problems],
        "exit_code": int(ExitCode.NO_PLAN if problems else ExitCode.SUCCESS),
    }


def render_json(value: Json) -> str:
    """Indented, in the order of the model, with a final newline."""
    return json.dumps(value, indent=2, ensure_ascii=True) + "\n"
