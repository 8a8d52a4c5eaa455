"""Entries that are commented out in files of hosts: one keystroke away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.formats.comments import commented_out
from mcpconf.model.base import Json
from mcpconf.model.observed import ObservedFile
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.entries import somewhere
from mcpconf.residue.looking import Leftover, Looked, Surroundings, parsed, spoken_of

_MOST_LINES = 300
_WORDS_BEFORE = 8
"""Lines of plain words that may stand in front of an entry in one comment."""


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
        line, value = _value(comment.text, file.location.format)
        for item in dict.fromkeys(held.gone for held in somewhere(around, row, value, wanted)):
            where = f"{path}:{comment.line + line}"
            message = f"`{item.identity}` is commented out, and comes back with the sign in front of it"
            yield Leftover(item, where, message, f"delete the comment at {where}", "low")


def _value(text: str, notation: str) -> tuple[int, Json]:
    """What the comment would say, and how many lines of words stand before it; None where it says nothing."""
    lines = text.split("\n")[:_MOST_LINES]
    for start in range(min(_WORDS_BEFORE, len(lines))):
        rest = "\n".join(lines[start:])
        for candidate in _in_braces(rest) if notation == "jsonc" else (rest,):
            value = parsed(candidate, notation, "")
            if isinstance(value, dict) and value:
                return start, value
    return 0, None


def _in_braces(text: str) -> tuple[str, ...]:
    plain = text.strip().strip(",").strip()
    return (plain, f"{{{plain}}}") if plain.startswith("{") else (f"{{{plain}}}",)
