"""npm packages: locked with npm's own resolution, installed by `npm ci`, started by Node from the store."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.artifacts import Copy, Wish
from mcpconf.artifacts.belonging import ANEW
from mcpconf.errors import Problem
from mcpconf.model.lock import LockedServer
from mcpconf.ports import Machine
from mcpconf.workshop import Workshop


def lock(wish: Wish, workshop: Workshop) -> LockedServer | Problem:
    """Ask the registry through npm, with a cache of its own: nothing on this machine may decide what is approved.

    What is avoided is so for the server's own package; what is too young, for its dependencies too, but neither for a
    version that the manifest names.
    """
    from mcpconf.artifacts.npm_locking import locked

    return locked(wish, workshop)


def install(locked: LockedServer, folder: str, workshop: Workshop) -> Problem | None:
    from mcpconf.artifacts.npm_installed import installed

    return installed(locked, folder, workshop)


def launch(locked: LockedServer, folder: str, machine: Machine) -> tuple[str, ...] | Problem:
    from mcpconf.artifacts.npm_client import safe
    from mcpconf.artifacts.npm_node import find_node
    from mcpconf.artifacts.npm_program import is_program

    node, place = find_node(machine), f"node_modules/{locked.package.partition(':')[2]}"
    if isinstance(node, Problem):
        return node
    own = locked.closure.get(place)
    programs = own.layout.get("bin") if own is not None else None
    if not is_program(locked.program, programs):
        message = f"the lock starts what is no program of {locked.package}: `{safe(locked.program)}`"
        return Problem("invalid", message, None, ANEW)
    return (node, f"{folder}/{place}/{locked.program}")


def copies(locked: LockedServer, machine: Machine) -> Iterator[Copy]:
    from mcpconf.artifacts import npm_places

    return npm_places.copies(locked.package.partition(":")[2], machine)
