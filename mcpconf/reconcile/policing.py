"""Files of policy that the manifest wants kept: each key that mcpconf owns in them is one change.

| the key | mcpconf wrote | so |
|---|---|---|
| is as the manifest wants it | | nothing |
| is not there | | create |
| is as it was written | that | update `manifest_changed` |
| is otherwise | something else | update `drifted` |
| is otherwise | nothing | update `manifest_changed`: a policy of the system is the administrator's, and so is the manifest |
| is not wanted any more, and as it was written | that | delete `revoked` |
| is not wanted any more, and otherwise | something else | forgotten: it is somebody else's by now |

All of it is held where mcpconf must not write: without an administrator's rights, behind a link, where others may write, or if
the policy would let in more than the manifest.
"""

from __future__ import annotations

from dataclasses import dataclass

from mcpconf.canonical import digest
from mcpconf.errors import Problem, Where
from mcpconf.formats import FORMATS, FormatError, decode_text
from mcpconf.model.address import Address
from mcpconf.model.base import ABSENT, Json, KeyPath, lookup
from mcpconf.model.change import (
    TERRAFORM_ACTIONS,
    Action,
    Change,
    FieldChange,
    Hold,
    PlannedEdit,
    Precondition,
    write_path,
)
from mcpconf.model.desired import Edit
from mcpconf.model.state import AppliedPolicy
from mcpconf.ports import Snapshot
from mcpconf.reconcile.changes import held
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.drift import drift
from mcpconf.reconcile.managed import PolicyFile
from mcpconf.reconcile.situation import Situation

_OTHERS = 0o022
_TAKEN_AWAY = "revoked"
_DRIFT = {"drifted": ("drift_edit", "was changed"), "removed_by_hand": ("drift_removed", "was removed")}


