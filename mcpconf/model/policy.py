"""What a manifest lets happen: what is done about strays and conflicts, what blocks, what is excused until when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_validator

from mcpconf.model.finding import Severity
from mcpconf.model.glob import fits
from mcpconf.model.trust import Signers
from mcpconf.model.written import Count, Day, Days, Fault, Host, Part, RefusedError, Sentence, Texts, shown

Strays = Literal["keep", "warn", "remove"]
OnConflictWord = Literal["fail", "keep", "overwrite"]
SeverityOrNone = Literal["error", "warning", "info", "none"]
Requirement = Literal[
    "exact-version", "hash", "owner", "reason", "expires", "enforced-tools", "provenance", "surface", "signature"
]


class OnConflict(Part):
    """`not_ours`: it was there before us. `both_changed`: the machine and the manifest went different ways."""

    not_ours: OnConflictWord = "fail"
    both_changed: OnConflictWord = "fail"


def _both(word: object) -> object:
    return {"not_ours": word, "both_changed": word} if isinstance(word, str) else word


MAXIMUM_PATTERNS = 1000
"""Of one list of packages, or of targets; every server or finding is held against each."""


class Packages(Part):
    """Which packages a server may be, as patterns: `*` stops at `/`, `**` does not. What is denied is never allowed.

    An address is no package, nor is a program that is there already.
    """

    allow: Texts | None = None
    deny: Texts = ()

    @model_validator(mode="after")
    def _check(self) -> Packages:
        for name in ("allow", "deny"):
            if len(getattr(self, name) or ()) > MAXIMUM_PATTERNS:
                raise RefusedError(Fault(f"has more than {MAXIMUM_PATTERNS:,} patterns", "use `*` and `**`", (name,)))
        return self

    @property
    def lists(self) -> tuple[Texts, ...]:
        """Each of them must allow a package."""
        return () if self.allow is None else (self.allow,)

    def refuses(self, package: str) -> tuple[str | int, ...]:
        """The key below `policy.packages` that does not let it in; empty if it may be."""
        denied = next((index for index, pattern in enumerate(self.deny) if fits(pattern, package)), None)
        if denied is not None:
            return ("deny", denied)
        for index, allowed in enumerate(self.lists):
            if not any(fits(pattern, package) for pattern in allowed):
                return ("lists", index) if len(self.lists) > 1 else ("allow",)
        return ()


class PackagesOfLayers(Packages):
    """What several layers say together."""

    every: tuple[Texts, ...] = ()

    @property
    def lists(self) -> tuple[Texts, ...]:
        return self.every


class Matching(Part):
    """Which changes of the manifest a demand is about: of a direction, at least so grave, at addresses that fit a pattern."""

    direction: Literal["wider", "narrower"] = "wider"
    severity: Literal["critical", "high", "medium", "low"] = "low"
    about: Texts = ()


class ApprovalDemand(Part):
    """So many people must approve such a change: of these, by name or by the name of a group of `approvers`; else any member."""

    when: Matching = Matching()
    require: Count = 1
    of: Texts = ()


class Policy(Part):
    """`cooldown`: for so many days after it was published, no version is locked that is not locked already.

    `registries` are hosts, such as `npm.acme.example`, that packages may come from beside the public registries.
    `approvers` are groups of people by the names that they have where changes are reviewed; `approvals` say who of them must
    approve which change of this manifest before it is merged, `signers` whose commits it may be made of.
    `schemas` are JSON Schemas that each server of the manifest is held against, under ids of their own; `rego` are texts in
    Rego, of `package mcpconf`, each message of whose `deny` is told under such an id.
    """

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
    rego: dict[str, str] = {}
    expired: Literal["warn", "remove"] = "warn"
    cooldown: Days = 0
    registries: tuple[Host, ...] = ()
    approvers: dict[str, Texts] = {}
    approvals: tuple[ApprovalDemand, ...] = ()
    observed: dict[str, Severity] = {}
    signers: Signers = {}

    @model_validator(mode="after")
    def _check(self) -> Policy:
        faults = tuple(_schema_faults(self.schemas)) if self.schemas else ()
        if self.rego:
            from mcpconf.model.rego import rego_faults

            faults += tuple(rego_faults(self.rego, self.schemas))
        if faults:
            raise RefusedError(*faults)
        return self

    @property
    def own(self) -> tuple[str, ...]:
        """The ids of the rules that are the manifest's own."""
        return (*self.schemas, *self.rego)


def _schema_faults(schemas: dict[str, dict[str, Any]]) -> Iterator[Fault]:
    from mcpconf.model.schemas import MOST_SCHEMAS, NAMED, schema_faults

    if len(schemas) > MOST_SCHEMAS:
        yield Fault(f"has more than {MOST_SCHEMAS} schemas", "put several into one, with `allOf`", ("schemas",))
        return
    for name, schema in schemas.items():
        if not NAMED.fullmatch(name):
            hint = "write capital letters and digits, such as `ACME001`; `MCP` begins the ids of rules"
            yield Fault(f"is no id for a schema: {shown(name)}", hint, ("schemas", name))
        for fault in schema_faults(schema):
            yield Fault(fault.message, fault.hint, ("schemas", name, *fault.at))


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
