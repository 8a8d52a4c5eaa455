"""The way back: finish the narrowing, undo the rest. The end of each file is one of: before, narrowed, after."""

from __future__ import annotations

from dataclasses import dataclass, field

from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode, Problem, Where
from mcpconf.formats import FORMATS, FormatError, UnsafeEditError, decode_text, encode_text
from mcpconf.model.outcome import Failure, Outcome
from mcpconf.ports import TEMPORARY, Snapshot
from mcpconf.transaction import generations, owned
from mcpconf.transaction import journal as journals
from mcpconf.transaction.commit import replace_content
from mcpconf.transaction.journal import Journal, JournalFile
from mcpconf.transaction.prepare import edited, fingerprint, value_of
from mcpconf.transaction.remember import keep_recovered, log_recovery, recorded, stamped

_BY_HAND = "settle it by hand, then run `mcpconf recover`"


@dataclass(slots=True)
class Settled:
    """Machine paths by what was done. Only files that still wait to be undone keep the journal alive."""

    undone: list[str] = field(default_factory=list)
    waiting: list[Failure] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)


def recover(store: Store) -> Outcome | None:
    """Settle an unfinished apply; None if there is none. The caller holds the lock."""
    try:
        journal = journals.load(store)
        _sweep(store, journal if isinstance(journal, Journal) else None)
        if isinstance(journal, Journal):
            return _end(store, journal, settle(store, journal))
        if journal is None:
            generations.prune(store)
    except OSError as error:
        message = f"an unfinished apply could not be settled ({error.strerror or error})"
        hint = "check free space and permissions, then run `mcpconf recover`"
        journal = Problem("write", message, Where(store.folder), hint)
    return (
        None
        if journal is None
        else _unsettled(Failure(file=str(journal.where or ""), message=journal.message, hint=journal.hint))
    )


def _unsettled(*failures: Failure, serial: int = 0) -> Outcome:
    return Outcome(end="recover", exit_code=ExitCode.RECOVER, serial=serial, failures=list(failures))


def _end(store: Store, journal: Journal, settled: Settled) -> Outcome:
    """Record what is in effect now, unless something still has to be put back. Raises OSError."""
    if settled.waiting:
        return _unsettled(*settled.waiting, *settled.failed, serial=journal.generation)
    applied = journals.in_effect(store.machine.files, journal, store.key())
    state, _ = store.load()
    new = recorded(state, journal, applied)
    recorded_before = state.serial >= journal.generation
    if new != state or (applied and not recorded_before):
        done = [change for file in journal.files for change in file.changes if change.address in applied]
        new = stamped(new, () if recorded_before else done, store.machine.clock.now())
        new = new.model_copy(update={"serial": max(state.serial + 1, journal.generation)})
        keep_recovered(store, journal, applied, state, new)
        store.save(new)
    elif not recorded_before:
        owned.drop(store, journal.generation)
    code = ExitCode.NARROWED if settled.failed else ExitCode.SUCCESS
    undone, failed = settled.undone, settled.failed
    outcome = Outcome(end="narrowed", exit_code=code, serial=new.serial, rolled_back=undone, failures=failed)
    log_recovery(store, journal, applied, outcome)
    journals.end(store)
    generations.prune(store)
    return outcome


def settle(store: Store, journal: Journal) -> Settled:
    """Bring every file to a legal end, as far as it goes."""
    settled = Settled()
    for file in journal.files:
        try:
            _settle(store, journal, file, settled)
        except (OSError, FormatError, UnsafeEditError) as error:
            message = f"could not be put back ({getattr(error, 'strerror', None) or error})"
            found = Failure(file=file.path, message=message, hint=_BY_HAND)
            (settled.waiting if _holds_more(store, journal, file) else settled.failed).append(found)
    return settled


def _holds_more(store: Store, journal: Journal, file: JournalFile) -> bool:
    """Whether content of the second phase may still lie where it must be undone."""
    if journal.phase != "changing" or file.after == file.narrowed:
        return False
    now = store.machine.files.read(file.path, file.within)
    if isinstance(now, Problem):
        return now.kind not in ("not-a-file", "oversized")
    return now is not None and fingerprint(now.data) == file.after


def _settle(store: Store, journal: Journal, file: JournalFile, settled: Settled) -> None:
    files = store.machine.files
    now = files.read(file.path, file.within)
    if isinstance(now, Problem):
        raise OSError(now.message)
    if now is None:
        _remove_folders(store, file)
        return
    if journal.phase == "changing" and file.after != file.narrowed and fingerprint(now.data) == file.after:
        if _undo(store, file, now):
            settled.undone.append(file.path)
        else:
            message = f"the pre-image of generation {journal.generation} is missing or damaged; it stays as applied"
            settled.failed.append(Failure(file=file.path, message=message, hint="`mcpconf plan` shows what is left"))
    else:
        _narrow(store, file, now)


def _undo(store: Store, file: JournalFile, now: Snapshot) -> bool:
    """Put the pre-image back, narrowed. Only called where the file still holds what we wrote."""
    files = store.machine.files
    if file.preimage is None:
        files.remove(now.resolved)
        _remove_folders(store, file)
        return True
    image = files.read(store.path(file.preimage))
    if not isinstance(image, Snapshot) or fingerprint(image.data) != file.before:
        return False
    edits = [edit for change in file.changes if change.phase == 1 for edit in change.edits]
    text = edited(FORMATS[file.format], decode_text(image.data), edits)
    replace_content(files, encode_text(text), now)
    return True


def _remove_folders(store: Store, file: JournalFile) -> None:
    """A folder of a host that is not installed would make it look as if it were."""
    for folder in reversed(file.folders):
        store.machine.files.remove_folder(folder)


def _narrow(store: Store, file: JournalFile, now: Snapshot) -> None:
    """Take away what was to be taken away and is still there as the plan saw it; what changed since is for a new plan."""
    form, key = FORMATS[file.format], store.key()
    text = decode_text(now.data)
    value = value_of(form, text)
    edits = [edit for change in file.changes if change.phase == 1 and change.waits(value, key) for edit in change.edits]
    new = encode_text(edited(form, text, edits))
    if new != now.data:
        replace_content(store.machine.files, new, now)


def _sweep(store: Store, journal: Journal | None) -> None:
    """Remove what a killed apply was about to rename into place. Raises OSError."""
    names = {(store.folder, "")}
    for file in journal.files if journal is not None else ():
        folder, _, name = file.target.rpartition("/")
        names.add((folder, name))
    for folder, name in sorted(names):
        found = store.machine.files.names(folder)
        for other in found if not isinstance(found, Problem) else ():
            match = TEMPORARY.fullmatch(other)
            if match is not None and (not name or name.startswith(match["name"])):
                store.machine.files.remove(f"{folder}/{other}")
