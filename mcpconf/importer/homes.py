"""Folders below the home, written so that they hold on another machine too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from mcpconf.importer.found import Found, squeezed
from mcpconf.model.entry import Entry, Reference, Value
from mcpconf.ports import Facts


def with_homes(founds: Sequence[Found], facts: Facts) -> list[Found]:
    """Entries with `${home}` for this machine's home, where writing them gives the same text again.

    That is where the host has no word of its own for the home. A server that another host has with the folder spelled out,
    although it knows such a word, keeps the folder everywhere: two spellings of it would look like a difference.
    """
    home = _home(facts)
    spelled_out = {
        squeezed(found.name) for found in founds if found.row.references.home and names_home(found.entry, facts)
    }
    return [
        found
        if found.row.references.home or squeezed(found.name) in spelled_out
        else replace(found, entry=_replaced(found.entry, lambda value: _with_home(value, home)))
        for found in founds
    ]


def names_home(entry: Entry, facts: Facts) -> bool:
    """Whether a text of the entry spells this home out."""
    home = _home(facts)
    values = (*entry.argv, *entry.env.values(), entry.cwd or Value())
    return any(home.search(text) for value in values for text in value.literals)


@lru_cache(maxsize=4)
def _pattern(home: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^=:,]){re.escape(home.rstrip('/'))}(?=/|\Z)")


def _home(facts: Facts) -> re.Pattern[str]:
    return _pattern(facts.home)


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
