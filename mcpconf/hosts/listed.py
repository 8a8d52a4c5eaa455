"""Files that other files of a host name by their paths."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mcpconf.hosts.filling import Names
from mcpconf.hosts.patterns import Found, find
from mcpconf.hosts.places import absolute
from mcpconf.hosts.vocabulary import At, HostRow
from mcpconf.model.base import Json
from mcpconf.model.observed import Location
from mcpconf.ports import Facts

_LONGEST = 1024
_NETWORK = "//"
"""Begins the path of another machine, which is not asked."""


class Listed(NamedTuple):
    """`files` name the paths `at` this key path. A folder stands for the files in it; all of them end in `ends`."""

    files: tuple[str, ...]
    at: At
    ends: str


def listed(
    row: HostRow, facts: Facts, told: Sequence[tuple[Location, Json]], projects: Sequence[str], names: Names
) -> Iterator[Location]:
    """The files that those of a row name; each path once, and none that the row has anyway.

    A path that is not absolute counts from the project whose file names it, or else from every project.
    """
    taken = {location.path for location, _ in told}
    for file in row.files.values():
        if file.listed is None:
            continue
        for location, value in told:
            folders = [location.project] if location.project else projects
            named = _named(file.listed.at, value) if location.file in file.listed.files else ()
            for path in _files(named, [absolute(folder, facts) for folder in folders], facts):
                for found in _inside(path, file.listed.ends, names):
                    if found not in taken:
                        taken.add(found)
                        yield Location(
                            row.id, file.id, location.scope, location.project, found, file.format, write=False
                        )


def _named(at: At, value: Json) -> Iterator[str]:
    for found in find(at, value):
        if (
            isinstance(found, Found)
            and len(found.bindings["path"]) <= _LONGEST
            and found.bindings["path"].isprintable()
        ):
            yield found.bindings["path"]


def _files(paths: Iterable[str], folders: Sequence[str], facts: Facts) -> Iterator[str]:
    for path in paths:
        there = absolute(path, facts)
        if there.startswith(_NETWORK):
            continue
        is_absolute = there.startswith("/") or there[1:3] == ":/"
        for base in ("",) if is_absolute else folders:
            yield posixpath.normpath(f"{base}/{there}" if base else there)


def _inside(path: str, ends: str, names: Names) -> Iterator[str]:
    found = names(path)
    if not found and path.endswith(ends):
        yield path
    yield from (f"{path}/{name}" for name in found if name.endswith(ends))
