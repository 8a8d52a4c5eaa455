"""Entries that are commented out in files of hosts: one keystroke away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.formats.comments import commented_out, value_of
from mcpconf.model.observed import ObservedFile
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.entries import somewhere
from mcpconf.residue.looking import Leftover, Looked, Surroundings, spoken_of


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    """A file that cannot be read is told of with the files of hosts."""
    files = {file.location.path: file for file in around.observed.files if file.text}
    return Looked(tuple(item for file in files.values() for item in _in_file(around, file, gone)))


def _in_file(around: Surroundings, file: ObservedFile, gone: Sequence[Gone]) -> Iterator[Leftover]:
    path, row = file.location.path, around.rows[file.location.host]
    for comment in commented_out(file.text, file.location.format) if spoken_of(file.text, gone) else ():
        wanted = spoken_of(comment.text, gone)
        if not wanted:
            continue
        line, value = value_of(comment.text, file.location.format)
        for item in dict.fromkeys(held.gone for held in somewhere(around, row, value, wanted)):
            where = f"{path}:{comment.line + line}"
            message = f"`{item.identity}` is commented out, and comes back with the sign in front of it"
            yield Leftover(item, where, message, f"delete the comment at {where}", "low")
