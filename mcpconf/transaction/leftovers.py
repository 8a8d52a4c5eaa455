"""What is left of us once nothing of ours is in any host's file: files that we made, and the folder of our own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mcpconf.documents.store import REVOKED, STATES, Store
from mcpconf.errors import Problem
from mcpconf.formats import FORMATS, FormatError, UnsafeEditError, decode_text
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.change import PlannedEdit
from mcpconf.model.observed import Location, ObservedFile
from mcpconf.ports import TEMPORARY, Snapshot
from mcpconf.transaction import journal as journals
from mcpconf.transaction.generations import FOLDER, drop, numbers
from mcpconf.transaction.prepare import edited

Rows = Mapping[str, HostRow]

_BEFORE_STATE = ("log.jsonl", journals.NAME, "verdict", REVOKED)


def empty_files(
    store: Store, made: Mapping[str, list[str]], files: Iterable[ObservedFile], rows: Rows
) -> Iterator[str]:
    """Files that we made and that hold nothing any more but what a file of their host must say."""
    there = {file.location.path: file.location for file in files}
    return (path for path in sorted(made) if path in there and _says_nothing(store, there[path], rows))


def _says_nothing(store: Store, location: Location, rows: Rows) -> bool:
    """White space apart, for editors differ in it; a comment that somebody wrote is something."""
    found = store.machine.files.read(location.path)
    if not isinstance(found, Snapshot):
        return False
    form = FORMATS[location.format]
    constants = [PlannedEdit(at=[key], value=item) for key, item in rows[location.host].document.items()]
    try:
        text = decode_text(found.data)
        bare = edited(form, form.empty, constants)
    except (FormatError, UnsafeEditError):
        return False
    return _squeezed(text) in ("", _squeezed(form.empty), _squeezed(bare))


def _squeezed(text: str) -> str:
    return "".join(text.split())


def remove_file(store: Store, path: str, folders: Iterable[str]) -> None:
    """With the folders that were made for it, where nothing else is in them. Raises OSError."""
    files = store.machine.files
    files.remove(files.resolve(path))
    for folder in reversed([*folders]):
        files.remove_folder(folder)


def remove_own(store: Store) -> list[str]:
    """Everything that mcpconf keeps of a machine, the state last and the key after it. Gives what stays: it is not ours.

    Raises OSError.
    """
    files = store.machine.files
    for number in numbers(store):
        drop(store, number)
    files.remove_folder(store.path(FOLDER))
    for name in _BEFORE_STATE:
        files.remove(store.path(name))
    for name in _temporary(store):
        files.remove(store.path(name))
    for name in (*reversed(STATES), "key"):
        files.remove(store.path(name))
    found = files.names(store.folder)
    return [] if isinstance(found, Problem) else [store.path(name) for name in found if store.path(name) != store.lock]


def _temporary(store: Store) -> Iterator[str]:
    names = store.machine.files.names(store.folder)
    yield from (name for name in (() if isinstance(names, Problem) else names) if TEMPORARY.fullmatch(name))
