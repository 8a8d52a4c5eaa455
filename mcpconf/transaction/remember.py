"""What stays of an apply: the state, and one line in the log."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from mcpconf.documents.store import Store
from mcpconf.model.base import Json
from mcpconf.model.change import Change
from mcpconf.model.outcome import Outcome
from mcpconf.model.owned import OwnedValues
from mcpconf.model.plan import Plan, Records
from mcpconf.model.state import Applied, State, Tombstone
from mcpconf.transaction import owned
from mcpconf.transaction.journal import Journal, JournalChange

MOST_VERIFIED = 500
"""Of what is gone for good, the newest."""


def remembered(plan: Plan, state: State, outcome: Outcome, journal: Journal | None, *, seen: bool) -> State:
    """What the state becomes: records of what was written or found equal, tombstones of what was taken away.

    `seen` says that a person has looked at the plan, so that what it lists as unmanaged is not new any more; what the
    manifest gives back never is. An apply that changes nothing forgets nothing: a project that left the manifest may only be out of sight.
    A revocation looks at what it takes away and nothing else, and so does who leaves.
    """
    undone = {text for item in plan.changes if item.address not in outcome.applied for text in item.touches}
    listed = {item.address: item.digest for item in plan.unmanaged if not item.removed}
    given_back = {item.address: item.digest for item in plan.unmanaged if item.reason == "released"}
    whole_view = plan.complete and bool(outcome.applied)
    still = {item: value for item, value in state.seen.items() if item in listed or not whole_view}
    first = state.baseline is None
    new = _with_records(state, plan.records, undone)
    if plan.purpose in ("revoke", "destroy"):
        return new.model_copy(update={"machine": plan.machine.id, "files": sorted({*state.files, *outcome.files})})
    whole = all(item.address in outcome.applied for item in plan.changes if item.writes)
    return (_without_marks(new, plan.records) if whole else new).model_copy(
        update={
            "machine": plan.machine.id,
            "commit": plan.origin.commit if outcome.applied or first else state.commit,
            "seen": {**still, **(listed if seen or first else given_back), **_carried(plan.records, undone)},
            "baseline": sorted(listed) if first else state.baseline,
            "files": sorted({*state.files, *outcome.files}),
            "made": _made(state, journal, outcome.applied),
            "pinned": plan.records.pinned,
            "declared": _declared(plan, state, outcome),
        }
    )


def _declared(plan: Plan, state: State, outcome: Outcome) -> dict[str, dict[str, Json]]:
    """Of a server that something is still to be done for, what was known of it."""
    now = plan.records.declared
    if now is None:
        return state.declared
    waiting = {item.server for item in plan.changes if item.address not in outcome.applied}
    kept = {name: known for name, known in state.declared.items() if name in waiting}
    return {**kept, **{name: said for name, said in now.items() if name not in waiting}}


def recorded(state: State, journal: Journal, applied: Collection[str]) -> State:
    """What the state becomes after an apply that did not come to its end: the changes that are in effect, no more."""
    changes = [change for file in journal.files for change in file.changes]
    undone = {text for change in changes if change.address not in applied for text in change.touches}
    touched = {file.path for file in journal.files if any(change.address in applied for change in file.changes)}
    update = {
        "files": sorted({*state.files, *touched}),
        "made": _made(state, journal, applied),
        "pinned": journal.records.pinned if applied else state.pinned,
    }
    state = state.model_copy(update=update)
    return _with_records(state, journal.records, undone)


def stamped(state: State, done: Iterable[Change | JournalChange], now: str) -> State:
    """With the moment at which its entries were written."""
    written = {**state.written, **{text: now for change in done for text in change.touches}}
    kept = {address: moment for address, moment in written.items() if address in state.entries}
    return state.model_copy(update={"written": kept})


def _with_records(state: State, records: Records, undone: Collection[str]) -> State:
    gone = [address for address in records.forget if address not in undone]
    entries = {address: applied for address, applied in state.entries.items() if address not in gone}
    entries |= {address: applied for address, applied in records.entries.items() if address not in undone}
    ended = {*gone, *records.entries} - {*undone}
    marks = [*state.tombstones, *(mark for mark in records.tombstones if mark.entry in ended), *records.found]
    marks = [mark for mark in marks if not _is_back(mark, entries)]
    marks = [mark for index, mark in enumerate(marks) if mark not in marks[:index]]
    policies = {address: known for address, known in state.policies.items() if address not in gone}
    policies |= {address: known for address, known in records.policies.items() if address not in undone}
    grants = {address: server for address, server in state.grants.items() if address not in gone}
    grants |= {address: granted.server for address, granted in records.grants.items() if granted.by not in undone}
    made = {text for granted in records.grants.values() if granted.by not in undone for text in granted.made}
    around = sorted(text for text in {*state.containers, *made} if any(item.startswith(f"{text}.") for item in grants))
    seen = {**state.seen, **_carried(records, undone)}
    update = {"entries": entries, "policies": policies, "tombstones": marks, "grants": grants, "containers": around}
    update |= {"seen": seen}
    return state.model_copy(update=update)


def _is_back(mark: Tombstone, entries: Mapping[str, Applied]) -> bool:
    """Whether its very address has it again. Another server there, of the same name, does not bring it back."""
    now = entries.get(mark.address)
    return now is not None and mark.identity in ("", now.identity)


def _carried(records: Records, undone: Collection[str]) -> dict[str, str]:
    """What was seen under an address that is another one by now."""
    return {address: seen.digest for address, seen in records.seen.items() if seen.by not in undone}


def _made(state: State, journal: Journal | None, applied: Collection[str]) -> dict[str, list[str]]:
    """Files that were not there before, with what was made for them."""
    new = {
        file.path: file.folders
        for file in (journal.files if journal is not None else ())
        if file.preimage is None and any(change.address in applied for change in file.changes)
    }
    return {**state.made, **new}


def _without_marks(state: State, records: Records) -> State:
    """Once all of the plan is true, what it found to be nowhere else is gone for good."""
    marks = [mark for mark in state.tombstones if mark not in records.lifted]
    lifted = [mark for mark in state.tombstones if mark in records.lifted]
    verified = [mark for mark in state.verified if mark not in (*lifted, *marks)] + lifted
    revoked = [item for item in state.revoked if item.target not in records.relieved]
    return state.model_copy(update={"tombstones": marks, "verified": verified[-MOST_VERIFIED:], "revoked": revoked})


def keep_owned(store: Store, plan: Plan, before: State, after: State, outcome: Outcome) -> None:
    """Keep what is ours now as a generation to go back to. Raises OSError."""
    done = set(outcome.applied)
    values = OwnedValues(
        generation=after.serial,
        time=store.machine.clock.now(),
        user=plan.machine.user,
        purpose=plan.purpose,
        commit=plan.origin.commit,
        dirty=plan.origin.dirty,
        counts=Counter(change.action for change in plan.changes if change.address in done),
        end=outcome.end,
    )
    owned.keep(store, owned.filled(store, values, before, after, plan.records))


def keep_recovered(store: Store, journal: Journal, applied: Collection[str], before: State, after: State) -> None:
    """The generation of an apply that did not come to its end. Raises OSError."""
    changes = [change for file in journal.files for change in file.changes]
    values = OwnedValues(
        generation=after.serial,
        time=store.machine.clock.now(),
        user=store.machine.facts.user,
        purpose="recover",
        commit=journal.commit,
        counts=Counter(change.action for change in changes if change.address in applied),
        end="recovered",
    )
    owned.keep(store, owned.filled(store, values, before, after, journal.records))


def log(store: Store, plan: Plan, outcome: Outcome) -> None:
    """One line per apply: who, which commit, what was done, how it ended. Raises OSError."""
    done = set(outcome.applied)
    line = {
        "time": store.machine.clock.now(),
        "purpose": plan.purpose,
        **({"why": plan.why} if plan.why else {}),
        "user": plan.machine.user,
        "machine": plan.machine.id,
        "commit": plan.origin.commit,
        "dirty": plan.origin.dirty,
        "manifest": plan.origin.manifest_digest,
        "plan": plan.plan_digest,
        "serial": outcome.serial,
        "end": outcome.end,
        "exit_code": outcome.exit_code,
        "operations": [
            {"address": item.address, "action": item.action, "reason": item.reason}
            for item in plan.changes
            if item.address in done
        ],
    }
    _append(store, line)


def log_recovery(store: Store, journal: Journal, applied: Collection[str], outcome: Outcome) -> None:
    """The line of an apply that could not write its own. Raises OSError."""
    line = {
        "time": store.machine.clock.now(),
        "purpose": "recover",
        "user": store.machine.facts.user,
        "machine": store.machine.facts.id,
        "commit": journal.commit,
        "plan": journal.plan,
        "serial": outcome.serial,
        "end": "recovered",
        "exit_code": outcome.exit_code,
        "operations": [
            {"address": change.address, "action": change.action, "reason": change.reason}
            for file in journal.files
            for change in file.changes
            if change.address in applied
        ],
    }
    _append(store, line)


def _append(store: Store, line: Mapping[str, object]) -> None:
    store.machine.files.append(store.log, (json.dumps(line, sort_keys=True) + "\n").encode("utf-8"))
