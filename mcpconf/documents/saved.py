"""Saved plans: readable JSON, sealed by a digest over everything else."""

from __future__ import annotations

import json

from pydantic import ValidationError

from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.model.plan import FORMAT_VERSION, Plan
from mcpconf.reconcile.conclude import plan_digest
from mcpconf.secrets import Scrubber


def render_plan_document(plan: Plan) -> str:
    return json.dumps(plan.model_dump(), indent=2, ensure_ascii=True) + "\n"


def without_secrets(plan: Plan, scrubber: Scrubber) -> Plan:
    """The plan to save: nothing in it is a secret of the machine.

    Edits and owned values are left, for they are the manifest's own words.
    """
    told = plan.model_dump()
    edits = [change.pop("edits") for change in told["changes"]]
    owned = told["records"].pop("owned")
    clean = json.loads(scrubber.scrub(json.dumps(told, ensure_ascii=True)))
    for change, kept in zip(clean["changes"], edits, strict=True):
        change["edits"] = kept
    clean["records"]["owned"] = owned
    found = Plan.model_validate(clean)
    return found.model_copy(update={"plan_digest": plan_digest(found)})


def load_plan(data: bytes, path: str, *, sealed: bool = True) -> Plan:
    """Read a saved plan; unknown keys are ignored. Raises McpconfError (exit 1) if it cannot be read or was edited."""
    try:
        value = json.loads(data)
        version = str(value.get("format_version", "")) if isinstance(value, dict) else ""
        if version.partition(".")[0] != FORMAT_VERSION.partition(".")[0]:
            raise _unusable(
                path, f"its format is `{version[:20]}`, this version reads `{FORMAT_VERSION}`", "make a new plan"
            )
        plan = Plan.model_validate(value)
    except (ValueError, RecursionError, ValidationError):
        raise _unusable(path, "this is no saved plan", "`mcpconf plan --out FILE` makes one") from None
    if sealed and plan_digest(plan) != plan.plan_digest:
        raise _unusable(path, "the plan was edited or damaged after it was made", "make a new plan")
    return plan


def _unusable(path: str, message: str, hint: str) -> McpconfError:
    return McpconfError(ExitCode.NO_PLAN, Problem("invalid", message, Where(path), hint))