@dataclass(frozen=True, slots=True)
class Seen:
    """What lies at the path of a policy. `linked`: it, or a folder above it, is a link. `loose`: a folder that others may write.

    `rights`: whether mcpconf may write there for the administrator. `root`: it runs as the administrator, whose home is
    nobody else's.
    """

    found: Snapshot | Problem | None
    linked: bool = False
    loose: str = ""
    rights: bool = False
    root: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A policy that the manifest wants, or (`file` is None) one that mcpconf wrote and nobody wants any more.

    `path` and `format` are those of its file.
    """

    host: str
    path: str
    format: str
    file: PolicyFile | None
    seen: Seen


def police(situation: Situation, draft: Draft) -> Draft:
    """The draft with its policies. Only a plan of the manifest, and one that takes everything away, look at them."""
    if situation.purpose not in ("apply", "destroy") or situation.rollback is not None:
        return draft
    wanted: set[str] = set()
    for kept in situation.policies:
        if kept.file is None or situation.purpose == "destroy":
            continue
        wanted |= {_address(kept.host, edit.at) for edit in kept.file.edits}
        _keep(situation, draft, kept, kept.file)
    _drop(situation, draft, wanted)
    return draft


def _address(host: str, at: KeyPath) -> str:
    return str(Address(host, "managed", "", ".".join(map(str, at))))


def _keep(situation: Situation, draft: Draft, kept: Kept, file: PolicyFile) -> None:
    document = _document(kept)
    if isinstance(document, Problem):
        draft.problems[kept.path] = document
        return
    hold = _hold(situation, kept, file)
    for edit in file.edits:
        address, there = _address(kept.host, edit.at), lookup(document, edit.at)
        applied = situation.state.policies.get(address)
        if situation.key is not None and hold is None:
            made = AppliedPolicy(file=kept.path, format=kept.format, at=_steps(edit.at), digest=digest(edit.value))
            draft.records.policies[address] = made
        if there is not ABSENT and digest(there) == digest(edit.value):
            continue
        change = _change(kept, edit, there, document, _reason(there, applied))
        if change.reason in _DRIFT:
            kind, what = _DRIFT[change.reason]
            will = "revert" if hold is None else "nothing"
            more = {"severity": "high", "will": will, "where": kept.path}
            draft.drift.append(drift(kind, address, f"`{change.fields[0].name}` of the policy {what}", **more))
        draft.changes.append(change if hold is None else held(change, hold(change.action)))


def _reason(there: Json, applied: AppliedPolicy | None) -> str:
    if there is ABSENT:
        return "new" if applied is None else "removed_by_hand"
    return "manifest_changed" if applied is None or applied.digest == digest(there) else "drifted"


def _drop(situation: Situation, draft: Draft, wanted: set[str]) -> None:
    seen = {kept.path: kept for kept in situation.policies}
    for address, applied in situation.state.policies.items():
        if address in wanted:
            continue
        kept = seen.get(applied.file)
        document = _document(kept) if kept is not None else {}
        if isinstance(document, Problem):
            draft.problems[applied.file] = document
            continue
        draft.records.forget.append(address)
        at = tuple(applied.at)
        there = lookup(document, at)
        if kept is not None and there is not ABSENT and digest(there) == applied.digest:
            change = _change(kept, Edit(at, ABSENT), there, document, _TAKEN_AWAY)
            hold = _unwritable(kept)
            draft.changes.append(change if hold is None else held(change, hold(change.action)))


def _document(kept: Kept) -> Json | Problem:
    found = kept.seen.found
    if isinstance(found, Problem):
        return found
    if found is None or not found.data.strip():
        return {}
    try:
        parsed = FORMATS[kept.format].parse(decode_text(found.data))
    except FormatError as error:
        return Problem(error.kind, error.message, Where(kept.path, error.line, error.column), error.hint)
    if parsed.duplicates:
        again = parsed.duplicates[0]
        message = f"`{again.key}` stands there twice"
        return Problem("duplicate-key", message, Where(kept.path, again.line, again.column), "remove one of the two")
    return parsed.value


def _steps(at: KeyPath) -> list[str]:
    return [str(step) for step in at]


def _change(kept: Kept, edit: Edit, there: Json, document: Json, reason: str) -> Change:
    action: Action = "delete" if edit.value is ABSENT else "create" if there is ABSENT else "update"
    name = ".".join(_steps(edit.at))
    before, after = (None if value is ABSENT else value for value in (there, edit.value))
    found = kept.seen.found if isinstance(kept.seen.found, Snapshot) else None
    return Change(
        address=_address(kept.host, edit.at),
        kind="policy",
        server=f"policy {name}",
        host=kept.host,
        action=action,
        actions=TERRAFORM_ACTIONS[action],
        reason=reason,
        fields=[FieldChange(name=name, before=before, after=after)],
        file=kept.path,
        format=kept.format,
        new_file=found is None,
        key_path=write_path(edit.at),
        edits=[PlannedEdit.of(edit)],
        precondition=Precondition(
            value="absent" if there is ABSENT else digest(there),
            container="absent" if lookup(document, edit.at[:-1]) is ABSENT else "map",
            resolved=kept.path if found is None else found.resolved,
            owner=None if found is None else found.owner,
            mode=None if found is None else found.mode,
        ),
        restart=kept.host,
    )


class _Because:
    """Why a change of a policy is not made."""

    def __init__(self, by: str, message: str, hint: str, code: int = 3) -> None:
        self._words = {"by": by, "message": message, "hint": hint, "code": code}

    def __call__(self, action: str) -> Hold:
        return Hold.model_validate({**self._words, "action": action})


def _hold(situation: Situation, kept: Kept, file: PolicyFile) -> _Because | None:
    if file.unsafe:
        return _Because("policy-unsafe", f"its vendor would not read it as it looks: {file.unsafe}", _EXPORT)
    for problem in (*file.shut_out, *file.wider):
        return _Because("policy-wider", problem.message, _EXPORT)
    if file.personal and kept.seen.root:
        message = f"the command line of `{file.personal[0]}` names a home, which is another one for each user"
        return _Because("policy-wider", message, _EXPORT)
    if any(text in file.text for text in situation.secrets):
        return _Because("policy-unsafe", "it would hold a secret in clear, and everybody may read it", _EXPORT)
    return _unwritable(kept)


_EXPORT = "`mcpconf export --managed HOST` tells more; change the manifest, then `mcpconf plan`"


def _unwritable(kept: Kept) -> _Because | None:
    seen = kept.seen
    if seen.linked:
        message = f"`{kept.path}` is or lies behind a link, and a policy is never written through one"
        return _Because("policy-place", message, "put a file in the place of the link, then `mcpconf plan`")
    if seen.loose:
        message = f"others may write to `{seen.loose}`, and so put another policy in place of this one"
        return _Because("policy-place", message, "take that right away with `chmod go-w`, then `mcpconf plan`")
    if not seen.rights:
        message = f"`{kept.path}` is the administrator's, and this user is none"
        return _Because("no-rights", message, "as the administrator: `mcpconf apply --system`", 2)
    return None


def others_may_write(mode: int | None) -> bool:
    return mode is not None and bool(mode & _OTHERS)
