"""What mcpconf itself keeps of the files of hosts, so that a person can have it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mcpconf.documents.store import Store
from mcpconf.errors import Problem
from mcpconf.model.commands import command
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.entries import held
from mcpconf.residue.looking import Leftover, Looked, Surroundings, read, spoken_of
from mcpconf.transaction.generations import kept


class _Copy(NamedTuple):
    of: str
    where: str
    expires: str


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    """One answer for each server, however many copies have it: they go together."""
    store = Store.of(around.machine)
    images, _ = kept(store)
    locations = {file.location.path: file.location for file in around.observed.files}
    found: dict[str, tuple[Gone, list[_Copy]]] = {}
    problems: list[Problem] = []
    for image in images:
        path, location = store.path(image.name), locations.get(image.path)
        text = read(around, path) if location is not None else None
        wanted = spoken_of(text, gone) if isinstance(text, str) else []
        entries = held(around, location, path, text, wanted) if location and isinstance(text, str) and wanted else text
        if isinstance(entries, Problem):
            problems.append(entries)
        for item, at in entries if isinstance(entries, list) else ():
            found.setdefault(item.identity, (item, []))[1].append(_Copy(image.path, f"{path}#{at}", image.expires))
    return Looked(tuple(_told(*each) for each in found.values()), tuple(problems))


def _told(item: Gone, copies: Sequence[_Copy]) -> Leftover:
    last = max(copy.expires for copy in copies)
    files = ", ".join(f"`{path}`" for path in dict.fromkeys(copy.of for copy in copies))
    message = f"`{item.identity}` is in what {files} was before an apply, kept until {last}"
    instruction = f"{command('backups', 'purge', '--all')} deletes it before that day"
    return Leftover(item, copies[0].where, message, instruction, "low")
