"""Bounds out of what is written somewhere: in a manifest, in the file of a host, on a command line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mcpconf.model.endpoint import Endpoint
from mcpconf.model.tools import EVERY, covers, is_pattern, meet
from mcpconf.permissions.allowances import Connection, Files, Named, Scope, Tool
from mcpconf.permissions.broad import controls_engine, too_broad
from mcpconf.permissions.change import Severity
from mcpconf.permissions.commandline import POWERSHELLS, SHELLS, program
from mcpconf.permissions.extent import DIMENSIONS, EVERYTHING, NOTHING, Bound
from mcpconf.permissions.paths import place, shown
from mcpconf.ports import OperatingSystem
from mcpconf.secrets import secret_named
from mcpconf.secrets.names import word_set

INTERPRETERS = (
    SHELLS
    | POWERSHELLS
    | word_set(
        "cmd node bun deno tsx python ruby perl php osascript npx npm pnpm yarn uv uvx pipx env sudo doas xargs find awk make"
        " docker podman ssh"
    )
)
"""What starts any other program, or runs any text as one."""

MACHINE = ("fs", "net.out", "net.listen", "env", "exec", "run_as")
"""The dimensions of one machine; a server that runs elsewhere has none of them here."""

_EVERY_SCOPE = ("*", "all")
_ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Ground:
    """What paths are understood by. An empty `home` leaves `~` as it is."""

    home: str = ""
    os: OperatingSystem = "linux"


def tools(
    names: Sequence[str] | None, without: Sequence[str], known: Iterable[str] | None, weight: Severity = "medium"
) -> Bound:
    """Tools that may be called, or act unasked. None stands for all of them, `known` for those that the lock lists.

    Without a lock nobody knows which tools a pattern stands for, and patterns are held against each other.
    """
    if (names is None or EVERY in names) and not without:
        return EVERYTHING
    patterns = (EVERY,) if names is None else tuple(names)
    if known is not None:
        found = {
            tool
            for tool in {*known, *(name for name in patterns if not is_pattern(name))}
            if any(covers(item, tool) for item in patterns) and not any(covers(item, tool) for item in without)
        }
        return Bound.of(Tool(tool, weight=weight) for tool in found)
    note = "tools are not locked, so a pattern may stand for any" if any(map(is_pattern, patterns)) else ""
    return Bound.of(
        (Tool(name, _exceptions(name, without), weight) for name in patterns if not _taken(name, without)), note
    )


def _taken(name: str, without: Sequence[str]) -> bool:
    return any(covers(item, name) for item in without)


def _exceptions(name: str, without: Sequence[str]) -> frozenset[str]:
    """What a pattern loses."""
    return frozenset(item for item in without if meet(item, name)) if is_pattern(name) else frozenset()


def files(paths: Iterable[tuple[str, bool]], ground: Ground) -> frozenset[Files]:
    """Paths in the notation of the manifest, and whether each may be written to."""
    found: set[Files] = set()
    for path, writable in paths:
        where = place(path, ground.home, ground.os)
        weight: Severity = "critical" if too_broad(path, ground.home, ground.os) else "high"
        found.add(Files(where, writable, shown(path, ground.home, ground.os), weight))
    return frozenset(found)


def rules_engine(found: Iterable[Files], ground: Ground) -> str:
    """The path through which a container engine can be told what to do, and with it everything; "" if there is none."""
    return next((item.text for item in found if controls_engine(item.place, ground.home, ground.os)), "")


def connections(endpoints: Iterable[Endpoint]) -> Bound:
    return Bound.of(Connection(item, _reach(item)) for item in endpoints)


def _reach(endpoint: Endpoint) -> Severity:
    """A whole domain, or a range of addresses, is more than one host."""
    several = endpoint.addresses is not None and endpoint.addresses.num_addresses > 1
    return "high" if several or endpoint.host.startswith("*") else "medium"


def variables(names: Iterable[str], secret: Iterable[str] = ()) -> Bound:
    """Names of variables. Those of `secret` hold one, whatever they are called."""
    known = set(secret)
    return Bound.of(Named(name, "high" if name in known or secret_named(name) else "low") for name in names)


def programs(names: Iterable[str]) -> Bound:
    """Programs that may be started. One that starts others is as good as any."""
    listed = tuple(names)
    wide = next((name for name in listed if program(name) in INTERPRETERS), None)
    if wide is not None:
        return Bound(None, f"{wide} starts any program")
    return Bound.of(Named(name, "high") for name in listed)


def scale(level: str | None, steps: Sequence[tuple[str, Severity]]) -> Bound:
    """A level of a scale, whose first step is nothing and whose last one everything. None is not said, so everything."""
    names = [name for name, _ in steps]
    if level is None or level == names[-1]:
        return EVERYTHING
    allowed = steps[1 : names.index(level) + 1]
    return Bound.of(Named(name, weight) for name, weight in allowed) if allowed else NOTHING


def scopes(resource: str | None, issuer: str | None, names: Sequence[str]) -> Bound:
    """What is not said, the authorization server decides; a scope that says all, or that administers, has no bound."""
    wide = not names or any(name in _EVERY_SCOPE or name.startswith(_ADMIN) for name in names)
    note = "" if names else "no scopes are named"
    asked = (EVERY,) if wide else tuple(names)
    return Bound.of((Scope(resource or "", issuer or "", name, DIMENSIONS["oauth"]) for name in asked), note)
