"""The plan: every change with its reason, as data that can be saved, read, judged and executed without deciding again."""

from __future__ import annotations

from typing import Any, Literal

from mcpconf.model.base import ABSENT, APPEND, Document, Element, Json, KeyPath, Tolerant
from mcpconf.model.desired import Edit
from mcpconf.model.state import Applied, Tombstone

FORMAT_VERSION = "1.0"

Action = Literal["create", "update", "replace", "delete", "revoke", "conflict", "held", "unknown"]
ACTIONS: tuple[Action, ...] = ("create", "update", "replace", "delete", "revoke", "conflict", "held", "unknown")

TERRAFORM_ACTIONS: dict[str, list[str]] = {
    "create": ["create"],
    "update": ["update"],
    "replace": ["delete", "create"],
    "delete": ["delete"],
    "revoke": ["delete"],
    "conflict": ["no-op"],
    "held": ["no-op"],
    "unknown": ["no-op"],
}
"""Our actions in terraform's words, so that policies and scripts written for its JSON read ours."""


class FieldChange(Tolerant):
    """`before` and `after` are safe to print: references, or descriptions of literals. None means not there."""

    name: str
    before: Json = None
    after: Json = None
    reason: str = ""


class Privilege(Tolerant):
    """What a change lets the server do: more, less, or something else."""

    direction: Literal["wider", "narrower", "both"]
    severity: Literal["critical", "high", "medium", "low"]
    dimension: str
    text: str


class EditStep(Document):
    """A step of a key path that is no map key: an element by its value, by a key and value, or the end of a list."""

    element: str | None = None
    key: str = ""
    append: bool = False


class PlannedEdit(Document):
    """Put `value` at a key path of the change's file; `absent` removes what is there.

    `when_empty` removes it only if it is an empty map by then.
    """

    at: list[str | EditStep]
    value: Json = None
    absent: bool = False
    when_empty: bool = False

    @classmethod
    def of(cls, edit: Edit) -> PlannedEdit:
        if edit.value is ABSENT:
            return cls(at=write_path(edit.at), absent=True)
        return cls(at=write_path(edit.at), value=edit.value)

    @property
    def path(self) -> KeyPath:
        return tuple(step if isinstance(step, str) else _step(step) for step in self.at)

    @property
    def new(self) -> Any:
        return ABSENT if self.absent else self.value


def write_path(path: KeyPath) -> list[str | EditStep]:
    return [
        step
        if isinstance(step, str)
        else EditStep(append=True)
        if step is APPEND
        else EditStep(element=step.value, key=step.key)
        for step in path
    ]


def _step(step: EditStep) -> Any:
    return APPEND if step.append else Element(step.element or "", step.key)


class Precondition(Document):
    """What must still hold when the change is applied. Other bytes of the file may change.

    `value` is the digest of the canonical value at the key path, keyed if a secret may be in it; `absent` if nothing is
    there; None if it could not be digested without a key. `container` is the type of what holds it.
    """

    value: str | None
    container: Literal["map", "absent"]
    resolved: str
    owner: int | None
    mode: int | None


class Hold(Tolerant):
    """Why a change is not applied. `code` is the exit code it causes: 3 where policy blocks, 2 where a person must act."""

    by: str
    message: str
    hint: str = ""
    code: Literal[2, 3] = 3
    action: str = ""


class Change(Tolerant):
    """One thing to do, or not to do. `index` is its number in the whole plan, and stays with it when targets narrow it.

    `phase` 1 holds what only takes away; it is committed first and never rolled back.
    """

    address: str
    kind: Literal["server", "grant"] = "server"
    server: str = ""
    host: str = ""
    index: int = 0
    action: Action
    actions: list[str]
    reason: str
    phase: Literal[1, 2] = 2
    fields: list[FieldChange] = []
    before: Json = None
    after: Json = None
    file: str = ""
    format: str = ""
    line: int | None = None
    new_file: bool = False
    key_path: list[str | EditStep] = []
    edits: list[PlannedEdit] = []
    precondition: Precondition | None = None
    privilege: list[Privilege] = []
    foreign: list[str] = []
    reversible: bool = True
    restart: str = ""
    hold: Hold | None = None
    hint: str = ""
    where: str = ""

    @property
    def writes(self) -> bool:
        return self.action in ("create", "update", "replace", "delete", "revoke")


class Drift(Tolerant):
    """A difference between the machine and what was last applied. `will` tells what this plan does about it."""

    id: str
    address: str
    kind: str
    severity: Literal["critical", "high", "medium", "low"]
    will: Literal["revert", "nothing", "held"]
    message: str
    where: str = ""


class Unmanaged(Tolerant):
    """An entry or grant that the manifest does not put there. `new` means nobody has seen it yet."""

    address: str
    identity: str
    kind: Literal["server", "grant"]
    new: bool
    removed: bool
    where: str
    shown: str = ""
    digest: str = ""


class Residue(Tolerant):
    """Something revoked that is still effective, with the numbered instruction to end it."""

    address: str
    message: str
    where: str
    instruction: str = ""


class Unknown(Tolerant):
    """What could not be checked. Never the same as unchanged."""

    address: str
    kind: str
    reason: str
    where: str
    hint: str = ""


class Ignored(Tolerant):
    """What was left out of the comparison, and how often."""

    rule: str
    count: int
    where: str = ""


class PlanFinding(Tolerant):
    rule: str
    severity: str
    subject: str
    address: str
    message: str
    hint: str = ""
    where: str = ""
    evidence: str = ""
    fingerprint: str = ""


class Records(Tolerant):
    """What the state becomes for each address once its change is committed, or at once where nothing changes.

    `forget` lists addresses that are no longer ours. Filled only where a key exists: the digests in it are keyed.
    """

    entries: dict[str, Applied] = {}
    forget: list[str] = []
    tombstones: list[Tombstone] = []
    lifted: list[str] = []


class PlanOrigin(Tolerant):
    commit: str | None = None
    dirty: bool | None = None
    signature: str | None = None
    manifest: str = ""
    manifest_digest: str = ""
    lock_digest: str | None = None


class PlanMachine(Tolerant):
    os: str
    user: str
    id: str


class PlanState(Tolerant):
    """`key` names the key of the digests without telling it; "" if there is none yet."""

    serial: int
    applied: bool
    key: str = ""


class Summary(Tolerant):
    """Counts; zeros are said. `kept` are conflicts left alone because policy says so."""

    create: int = 0
    update: int = 0
    replace: int = 0
    delete: int = 0
    revoke: int = 0
    conflict: int = 0
    held: int = 0
    unknown: int = 0
    drift: int = 0
    residue: int = 0
    kept: int = 0
    unmanaged: int = 0
    servers: int = 0
    hosts: int = 0
    not_installed: int = 0


class Plan(Tolerant):
    """Exactly what apply will do. Holds no time stamp, so the same inputs give the same bytes.

    `exit_code` is what the plan command returns, `detailed_exit_code` with `--detailed-exitcode`.
    """

    format_version: str = FORMAT_VERSION
    mcpconf_version: str
    origin: PlanOrigin
    machine: PlanMachine
    state: PlanState
    targets: list[str] = []
    excludes: list[str] = []
    changes: list[Change] = []
    drift: list[Drift] = []
    unmanaged: list[Unmanaged] = []
    residue: list[Residue] = []
    unknowns: list[Unknown] = []
    ignored: list[Ignored] = []
    findings: list[PlanFinding] = []
    records: Records = Records()
    summary: Summary = Summary()
    complete: bool = True
    exit_code: int = 0
    detailed_exit_code: int = 0
    plan_digest: str = ""
