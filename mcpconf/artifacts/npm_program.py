"""Which program of an npm package is started."""

from __future__ import annotations

from mcpconf.artifacts.npm_client import safe
from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.lock import Component

_MOST_SHOWN = 10


def program_of(own: Component, chosen: str) -> str | Problem:
    """The path in the package. As `npx` does: the only program, or the one that is called like the package."""
    programs: dict[str, str] = own.layout.get("bin", {})
    shown = f"`{own.name}@{own.version}`"
    if not programs:
        return Problem("invalid", f"{shown} has no program to start", None, "ask for a package that has one")
    names = ", ".join(f"`{safe(name)}`" for name in sorted(programs)[:_MOST_SHOWN])
    if chosen and chosen not in programs:
        return Problem("invalid", f"{shown} has no program `{chosen}`", None, f"set `bin` to one of {names}")
    usual = own.name.rpartition("/")[2]
    paths = {*programs.values()}
    path = programs.get(chosen or usual) or (next(iter(paths)) if len(paths) == 1 else None)
    if path is None:
        return Problem("invalid", f"{shown} has several programs", None, f"set `bin` to one of {names}")
    if not inner(path):
        return Problem("invalid", f"{shown} names a program outside itself: `{safe(path)}`")
    return path.removeprefix("./")


def is_program(path: str, programs: Json) -> bool:
    """Whether a path is one of those that a package says it has programs at."""
    stated = programs.values() if isinstance(programs, dict) else ()
    return inner(path) and any(isinstance(item, str) and item.removeprefix("./") == path for item in stated)


def inner(path: str) -> bool:
    """Whether a path stays in the folder of its package."""
    steps = path.removeprefix("./").split("/")
    plain = path.isprintable() and not path.startswith("/") and not any(mark in path for mark in "\\:")
    return plain and not {"..", ".", ""} & {*steps}
