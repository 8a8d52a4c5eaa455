"""Saved plans: readable JSON, sealed by a digest over everything else. Saved reviews have no seal: they are only looked at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from pydantic import ValidationError

from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.model.base import Json
from mcpconf.model.plan import FORMAT_VERSION, Plan
from mcpconf.reconcile.conclude import plan_digest
from mcpconf.secrets import Scrubber

if TYPE_CHECKING:
    from mcpconf.model.review import ReviewReport

Saved: TypeAlias = "Plan | ReviewReport"


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
        plan = Plan.model_validate(_of_this_format(json.loads(data), path, "plan"))
    except (ValueError, RecursionError, ValidationError):
        raise _unusable(path, "this is no saved plan", "`mcpconf plan --out FILE` makes one") from None
    if sealed and plan_digest(plan) != plan.plan_digest:
        raise _unusable(path, "the plan was edited or damaged after it was made", "make a new plan")
    return plan


def load_saved(data: bytes, path: str) -> Saved:
    """Whichever of both it is, to look at; the seal of a plan is not asked for. Raises McpconfError (exit 1)."""
    from mcpconf.model.review import ReviewReport

    try:
        value = json.loads(data)
        if not (isinstance(value, dict) and "before" in value and "after" in value):
            return load_plan(data, path, sealed=False)
        return ReviewReport.model_validate(_of_this_format(value, path, "review"))
    except (ValueError, RecursionError, ValidationError):
        hint = "`mcpconf plan --out FILE` makes a plan, `mcpconf check --out-format json=FILE` a review"
        raise _unusable(path, "this is no saved plan or review", hint) from None


def _of_this_format(value: Json, path: str, word: str) -> Json:
    version = str(value.get("format_version", "")) if isinstance(value, dict) else ""
    if version.partition(".")[0] != FORMAT_VERSION.partition(".")[0]:
        message = f"its format is `{version[:20]}`, this version reads `{FORMAT_VERSION}`"
        raise _unusable(path, message, f"make a new {word}")
    return value


def _unusable(path: str, message: str, hint: str) -> McpconfError:
    return McpconfError(ExitCode.NO_PLAN, Problem("invalid", message, Where(path), hint))
