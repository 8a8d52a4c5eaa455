"""Servers that a project's dev container brings (`devcontainer.json`, https://containers.dev/implementors/spec, 2026-11)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.errors import Problem
from mcpconf.formats.base import pointer
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.looking import MOST, Leftover, Looked, Surroundings, maps, parsed, plain, read, spoken_of

_FILE = "devcontainer.json"


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    found: list[Leftover] = []
    problems: list[Problem] = []
    for folder, path in _files(around):
        text = read(around, path, folder)
        value = parsed(text, "jsonc", path) if isinstance(text, str) and spoken_of(text, gone) else text
        if isinstance(value, Problem):
            problems.append(value)
        elif not isinstance(value, str):
            found += _in_value(around, path, value, gone)
    return Looked(tuple(found), tuple(problems))


def _in_value(around: Surroundings, path: str, value: object, gone: Sequence[Gone]) -> Iterator[Leftover]:
    for at, node in maps(value):
        identity, argv = plain(node)
        item = next((each for each in gone if identity and each.is_it(identity, around.digest_of(argv))), None)
        if item is not None:
            where = f"{path}#{pointer(at)}"
            message = f"`{item.identity}` is started in the dev container of this project"
            yield Leftover(item, where, message, f"take it out of {where}, and rebuild the container", "high")


def _files(around: Surroundings) -> Iterator[tuple[str, str]]:
    """`.devcontainer.json`, and in `.devcontainer/` one, or one in each of its folders."""
    files = around.machine.files
    for folder in around.observed.projects:
        names = files.names(folder)
        if isinstance(names, Problem):
            continue
        if f".{_FILE}" in names:
            yield folder, f"{folder}/.{_FILE}"
        if ".devcontainer" in names:
            yield folder, f"{folder}/.devcontainer/{_FILE}"
            inner = files.folders(f"{folder}/.devcontainer")
            each = () if isinstance(inner, Problem) else inner[:MOST]
            yield from ((folder, f"{folder}/.devcontainer/{name}/{_FILE}") for name in each)
