"""What mcpconf keeps in its data folder: installed servers, what it put aside, rooms it builds in, advisories and their index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mcpconf.artifacts import store_folder
from mcpconf.errors import Problem
from mcpconf.ports import Facts, Machine

ASIDE = "aside"
"""The folder for installations that were changed: nothing starts them from there."""

DUMPS = "osv"
"""The folder for advisories that it got itself."""

FOLDERS = ("store", ASIDE, "building", DUMPS)
FILES = ("vulndb.sqlite", "vulndb.lock")


def dumps_folder(facts: Facts) -> str:
    """The archives of advisories that it got; what belongs to them lies beside this folder."""
    return f"{facts.data_folder}/{DUMPS}/archives"


def kept(machine: Machine) -> tuple[str, ...]:
    """What of it is there: folders, then files."""
    paths = (f"{machine.facts.data_folder}/{name}" for name in (*FOLDERS, *FILES))
    return tuple(path for path in paths if machine.files.exists(path))


def installations(machine: Machine) -> Iterator[str | Problem]:
    """The folder of each that lies in the store. Links are none."""
    level: list[str] = [store_folder(machine.facts)]
    for _ in range(3):
        below: list[str] = []
        for folder in level:
            names = machine.files.folders(folder)
            if isinstance(names, Problem):
                yield names
            else:
                below += [f"{folder}/{name}" for name in names]
        level = below
    yield from level


def is_named(folder: str, texts: Iterable[str]) -> bool:
    """The digest at its end is in no other text, and looks the same in every notation."""
    name = folder.rpartition("/")[2]
    return any(name in text for text in texts)
