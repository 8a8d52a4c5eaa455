"""Which tools of a server may be called, by their exact names: no consumer in code knows a pattern, or what the lock says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mcpconf.errors import Problem
from mcpconf.model.commands import command
from mcpconf.model.entry import Entry
from mcpconf.model.manifest import Server
from mcpconf.model.surface import Surface
from mcpconf.model.tools import EVERY, covers, is_pattern


@dataclass(frozen=True, slots=True)
class Permitted:
    """One server, and what of it may be used. `tools` is None where nothing limits them, `unasked` are those of them that act without asking.

    `asks` tells that the manifest says which tools act without asking, so that all others have to ask.
    """

    name: str
    entry: Entry
    tools: tuple[str, ...] | None = None
    unasked: tuple[str, ...] = ()
    asks: bool = False

    @property
    def asking(self) -> tuple[str, ...]:
        return tuple(tool for tool in self.tools or () if tool not in self.unasked)


def permitted(name: str, server: Server, entry: Entry, surface: Surface | None) -> Permitted | Problem:
    """With a surface in the lock, its tools and no others, so that a tool of tomorrow is not called either."""
    said = server.tools
    call = said.call if said is not None and said.call is not None else (EVERY,)
    without, auto = (said.without, said.auto) if said is not None else ((), ())
    asks = said is not None
    if surface is not None:
        shown = sorted({*surface.tools, *surface.gated.tools})
        tools = _among(shown, call, without)
        return Permitted(name, entry, tools, _among(tools, auto), asks)
    if EVERY in call and not without:
        open_to = _named(name, () if EVERY in auto else auto)
        if isinstance(open_to, Problem):
            return open_to
        return Permitted(name, entry, None, (EVERY,) if EVERY in auto else open_to, asks)
    named = _named(name, call)
    if isinstance(named, Problem):
        return named
    tools = _among(sorted(named), (EVERY,), without)
    return Permitted(name, entry, tools, _among(tools, auto), asks)


def _among(names: Iterable[str], patterns: Iterable[str], without: Iterable[str] = ()) -> tuple[str, ...]:
    wanted, unwanted = tuple(patterns), tuple(without)
    return tuple(
        name
        for name in names
        if any(covers(item, name) for item in wanted) and not any(covers(item, name) for item in unwanted)
    )


def _named(name: str, patterns: tuple[str, ...]) -> tuple[str, ...] | Problem:
    """The same, if all of them are names."""
    for pattern in patterns:
        if is_pattern(pattern):
            message = f"which tools of `{name}` are meant by `{pattern}` cannot be told: its tools are not in the lock"
            hint = f"{command('lock', '--surface')}, or write the names of the tools"
            return Problem("stale", message, None, hint)
    return patterns
