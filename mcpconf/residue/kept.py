"""What mcpconf itself keeps of the files of hosts, so that a person can have it back."""

from __future__ import annotations

from collections.abc import Sequence

from mcpconf.documents.store import Store
from mcpconf.errors import Problem
from mcpconf.model.commands import command
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.entries import held
from mcpconf.residue.looking import Leftover, Looked, Surroundings, read, spoken_of
from mcpconf.transaction.generations import kept


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    store = Store.of(around.machine)
    images, _ = kept(store)
    locations = {file.location.path: file.location for file in around.observed.files}
    found: list[Leftover] = []
    problems: list[Problem] = []
    for image in images:
        path, location = store.path(image.name), locations.get(image.path)
        text = read(around, path) if location is not None else None
        wanted = spoken_of(text, gone) if isinstance(text, str) else []
        entries = held(around, location, path, text, wanted) if location and isinstance(text, str) and wanted else text
        if isinstance(entries, Problem):
            problems.append(entries)
        for item, at in entries if isinstance(entries, list) else ():
            message = f"`{item.identity}` is in what `{image.path}` was before an apply, kept until {image.expires}"
            instruction = f"{command('backups', 'purge', '--all')} deletes it before that day"
            found.append(Leftover(item, f"{path}#{at}", message, instruction, "low"))
    return Looked(tuple(found), tuple(problems))
