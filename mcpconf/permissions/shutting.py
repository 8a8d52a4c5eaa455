"""What changes about the sandbox that a command line puts around a server."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.permissions.broad import too_broad
from mcpconf.permissions.change import PrivilegeChange, Severity, gained, lost
from mcpconf.permissions.holdings import Holdings
from mcpconf.permissions.paths import PathSet, differences, place, shown
from mcpconf.permissions.walls import GROUND, Walls
from mcpconf.ports import OperatingSystem

_SANDBOX = "bubblewrap"


def shut_in(before: Holdings, after: Holdings, home: str, os: OperatingSystem) -> Iterator[PrivilegeChange]:
    """Without walls everything can be reached, so that what they let in is compared only where both have some."""
    old, new = before.walls, after.walls
    if old is not None and new is not None:
        yield from _paths(before, after, home, os)
        yield from _network(old, new)
        yield from (gained("sandbox", "high", f"- {flag}") for flag in sorted(old.flags - new.flags))
        yield from (lost("sandbox", f"+ {flag}") for flag in sorted(new.flags - old.flags))
        yield from _variables(before, after)
    elif old is not None:
        yield gained("sandbox", "critical", f"- {_SANDBOX}: files, network and variables are open to it")
    elif new is not None:
        yield lost("sandbox", f"+ {told(after, home, os)}")


def told(held: Holdings, home: str, os: OperatingSystem) -> str:
    """What the walls around a server let in."""
    walls = held.walls
    assert walls is not None
    written = {*served(held, walls.writes, home, os)}
    paths = sorted({*served(held, walls.reads, home, os), *written})
    files = ", ".join(f"{shown(path, home, os)}{'' if path in written else ' (read-only)'}" for path in paths)
    return f"{_SANDBOX}: files {files or 'none'}; network {'any' if walls.network else 'none'}"


def _paths(before: Holdings, after: Holdings, home: str, os: OperatingSystem) -> Iterator[PrivilegeChange]:
    first, second = before.walls, after.walls
    assert first is not None
    assert second is not None
    for mark, old, new in (
        ("", (*first.reads, *first.writes), (*second.reads, *second.writes)),
        (" writable", first.writes, second.writes),
    ):
        gone, came = differences(served(before, old, home, os), served(after, new, home, os), home, os)
        for path in came:
            severity: Severity = "critical" if too_broad(path, home, os) else "high"
            yield gained("path", severity, f"+ {shown(path, home, os)}{mark}")
        yield from (lost("path", f"- {shown(path, home, os)}{mark}") for path in gone)


def served(held: Holdings, paths: tuple[str, ...], home: str, os: OperatingSystem) -> tuple[str, ...]:
    """Without what the program itself needs to start: another version of it lies elsewhere."""
    words = held.launched.argv[: len(held.launched.argv) - len(held.launched.arguments)]
    needed = [place(word, home, os) for word in words if word.startswith(("/", "~", "$"))]
    paths = tuple(path for path in paths if path not in GROUND)
    return tuple(path for path in paths if not any(PathSet([place(path, home, os)]).covers(word) for word in needed))


def _network(old: Walls, new: Walls) -> Iterator[PrivilegeChange]:
    if new.network and not old.network:
        yield gained("network", "high", "none  ->  any address")
    elif old.network and not new.network:
        yield lost("network", "any address  ->  none")


def _variables(before: Holdings, after: Holdings) -> Iterator[PrivilegeChange]:
    """Those of the entry are compared as such, wherever they pass."""
    old, new = before.walls, after.walls
    assert old is not None
    assert new is not None
    if old.names is None or new.names is None:
        if old.names is not None:
            yield gained("env", "high", "+ every variable of the host")
        elif new.names is not None:
            yield lost("env", "- every variable of the host")
        return
    first, second = {*old.names} - before.env.keys(), {*new.names} - after.env.keys()
    yield from (gained("env", "high", f"+ {name} of the host") for name in sorted(second - first))
    yield from (lost("env", f"- {name} of the host") for name in sorted(first - second))
