"""PyPI packages: locked and installed by uv, started from a virtual environment of their own in the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mcpconf.artifacts import Copy, Wish, pypi_copies
from mcpconf.artifacts.found import replaceable
from mcpconf.errors import Problem
from mcpconf.model.lock import LockedServer
from mcpconf.packages.pypi import STARTED, is_exact, launch_installed
from mcpconf.ports import Machine
from mcpconf.workshop import Workshop


def lock(wish: Wish, workshop: Workshop) -> LockedServer | Problem:
    from mcpconf.artifacts import pypi_lock
    from mcpconf.artifacts.pypi_uv import uv

    with uv(workshop) as found:
        return found if isinstance(found, Problem) else pypi_lock.lock(wish, found)


def install(locked: LockedServer, folder: str, workshop: Workshop) -> Problem | None:
    from mcpconf.artifacts import pypi_install
    from mcpconf.artifacts.pypi_uv import uv

    with uv(workshop) as found:
        return found if isinstance(found, Problem) else pypi_install.install(locked, folder, found)


def launch(locked: LockedServer, folder: str, machine: Machine) -> tuple[str, ...] | Problem:
    """A Problem also where the interpreter that the environment links to is gone, or may be replaced at any time.

    On Windows the environment has a program of its own in place of the link, and nothing is told of what that starts.
    """
    if not STARTED.fullmatch(locked.program) or not is_exact(locked.version):
        message = f"the lock does not tell what of {locked.package} is started"
        return Problem("malformed", message, None, "restore the lock from git, or lock the server again")
    links = machine.files.tree(f"{folder}/bin")
    target = links.get("python", "") if isinstance(links, Mapping) else ""
    if target.startswith("l /"):
        python = target.removeprefix("l ")
        if not machine.files.exists(python):
            message = f"the Python is gone that {locked.package} was installed with: `{python}`"
            return Problem("missing", message, None, "run `mcpconf install`")
        refused = replaceable(python, machine)
        if refused is not None:
            return refused
    return launch_installed(folder, locked.program, windows=machine.facts.os == "windows")


def copies(locked: LockedServer, machine: Machine) -> Iterator[Copy]:
    name = locked.package.partition(":")[2]
    yield from pypi_copies.copies(name, machine.facts, machine.files)
