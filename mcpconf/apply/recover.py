"""After a crash: finish the narrowing if it had begun, undo the rest. The end is one of: before, narrowed, after."""

from __future__ import annotations

from mcpconf.apply import journal as journals
from mcpconf.apply.commit import matches
from mcpconf.apply.journal import Journal, JournalFile
from mcpconf.apply.prepare import edit, fingerprint
from mcpconf.documents.store import Store
from mcpconf.errors import Problem
from mcpconf.formats import FORMATS, FormatError, decode_text, encode_text
from mcpconf.model.outcome import Failure, Outcome
from mcpconf.ports import Snapshot


def recover(store: Store) -> Outcome | None:
    """Settle an unfinished apply; None if there is none. Holds no lock itself."""
    journal = journals.load(store)
    if journal is None:
        return None
    if isinstance(journal, Problem):
        failure = Failure(file=str(journal.where or ""), message=journal.message, hint=journal.hint)
        return Outcome(end="recover", exit_code=6, serial=0, failures=[failure])
    failures = []
    settled: list[str] = []
    for file in journal.files if journal.phase != "written" else ():
        try:
            problem = _settle(store, journal, file)
        except (OSError, FormatError) as error:
            problem = str(error)
        if problem:
            failures.append(
                Failure(file=file.path, message=problem, hint="settle it by hand, then run `mcpconf recover`")
            )
        else:
            settled.append(file.path)
    if failures:
        return Outcome(end="recover", exit_code=6, serial=journal.generation, failures=failures, files=settled)
    journals.end(store)
    return Outcome(end="narrowed", exit_code=0, serial=journal.generation, rolled_back=settled)


def _settle(store: Store, journal: Journal, file: JournalFile) -> str:
    """Bring one file to its narrowed content. Gives what is in the way, or nothing."""
    files = store.machine.files
    now = files.read(file.path)
    if isinstance(now, Problem):
        return now.message
    match matches(file, now):
        case "after" if file.after != file.narrowed:
            return _undo(store, journal, file, now)
        case "before" if file.before != file.narrowed:
            return _narrow(store, file, now)
        case "":
            return _narrow(store, file, now) if file.narrowing else ""
    return ""


def _undo(store: Store, journal: Journal, file: JournalFile, now: Snapshot | None) -> str:
    """Put the pre-image back, narrowed. Only called where the file still holds what we wrote."""
    files = store.machine.files
    if file.preimage is None:
        files.remove(file.target)
        return ""
    image = files.read(store.path(file.preimage))
    if not isinstance(image, Snapshot) or fingerprint(image.data) != file.before:
        return f"the pre-image of generation {journal.generation} is missing or damaged"
    text = edit(file.format, decode_text(image.data), file.narrowing)
    files.commit(files.stage(file.target, encode_text(text), file.mode, now))
    return ""


def _narrow(store: Store, file: JournalFile, now: Snapshot | None) -> str:
    """Take away what was to be taken away, from whatever the file holds now."""
    text = decode_text(now.data) if now is not None else FORMATS[file.format].empty
    new = encode_text(edit(file.format, text, file.narrowing))
    if now is not None and new != now.data:
        store.machine.files.commit(store.machine.files.stage(file.target, new, now.mode, now))
    return ""
