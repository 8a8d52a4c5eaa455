"""Copies of the files of hosts: beside them, in folders of backups near them, and in what editors keep of every saved file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mcpconf.errors import Problem
from mcpconf.hosts.roots import local_path
from mcpconf.model.observed import Location
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.entries import held
from mcpconf.residue.looking import MOST, Leftover, Looked, Surroundings, own_configuration, parsed, read, spoken_of

_ENDING = re.compile(
    r"~|(?:[._ -](?:bak|backup|back|old|orig|original|save|saved|copy|prev|previous|corrupt|corrupted|broken|tmp)"
    r"|[._-][0-9]{4,})[\w.~-]*",
    re.IGNORECASE,
)
"""Behind the name of the file, as in `.json.bak`, `.json.backup.1764201600000`, `.json~`."""

_FOLDERS = ("backups", ".backups", "backup")
_HISTORY = "User/History"
"""https://code.visualstudio.com/updates/v1_66#_local-history, 2026-11: a folder for each file, with `entries.json` in it."""


class _Copy(NamedTuple):
    """`of` is the file that it was made of; `folder` what goes with it, if that holds nothing else."""

    of: Location
    path: str
    folder: str = ""


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    found: list[Leftover] = []
    problems: list[Problem] = []
    locations = {file.location.path: file.location for file in around.observed.files}
    for copy in (*_beside(around, locations), *_kept_by_editors(around, locations)):
        text = read(around, copy.path)
        if isinstance(text, Problem):
            problems.append(text)
            continue
        wanted = spoken_of(text, gone) if text else []
        entries = held(around, copy.of, copy.path, text or "", wanted) if wanted else []
        if isinstance(entries, Problem):
            problems.append(entries)
            continue
        for item, at in entries:
            message = f"`{item.identity}` is in a copy of `{copy.of.path}`, and comes back with it"
            found.append(Leftover(item, f"{copy.path}#{at}", message, f"delete `{copy.folder or copy.path}`", "low"))
    return Looked(tuple(found), tuple(problems))


def _beside(around: Surroundings, locations: dict[str, Location]) -> Iterator[_Copy]:
    """Each copy once, whatever number of hosts read its file."""
    names: dict[str, tuple[str, ...]] = {}
    for path, location in locations.items():
        folder, _, base = path.rpartition("/")
        for place in (folder, *_folders(around, names, path)):
            there = names.setdefault(place, around.names(place))
            copies = [name for name in there if name.startswith(base) and _ENDING.fullmatch(name[len(base) :])]
            yield from (
                _Copy(location, f"{place}/{name}") for name in copies[-MOST:] if f"{place}/{name}" not in locations
            )


def _folders(around: Surroundings, names: dict[str, tuple[str, ...]], path: str) -> Iterator[str]:
    """Folders of backups beside the file, and in the folder that has its name: of `~/.x.json` also those in `~/.x`."""
    folder, _, base = path.rpartition("/")
    stem = base.rpartition(".")[0]
    for near in (folder, *([f"{folder}/{stem}"] if stem else [])):
        there = names.setdefault(near, around.names(near))
        yield from (f"{near}/{name}" for name in _FOLDERS if name in there)


def _kept_by_editors(around: Surroundings, locations: dict[str, Location]) -> Iterator[_Copy]:
    top = own_configuration(around.machine.facts)
    for name in around.names(top):
        history = f"{top}/{name}/{_HISTORY}"
        for folder in around.names(history)[:MOST] if "User" in around.names(f"{top}/{name}") else ():
            of = locations.get(_saved(around, f"{history}/{folder}/entries.json"))
            for copy in around.names(f"{history}/{folder}") if of is not None else ():
                if of is not None and copy != "entries.json":
                    yield _Copy(of, f"{history}/{folder}/{copy}", f"{history}/{folder}")


def _saved(around: Surroundings, path: str) -> str:
    """The file that a folder holds earlier contents of; "" where that cannot be told."""
    text = read(around, path)
    value = parsed(text, "json", path) if isinstance(text, str) else None
    resource = value.get("resource") if isinstance(value, dict) else None
    return local_path(resource, around.machine.facts) if isinstance(resource, str) else ""
