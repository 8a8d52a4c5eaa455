"""Execute a plan: exactly its edits, in two phases, with a journal. Decides nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence

from mcpconf.apply import journal as journals
from mcpconf.apply.commit import Progress, change, narrow
from mcpconf.apply.prepare import Prepared, StaleError, prepare, works
from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode
from mcpconf.formats import FORMATS, FormatError, decode_text
from mcpconf.model.base import ABSENT, lookup
from mcpconf.model.change import Change
from mcpconf.model.outcome import Failure, Outcome
from mcpconf.model.plan import Plan
from mcpconf.model.state import State
from mcpconf.ports import Snapshot


def apply(store: Store, plan: Plan, state: State, *, seen: bool) -> Outcome:
    """Make the plan true. The caller holds the lock and has settled any unfinished apply.

    `seen` says that a person has looked at the plan, so that what it lists as unmanaged is not new any more.
    """
    serial = state.serial
    if plan.blocked:
        return Outcome(end="blocked", exit_code=ExitCode.BLOCKED, serial=serial, held=_not_written(plan))
    conflict = any(item.action == "conflict" for item in plan.changes)
    writes = [item for item in plan.changes if item.writes and (not conflict or item.phase == 1)]
    left = [item.address for item in plan.changes if item.writes and item not in writes]
    try:
        prepared = [prepare(store.machine.files, work, store.key()) for work in works(writes)]
    except StaleError as error:
        failure = Failure(file=str(error.problem.where or ""), message=error.problem.message, hint=error.problem.hint)
        return Outcome(end="stale", exit_code=ExitCode.STALE, serial=serial, failures=[failure])
    if conflict and not writes:
        return Outcome(
            end="stale", exit_code=ExitCode.STALE, serial=serial, not_attempted=left, held=_not_written(plan)
        )
    outcome = Outcome(end="nothing", exit_code=0, serial=serial)
    if writes:
        outcome = _execute(store, plan, writes, prepared, frozenset(state.files))
    outcome = _finish(plan, outcome, conflict=conflict, left=left)
    if outcome.end not in ("stale", "recover"):
        outcome = _remember(store, plan, state, outcome, seen=seen)
    if outcome.end != "recover" and writes:
        journals.end(store)
        journals.prune(store)
    if writes or outcome.serial != serial:
        _audit(store, plan, outcome)
    return outcome


def _execute(
    store: Store, plan: Plan, writes: Sequence[Change], prepared: list[Prepared], known: frozenset[str]
) -> Outcome:
    files, key = store.machine.files, store.key()
    try:
        journal = journals.begin(store, plan, prepared, known)
    except OSError as error:
        failure = Failure(file=store.folder, message=f"no journal could be written ({error.strerror or error})")
        return Outcome(end="stale", exit_code=ExitCode.STALE, serial=plan.state.serial, failures=[failure])
    touched = [item.work for item in prepared]
    narrowed = narrow(files, touched, key)
    if narrowed.failures:
        return _stopped(plan, writes, narrowed, Progress(), code=ExitCode.RECOVER)
    journals.save(store, journal.model_copy(update={"phase": "changing"}))
    changed = change(files, touched, key)
    if changed.failures:
        code = ExitCode.RECOVER if changed.written else ExitCode.NARROWED
        return _stopped(plan, writes, narrowed, changed, code=code)
    journals.save(store, journal.model_copy(update={"phase": "written"}))
    wrong = _verify(store, writes)
    generation = journals.generation(store, journal.generation)
    return Outcome(
        end="recover" if wrong else "applied",
        exit_code=ExitCode.RECOVER if wrong else ExitCode.SUCCESS,
        serial=journal.generation,
        applied=[item.address for item in writes],
        files=[item.work.path for item in prepared],
        failures=wrong,
        backups=[store.path(generation.files[path]) for path in generation.literal] if generation else [],
        expires=generation.expires if generation else "",
        restart=sorted({item.restart for item in writes if item.restart}),
    )


def _stopped(plan: Plan, writes: Sequence[Change], first: Progress, second: Progress, *, code: ExitCode) -> Outcome:
    done = [item.address for item in writes if item.phase == 1 and item.file in first.written]
    kept = [item.address for item in writes if item.phase == 2 and item.file in second.written]
    return Outcome(
        end="recover" if code == ExitCode.RECOVER else "narrowed",
        exit_code=code,
        serial=plan.state.serial + 1,
        applied=done + kept,
        not_attempted=[item.address for item in writes if item.address not in done + kept],
        failures=[*first.failures, *second.failures],
        files=sorted({*first.written, *second.written}),
    )


def _verify(store: Store, writes: Sequence[Change]) -> list[Failure]:
    """Read every file again: what we put must be there, what we removed must be gone."""
    wrong = []
    for work in works(writes):
        snapshot = store.machine.files.read(work.path)
        try:
            value = (
                FORMATS[work.format].parse(decode_text(snapshot.data)).value if isinstance(snapshot, Snapshot) else None
            )
        except FormatError as error:
            wrong.append(Failure(file=work.path, message=error.message))
            continue
        for item in work.changes:
            found = lookup(value, tuple(step if isinstance(step, str) else "" for step in item.key_path))
            gone = item.action in ("delete", "revoke")
            if (found is ABSENT) is not gone:
                wrong.append(Failure(file=work.path, message=f"`{item.address}` is not as it was written"))
    return wrong


def _finish(plan: Plan, outcome: Outcome, *, conflict: bool, left: list[str]) -> Outcome:
    """The exit code of the whole, by precedence: stale and recover, narrowed, held, incomplete."""
    held = _not_written(plan)
    update: dict[str, object] = {"held": held, "not_attempted": [*outcome.not_attempted, *left]}
    if outcome.exit_code == ExitCode.SUCCESS:
        if conflict:
            update |= {"end": "narrowed", "exit_code": ExitCode.NARROWED}
        elif any(item.action == "held" for item in plan.changes):
            update |= {"end": "held", "exit_code": ExitCode.BLOCKED}
        elif not plan.complete:
            update |= {"exit_code": ExitCode.INCOMPLETE}
    return outcome.model_copy(update=update)


def _not_written(plan: Plan) -> list[str]:
    return [item.address for item in plan.changes if item.action in ("held", "conflict", "unknown")]


def _remember(store: Store, plan: Plan, state: State, outcome: Outcome, *, seen: bool) -> Outcome:
    """Write the state, if it says anything new."""
    new = remembered(plan, state, outcome, seen=seen)
    if new == state:
        return outcome.model_copy(update={"serial": state.serial})
    new = new.model_copy(update={"serial": max(state.serial + 1, outcome.serial), "plan": plan.plan_digest})
    store.save(new)
    return outcome.model_copy(update={"serial": new.serial})


def remembered(plan: Plan, state: State, outcome: Outcome, *, seen: bool) -> State:
    """What the state becomes: records of what was written or found equal, tombstones of what was taken away."""
    undone = {item.address for item in plan.changes} - set(outcome.applied)
    records = plan.records
    gone = [address for address in records.forget if address not in undone]
    entries = {address: applied for address, applied in state.entries.items() if address not in gone}
    entries |= {address: applied for address, applied in records.entries.items() if address not in undone}
    lifted = set(records.lifted)
    marks = [mark for mark in state.tombstones if mark.address not in lifted and mark.address not in entries]
    marks += [mark for mark in records.tombstones if mark.address in gone and mark not in marks]
    listed = {item.address: item.digest for item in plan.unmanaged if not item.removed}
    still = {item: value for item, value in state.seen.items() if item in listed or not plan.complete}
    first = state.baseline is None
    return state.model_copy(
        update={
            "machine": plan.machine.id,
            "commit": plan.origin.commit if outcome.applied or first else state.commit,
            "entries": entries,
            "tombstones": marks,
            "seen": {**still, **listed} if seen or first else still,
            "baseline": sorted(listed) if first else state.baseline,
            "files": sorted({*state.files, *outcome.files}),
        }
    )


def _audit(store: Store, plan: Plan, outcome: Outcome) -> None:
    """One line per apply: who, which commit, what was done, how it ended."""
    done = set(outcome.applied)
    line = {
        "time": store.machine.clock.now(),
        "user": plan.machine.user,
        "machine": plan.machine.id,
        "commit": plan.origin.commit,
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
    store.machine.files.append(store.log, (json.dumps(line, sort_keys=True) + "\n").encode("utf-8"))
