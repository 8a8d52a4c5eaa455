"""What an installation is to hold, written down when it was built, and whether it still holds it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import ValidationError

from mcpconf.artifacts import closure_digest, installation, store_folder
from mcpconf.canonical import canonical, key_name, seal
from mcpconf.errors import Problem, Where
from mcpconf.model.base import Document
from mcpconf.model.installed import Changed, Installation, Installed, Missing
from mcpconf.model.lock import Digest, LockedServer
from mcpconf.ports import Facts, Files, Machine

__all__ = [
    "RECORD",
    "TREE",
    "Changed",
    "Installation",
    "Installed",
    "Missing",
    "Record",
    "examine",
    "parse_record",
    "state_of",
    "write_record",
]

RECORD_FORMAT: Literal[1] = 1
RECORD = "record.json"
TREE = "tree"

_INTERPRETER = re.compile(r"bin/python[0-9.]*")
"""The one link of a tree that may lead out of it: in a virtual environment, to the Python that the machine has."""

_AWAY = "/"


class Record(Document):
    """`closure` is the digest that the installation is kept under, `files` is what `Files.tree` told when it was built.

    `seal` is over all the rest: nobody without the machine's key can write a record that holds. `key` tells which key that
    was, and nothing of it.
    """

    format: Literal[1] = RECORD_FORMAT
    package: str
    version: str
    closure: Digest
    files: dict[str, str]
    key: str = ""
    seal: str = ""

    def sealed(self, key: bytes) -> Record:
        named = self.model_copy(update={"key": key_name(key)})
        return named.model_copy(update={"seal": _seal_of(named, key)})

    def holds(self, key: bytes) -> bool:
        return self.seal == _seal_of(self, key)


def _seal_of(record: Record, key: bytes) -> str:
    """A record from before keys had names is sealed without one."""
    return seal(key, "installation", record.model_dump(exclude={"seal"} if record.key else {"seal", "key"}))


def state_of(locked: LockedServer, machine: Machine, key: bytes | None) -> Installation:
    """Compare an installation with the lock, byte by byte. Only looks.

    `key` is the machine's; without it no record can be believed.
    """
    return examine(installation(locked, machine.facts), closure_digest(locked), machine, key)


def examine(folder: str, closure: str, machine: Machine, key: bytes | None) -> Installation:
    """The same of a folder of the store. `closure` may be the beginning of a digest: what the folder's name tells."""
    files = machine.files
    if not files.exists(folder):
        return Missing()
    link = _behind_a_link(f"{folder}/{TREE}", machine.facts, files)
    if link is not None:
        return link
    read = files.read(f"{folder}/{RECORD}")
    if isinstance(read, Problem):
        return read
    found, names = files.tree(f"{folder}/{TREE}"), files.names(folder)
    if isinstance(found, Problem):
        return found
    if isinstance(names, Problem):
        return names
    record = None if read is None else parse_record(read.data)
    if record is not None and (key is None or record.key not in ("", key_name(key))):
        return Changed(reason="the key that its record was sealed with is lost", keyless=True)
    reason = _unbelieved(record, closure, key)
    if record is None or reason:
        return Changed(reason=reason)
    changed = _difference(record.files, found or {})
    beside = [name for name in names if name not in (TREE, RECORD)]
    if beside and not changed.count:
        return Changed(reason=f"`{beside[0]}` lies beside its tree, where nothing was built")
    lost = next(
        (mark[2:] for mark in record.files.values() if mark.startswith("l /") and not files.exists(mark[2:])), ""
    )
    if lost and not changed.count:
        return Changed(reason=f"`{lost}` is gone, with which it was installed")
    return changed if changed.count else Installed(len(record.files))


def parse_record(data: bytes) -> Record | None:
    """None for what is no record."""
    try:
        return Record.model_validate_json(data)
    except ValidationError:
        return None


def write_record(locked: LockedServer, marks: Mapping[str, str], key: bytes) -> bytes | Problem:
    """The record of what was just built; a Problem if it may not be installed at all."""
    for name, mark in sorted(marks.items()):
        reason = _refused(name, mark)
        if reason:
            return Problem(
                "invalid", f"`{name}` of `{locked.package}` {reason}", None, "do not run it; tell who made it"
            )
    record = Record(package=locked.package, version=locked.version, closure=closure_digest(locked), files=dict(marks))
    return canonical(record.sealed(key).model_dump()) + b"\n"


def _refused(name: str, mark: str) -> str:
    if mark == "?":
        return "is neither a file nor a link"
    if not name.isprintable():
        return "has a name that cannot be shown"
    if mark.startswith("l ") and _leaves(name, mark[2:]) and not _INTERPRETER.fullmatch(name):
        return f"is a link that leaves its folder, to `{mark[2:]}`"
    return ""


def _leaves(name: str, target: str) -> bool:
    """Whether a link leads out of the tree by its spelling."""
    target = target.replace("\\", "/")
    if target.startswith(_AWAY) or target[1:2] == ":":
        return True
    depth = name.count("/")
    for step in target.split("/"):
        depth += -1 if step == ".." else 1 if step not in ("", ".") else 0
        if depth < 0:
            return True
    return False


def _behind_a_link(path: str, facts: Facts, files: Files) -> Problem | None:
    """What a link can turn elsewhere after it was looked at is not looked at. The store itself may be one."""
    store = store_folder(facts)
    try:
        straight = files.resolve(path) == files.resolve(store) + path.removeprefix(store)
    except OSError as error:
        return Problem(
            "symlink", f"`{path}` cannot be reached ({error.strerror or error})", Where(path), "remove the link"
        )
    if straight:
        return None
    return Problem("symlink", f"`{path}` is reached by a link in the store", Where(path), "remove the link")


def _unbelieved(record: Record | None, closure: str, key: bytes | None) -> str:
    """Why what a record says does not count."""
    if record is None:
        return "its record is missing or cannot be read"
    if key is None or not record.holds(key):
        return "its record was edited, or sealed with another key"
    if not record.closure.startswith(closure):
        return "its record is that of another installation"
    return ""


def _difference(recorded: Mapping[str, str], found: Mapping[str, str]) -> Changed:
    return Changed(
        tuple(sorted(name for name, mark in recorded.items() if name in found and found[name] != mark)),
        tuple(sorted(found.keys() - recorded.keys())),
        tuple(sorted(recorded.keys() - found.keys())),
    )
