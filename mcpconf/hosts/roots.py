"""Projects that no file of servers names: folders that were opened in an editor, and worktrees of projects that are known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from posixpath import normpath
from urllib.parse import unquote, urlsplit

from mcpconf.errors import Problem, Where
from mcpconf.formats import FORMATS, FormatError, decode_text
from mcpconf.hosts.filling import Names
from mcpconf.hosts.places import stored
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.ports import Facts, Files, Machine, Snapshot

MOST_WORKTREES = 100
"""Of one project."""

_OPENED = "folder"
"""The key of a workspace of one folder; one of several folders has another."""

_DRIVE = re.compile(r"/(?P<letter>[A-Za-z]):(?P<rest>/.*)")


def opened(row: HostRow, machine: Machine, names: Names, problems: dict[str, Problem]) -> Iterator[str]:
    """Folders of this machine; those of another are left out. Files that cannot be read are told to `problems`, by their paths."""
    for path, _ in stored(row.opened, row, machine.facts, names):
        snapshot = machine.files.read(path)
        found = _folder(snapshot) if isinstance(snapshot, Snapshot) else snapshot
        if isinstance(found, Problem):
            problems[path] = replace(found, where=Where(path))
        elif found and (folder := local_path(found, machine.facts)):
            yield folder


def _folder(snapshot: Snapshot) -> str | Problem:
    try:
        value = FORMATS["jsonc"].parse(decode_text(snapshot.data)).value
    except FormatError as error:
        return Problem(error.kind, error.message, None, error.hint)
    found = value.get(_OPENED) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def local_path(uri: str, facts: Facts) -> str:
    """Of a file on this machine; "" for anything else."""
    try:
        parts = urlsplit(uri)
        path = unquote(parts.path, errors="strict")
    except ValueError:
        return ""
    if parts.scheme != "file" or parts.netloc not in ("", "localhost") or "\0" in path or "/../" in f"{path}/":
        return ""
    if facts.os != "windows":
        return path
    drive = _DRIVE.fullmatch(path)
    return f"{drive['letter'].upper()}:{drive['rest']}" if drive else ""


def worktrees(projects: Iterable[str], files: Files) -> Iterator[str]:
    """Folders in which other branches of a project lie (gitrepository-layout(5), `worktrees/<id>/gitdir`).

    Each points back to its project, or somebody only says that it is one.
    """
    for project in projects:
        known = files.names(f"{project}/.git/worktrees")
        for name in () if isinstance(known, Problem) else known[:MOST_WORKTREES]:
            at = f"{project}/.git/worktrees/{name}"
            link = _target(files, f"{at}/gitdir", "")
            if link.endswith("/.git") and _target(files, link, "gitdir: ") == at:
                yield link.removesuffix("/.git")


def _target(files: Files, path: str, mark: str) -> str:
    """The one path that a file of git tells behind a mark, from its own folder on (git 2.48); "" where it tells none."""
    snapshot = files.read(path)
    text = snapshot.data.decode("utf-8", "replace").rstrip("\r\n") if isinstance(snapshot, Snapshot) else ""
    if not text.startswith(mark) or "\n" in text or "\0" in text:
        return ""
    told = text.removeprefix(mark)
    is_whole = told.startswith("/") or told[1:3] == ":/"
    return normpath(told if is_whole else f"{path.rpartition('/')[0]}/{told}") if told else ""
