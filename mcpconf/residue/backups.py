"""Copies that hosts and people leave beside the files of hosts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mcpconf.errors import Problem
from mcpconf.model.observed import Location
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.entries import held
from mcpconf.residue.looking import MOST, Leftover, Looked, Surroundings, read, spoken_of

_ENDING = re.compile(
    r"~|(?:[._ -](?:bak|backup|back|old|orig|original|save|saved|copy|prev|previous|corrupt|corrupted|broken|tmp)"
    r"|[._-][0-9]{4,})[\w.~-]*",
    re.IGNORECASE,
)
"""Behind the name of the file, as in `.json.bak`, `.json.backup.1764201600000`, `.json~`."""


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    found: list[Leftover] = []
    problems: list[Problem] = []
    for location, path in _copies(around):
        text = read(around, path)
        if isinstance(text, Problem):
            problems.append(text)
            continue
        wanted = spoken_of(text, gone) if text else []
        entries = held(around, location, path, text or "", wanted) if wanted else []
        if isinstance(entries, Problem):
            problems.append(entries)
            continue
        for item, at in entries:
            message = f"`{item.identity}` is in a copy of `{location.path}`, and comes back with it"
            found.append(Leftover(item, f"{path}#{at}", message, f"delete `{path}`", "low"))
    return Looked(tuple(found), tuple(problems))


def _copies(around: Surroundings) -> Iterator[tuple[Location, str]]:
    """Each copy once, whatever number of hosts read its file."""
    locations = {file.location.path: file.location for file in around.observed.files}
    beside: dict[str, tuple[str, ...]] = {}
    for path, location in locations.items():
        folder, _, base = path.rpartition("/")
        if folder not in beside:
            names = around.machine.files.names(folder)
            beside[folder] = () if isinstance(names, Problem) else names
        copies = [name for name in beside[folder] if name.startswith(base) and _ENDING.fullmatch(name[len(base) :])]
        yield from ((location, f"{folder}/{name}") for name in copies[-MOST:] if f"{folder}/{name}" not in locations)
