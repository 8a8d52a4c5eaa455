"""Paths whose holes only a look at the folders can fill."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from mcpconf.hosts.patterns import Bindings, readings
from mcpconf.model.address import PLUGIN

Names = Callable[[str], Sequence[str]]
"""The sorted names in a folder; nothing if there is no such folder."""

MARK = "\x00"
"""Stands around the name of a hole that only a look at the folder can fill; no path holds this character."""

BELOW = "below"
"""The hole that stands for folders in one another, none to DEEPEST. Those with a dot in their name are left out."""

DEEPEST = 3


def filled(path: str, names: Names, *, fold: bool) -> Iterator[tuple[str, Bindings]]:
    """The paths that are there, with what their holes stand for. `fold`: whatever the case of their letters."""
    if MARK not in path:
        yield path, {}
        return
    level: list[tuple[str, Bindings]] = [("", {})]
    for number, segment in enumerate(path.split("/")):
        slash = "/" if number else ""
        if segment == f"{MARK}{BELOW}{MARK}":
            level = [found for before, bindings in level for found in _below(before, bindings, names)]
            continue
        if MARK not in segment:
            level = [(f"{before}{slash}{segment}", bindings) for before, bindings in level]
            continue
        wanted = re.sub(f"{MARK}([^{MARK}]*){MARK}", r"{\1}", segment)
        level = [
            (f"{before}/{name}", {**bindings, **reading})
            for before, bindings in level
            for name in names(before)
            for reading in _named(wanted, name, fold=fold)
        ]
    yield from level


def called(bindings: Bindings) -> str:
    """What one of several is called: its plugin, or its last hole, with the folders above it where there may be some."""
    if not bindings or PLUGIN in bindings:
        return bindings.get(PLUGIN, "")
    return f"{bindings.get(BELOW, '')}{[*bindings.values()][-1]}"


def _below(before: str, bindings: Bindings, names: Names) -> Iterator[tuple[str, Bindings]]:
    level = [""]
    for depth in range(DEEPEST + 1):
        yield from ((f"{before}/{inner}".rstrip("/"), {**bindings, BELOW: inner}) for inner in level)
        if depth < DEEPEST:
            within = ((inner, name) for inner in level for name in names(f"{before}/{inner}".rstrip("/")))
            level = [f"{inner}{name}/" for inner, name in within if "." not in name]


def _named(wanted: str, name: str, *, fold: bool) -> list[Bindings]:
    """How a name reads as a segment of a path."""
    found = list(readings(wanted, name))
    return found or (list(readings(wanted.lower(), name.lower())) if fold else found)
