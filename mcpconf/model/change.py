"""One change of a plan: what, why, and the exact edits that make it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from mcpconf.model.base import ABSENT, APPEND, Document, Element, Json, KeyPath, Tolerant
from mcpconf.model.desired import Edit
from mcpconf.model.revocation import Revocation
from mcpconf.model.word import Word

Action = Literal["create", "update", "replace", "delete", "revoke", "conflict", "held", "unknown"]
ACTIONS: tuple[Action, ...] = ("create", "update", "replace", "delete", "revoke", "conflict", "held", "unknown")

ACTION_WORDS: dict[str, Word] = {
    "create": Word("write a new entry", "Nothing of this name is in the file.", "`mcpconf apply` does it"),
    "update": Word("change an entry", "Only the fields that differ are written.", "`mcpconf apply` does it"),
    "replace": Word(
        "put another server in place of one",
        "The entry starts or reaches something else afterwards, so that hosts ask for consent again.",
        "`mcpconf apply` does it",
    ),
    "delete": Word(
        "take an entry away", "The whole entry goes, before anything else is written.", "`mcpconf apply` does it"
    ),
    "revoke": Word("take an approval away", "It goes before anything else is written.", "`mcpconf apply` does it"),
    "conflict": Word(
        "not written: the machine has something else",
        "The entry is not as mcpconf left it, or was never mcpconf's, so that somebody has to decide.",
        "`mcpconf apply --on-conflict overwrite` or `--on-conflict keep`, for all or with `--target`",
    ),
    "held": Word(
        "not made",
        "A finding, or a rule of safety, stands in the way; all other changes are made.",
        "the line `held by` names it; `mcpconf explain` tells more of that word",
    ),
    "unknown": Word(
        "not checked",
        "The file of the entry could not be read, so nothing is known and nothing is written.",
        "put the file right, then `mcpconf plan`",
    ),
}
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
    """A step of a key path that is no map key: an element by its value, by keys and values, or the end of a list."""

    element: str | None = None
    key: str = ""
    also: list[tuple[str, str | None]] = Field(default=[], exclude_if=lambda also: not also)
    append: bool = False


class PlannedEdit(Document):
    """Put `value` at a key path of the change's file; `absent` removes what is there, `name` gives its key another name.

    `when_empty` removes it only if it is an empty map or list by then; `unless_there` puts it only where nothing is.
    """

    at: list[str | EditStep]
    value: Json = None
    absent: bool = False
    when_empty: bool = False
    unless_there: bool = False
    name: str | None = None

    @classmethod
    def of(cls, edit: Edit) -> PlannedEdit:
        if edit.value is ABSENT:
            return cls(at=write_path(edit.at), absent=True)
        return cls(at=write_path(edit.at), value=edit.value)

    @property
    def path(self) -> KeyPath:
        return tuple(step if isinstance(step, str) else _step(step) for step in self.at)

    @property
    def touches(self) -> tuple[KeyPath, ...]:
        """The key paths whose values become others."""
        return (self.path,) if self.name is None else (self.path, (*self.path[:-1], self.name))

    @property
    def new(self) -> Any:
        return ABSENT if self.absent else self.value


def write_path(path: KeyPath) -> list[str | EditStep]:
    return [
        step
        if isinstance(step, str)
        else EditStep(append=True)
        if step is APPEND
        else EditStep(element=step.value, key=step.key, also=[*step.also])
        for step in path
    ]


def _step(step: EditStep) -> Any:
    return APPEND if step.append else Element(step.element or "", step.key, tuple(step.also))


class Precondition(Document):
    """What must still hold when the change is applied. Other bytes of the file may change.

    `value` is the digest of the canonical value at the key path, keyed if a secret may be in it; `absent` if nothing is
    there; None if it could not be digested without a key. `container` is the type of what holds it. `previous` is the
    digest of what moves there from the change's previous key path.
    """

    value: str | None
    container: Literal["map", "list", "absent"]
    resolved: str
    owner: int | None
    mode: int | None
    previous: str | None = None


class Hold(Tolerant):
    """Why a change is not applied. `code` is the exit code it causes: 3 where policy blocks, 2 where a person must act."""

    by: str
    message: str
    hint: str = ""
    code: Literal[2, 3] = 3
    action: str = ""


class Change(Tolerant):
    """One thing to do, or not to do. `index` is its number in the whole plan, and stays with it when targets narrow it.

    `moved_secrets` names variables that take the place of a literal. `foreign` are keys of others that a delete takes along.
    `not_ignored`: the new file lies in a git repository that does not ignore it; told once for each file.
    `phase` 1 holds what only takes away; it is committed first and never rolled back. `also` are addresses of other hosts
    that read the same place of the same file; `also_read_by` hosts that read it too, and that the change is not made for.
    `previous_address` and `previous_key_path` are where a thing lay that gets another name. `approved` is the severity of what
    it lets the server do, where the policy wants that approved and it was; "" otherwise. `revoked_by`: the commit of the
    manifest that took away what this ends, where the history tells it.
    """

    address: str
    kind: Literal["server", "grant", "policy"] = "server"
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
    not_ignored: bool = False
    key_path: list[str | EditStep] = []
    edits: list[PlannedEdit] = []
    precondition: Precondition | None = None
    privilege: list[Privilege] = []
    approved: str = ""
    foreign: list[str] = []
    reversible: bool = True
    restart: str = ""
    moved_secrets: list[str] = []
    hold: Hold | None = None
    hint: str = ""
    where: str = ""
    also: list[str] = []
    also_read_by: list[str] = []
    previous_address: str = ""
    previous_key_path: list[str | EditStep] = []
    revoked_by: Revocation | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        return (self.address, *self.also)

    @property
    def touches(self) -> tuple[str, ...]:
        """Every address that is another thing afterwards."""
        return (*self.addresses, self.previous_address) if self.previous_address else self.addresses

    @property
    def container(self) -> KeyPath:
        """The key path of the map or list that holds the value."""
        return PlannedEdit(at=self.key_path).path[:-1]

    @property
    def writes(self) -> bool:
        return self.action in ("create", "update", "replace", "delete", "revoke")
