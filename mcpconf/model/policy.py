"""What a manifest lets happen: what is done about strays and conflicts, what blocks, what is excused until when."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from mcpconf.model.finding import Severity
from mcpconf.model.written import Day, Part, Sentence, Texts

Strays = Literal["keep", "warn", "remove"]
OnConflictWord = Literal["fail", "keep", "overwrite"]
SeverityOrNone = Literal["error", "warning", "info", "none"]
Requirement = Literal["exact-version", "hash", "owner", "reason", "expires", "enforced-tools", "provenance"]


class OnConflict(Part):
    """`not_ours`: it was there before us. `both_changed`: the machine and the manifest went different ways."""

    not_ours: OnConflictWord = "fail"
    both_changed: OnConflictWord = "fail"


def _both(word: object) -> object:
    return {"not_ours": word, "both_changed": word} if isinstance(word, str) else word


class Packages(Part):
    allow: Texts | None = None
    deny: Texts = ()


class Policy(Part):
    unmanaged: Strays = "warn"
    on_conflict: Annotated[OnConflict, BeforeValidator(_both, json_schema_input_type=OnConflictWord | OnConflict)] = (
        OnConflict()
    )
    grants: Strays = "warn"
    fail_on: SeverityOrNone = "error"
    require: tuple[Requirement, ...] = ()
    privilege: dict[Literal["critical", "high", "medium", "low"], Literal["block", "approve"]] = {}
    packages: Packages | None = None
    rules: dict[str, SeverityOrNone] = {}
    schemas: dict[str, dict[str, Any]] = {}
    expired: Literal["warn", "remove"] = "warn"
    observed: dict[str, Severity] = {}


class Waiver(Part):
    rule: Sentence
    target: Sentence
    fingerprint: Sentence | None = None
    reason: Sentence
    expires: Day


class Ignore(Part):
    target: Sentence
    field: Sentence | None = None
    reason: Sentence
    expires: Day
