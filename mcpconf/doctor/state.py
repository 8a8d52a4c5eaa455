"""The state folder: who may read it, what it remembers, what old content still lies in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mcpconf.documents.store import KEY_LENGTH, REVOKED, STATES, Store
from mcpconf.errors import McpconfError, Problem, Where
from mcpconf.model.check import Check
from mcpconf.model.commands import command
from mcpconf.ports import TEMPORARY
from mcpconf.report.style import plural
from mcpconf.transaction import generations
from mcpconf.transaction import journal as journals

_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600
_FILES = ("key", *STATES, REVOKED, journals.NAME, "log.jsonl")


def look_at_state(store: Store) -> Iterator[Check]:
    if not store.machine.files.exists(store.folder):
        hint = f"nothing, until {command('apply')} is run"
        yield Check("note", "state", "nothing was applied here yet", hint, Where(store.folder))
        return
    yield from _modes(store)
    yield from _key(store)
    yield from _memory(store)
    yield from _journal(store)
    yield from _lock(store)
    yield from _images(store)
    yield from _staged(store)


def _modes(store: Store) -> Iterator[Check]:
    if store.machine.facts.os == "windows":
        return
    files = store.machine.files
    wanted = [(store.folder, _PRIVATE_FOLDER), *((store.path(name), _PRIVATE_FILE) for name in _FILES)]
    open_to_others = [(path, mode) for path, most in wanted if (mode := files.mode(path)) is not None and mode & ~most]
    for path, mode in open_to_others:
        most = dict(wanted)[path]
        hint = f"`chmod {most:o}` it"
        yield Check("warning", "state", f"mode {mode:04o}: others than you may use it", hint, Where(path))
    if not open_to_others:
        yield Check("ok", "state", "only you may read it", where=Where(store.folder))


def _key(store: Store) -> Iterator[Check]:
    found = store.machine.files.read(store.path("key"))
    where = Where(store.path("key"))
    if isinstance(found, Problem):
        yield Check.of("key", found)
    elif found is None or len(found.data) != KEY_LENGTH:
        what = "there is no key" if found is None else "the key is damaged"
        hint = f"{command('apply')} makes a new one; nothing is deleted for that"
        yield Check("warning", "key", f"{what}, so that what was applied is not known", hint, where)
    else:
        yield Check("ok", "key", "in place", where=where)


def _memory(store: Store) -> Iterator[Check]:
    try:
        state, warnings = store.load()
    except McpconfError as error:
        yield from (Check.of("state", problem) for problem in error.problems)
        return
    yield from (Check.of("state", problem) for problem in warnings)
    if state.baseline is not None:
        left = f", {len(state.tombstones)} revoked and not yet seen to be gone" if state.tombstones else ""
        message = f"serial {state.serial}, {plural(len(state.entries), 'server')} applied{left}"
        yield Check("ok", "state", message, where=Where(store.path("state.json")))
    if state.revoked:
        message = f"{len(state.revoked)} revoked on this machine, whatever the manifest says"
        hint = f"{command('revoke', '--list')} says what, since when and why"
        yield Check("note", "state", message, hint, Where(store.path(REVOKED)))


def _journal(store: Store) -> Iterator[Check]:
    found = journals.load(store)
    if isinstance(found, Problem):
        yield Check.of("journal", found)
    elif found is not None:
        where = Where(store.path(journals.NAME))
        yield Check("unknown", "journal", "an apply did not come to its end", f"run {command('recover')}", where)


def _lock(store: Store) -> Iterator[Check]:
    """Only a file that is there is tried: nothing is made."""
    if not store.machine.files.exists(store.lock):
        return
    try:
        with store.machine.locks.exclusive(store.lock, 0):
            yield Check("ok", "lock", "free", where=Where(store.lock))
    except McpconfError as error:
        yield from (Check.of("lock", problem) for problem in error.problems)


def _images(store: Store) -> Iterator[Check]:
    """Old content of host files, newest first. A removed secret may lie in it until its day."""
    today = date.fromisoformat(store.machine.clock.now()[:10])
    images, unnamed = generations.kept(store)
    for image in images:
        age = plural(image.age(today), "day")
        message = f"{image.path} as it was, {age} old, kept until {image.expires}"
        where = Where(store.path(image.name))
        if image.literal:
            hint = (
                f"rotate the secret, then {command('backups', 'purge', '--secrets')}; it goes by itself after that day"
            )
            yield Check("warning", "backup", f"{message}; a secret may be in it", hint, where)
        else:
            yield Check("note", "backup", message, f"{command('apply')} deletes it after that day", where)
    for name in unnamed:
        hint = f"{command('backups', 'purge', '--secrets')} deletes it"
        yield Check("warning", "backup", "old content that nothing is known of", hint, Where(store.path(name)))


def _staged(store: Store) -> Iterator[Check]:
    names = store.machine.files.names(store.folder)
    if isinstance(names, Problem):
        yield Check.of("state", names)
        return
    for name in names:
        if TEMPORARY.fullmatch(name):
            message, hint = "left over from an apply that was killed", f"{command('recover')} removes it"
            yield Check("warning", "left over", message, hint, Where(store.path(name)))
