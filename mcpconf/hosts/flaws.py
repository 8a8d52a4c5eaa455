"""What keeps a file of a host from being understood, in words, and the file of which nothing is known then."""

from __future__ import annotations

from dataclasses import replace

from mcpconf.errors import Problem, Where
from mcpconf.formats import FORMATS, FormatError
from mcpconf.formats.base import Duplicate
from mcpconf.model.base import KeyPath
from mcpconf.model.observed import Location, ObservedFile
from mcpconf.ports import Snapshot


def unreadable(location: Location, snapshot: Snapshot, problem: Problem) -> ObservedFile:
    return ObservedFile(location, problem, present=True, resolved=snapshot.resolved, mode=snapshot.mode)


def bug(what: str, location: Location, error: Exception) -> Problem:
    """One file that we fail to understand must not hide the others."""
    message = f"{what} ({type(error).__name__}): a bug of mcpconf"
    return Problem("internal", message, Where(location.path), "please report it, with the shape of the file")


def with_problem(file: ObservedFile, problem: Problem) -> ObservedFile:
    return ObservedFile(file.location, problem, present=True, resolved=file.resolved, mode=file.mode)


def with_line(problem: Problem, at: KeyPath, file: ObservedFile) -> Problem:
    """The problem with the line of what is at a key path, or of the second one where two are."""
    try:
        found = FORMATS[file.location.format].position(file.text, at)
    except FormatError as error:
        found = (error.line, error.column) if error.line and error.column else None
    if found is None or problem.where is None:
        return problem
    return replace(problem, where=replace(problem.where, line=found[0], column=found[1]))


def duplicate(location: Location, found: Duplicate) -> Problem:
    where = Where(location.path, found.line, found.column)
    hint = "remove one of them; hosts disagree on which one counts"
    return Problem("duplicate-key", f"`{found.key}` stands twice in the same map", where, hint)
