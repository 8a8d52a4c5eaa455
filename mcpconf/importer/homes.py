"""Folders below the home, written so that they hold on another machine too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from mcpconf.importer.found import Found, squeezed
from mcpconf.model.entry import Entry, Reference, Value
from mcpconf.ports import Facts


def with_homes(founds: Sequence[Found], facts: Facts) -> list[Found]:
    """Entries with `${home}` for this machine's home, where writing them gives the same text again.

    That is where the host has no word of its own for the home. A server that another host has with the folder spelled out,
    although it knows such a word, keeps the folder everywhere: two spellings of it would look like a difference.
    """
    home = re.compile(rf"(?<![^=:,]){re.escape(facts.home.rstrip('/'))}(?=/|\Z)")
    spelled_out = {squeezed(found.name) for found in founds if found.row.references.home and _names(found.entry, home)}
    return [
        found
        if found.row.references.home or squeezed(found.name) in spelled_out
        else replace(found, entry=_replaced(found.entry, lambda value: _with_home(value, home)))
        for found in founds
    ]


def _names(entry: Entry, home: re.Pattern[str]) -> bool:
    values = (*entry.argv, *entry.env.values(), entry.cwd or Value())
    return any(home.search(text) for value in values for text in value.literals)


def _replaced(entry: Entry, change: Callable[[Value], Value]) -> Entry:
    return replace(
        entry,
        command=change(entry.command),
        args=tuple(map(change, entry.args)),
        env={key: change(value) for key, value in entry.env.items()},
        cwd=None if entry.cwd is None else change(entry.cwd),
    )


def _with_home(value: Value, home: re.Pattern[str]) -> Value:
    return Value.of(part for whole in value.parts for part in _parts(whole, home))


def _parts(whole: str | Reference, home: re.Pattern[str]) -> Iterator[str | Reference]:
    if not isinstance(whole, str):
        yield whole
        return
    at = 0
    for match in home.finditer(whole):
        yield whole[at : match.start()]
        yield Reference("home")
        at = match.end()
    yield whole[at:]
