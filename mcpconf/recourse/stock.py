"""The bytes that mcpconf keeps on a machine, when it leaves: what still needs them, and how they go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.artifacts.own import installations, is_named, kept
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.model.outcome import Failure
from mcpconf.observe import observe
from mcpconf.ports import Machine
from mcpconf.system.sources import bundled_rows
from mcpconf.workshop import Trees


def nobody_at_work(machine: Machine, trees: Trees) -> None:
    """Raises McpconfError (exit 7) where servers are being installed."""
    building = f"{machine.facts.data_folder}/building"
    rooms = machine.files.folders(building)
    left = trees.abandoned(dry_run=True)
    used = [] if isinstance(rooms, Problem) else [name for name in rooms if f"{building}/{name}" not in left]
    if used:
        problem = Problem("locked", "servers are being installed", Where(building), "wait for it, or end it")
        raise McpconfError(ExitCode.LOCKED, problem)


def started(machine: Machine, folders: Sequence[str]) -> Iterator[Failure]:
    """Files of hosts that start a server from the store; `folders` are projects."""
    there = [item for item in installations(machine) if isinstance(item, str)]
    for file in observe(machine, bundled_rows(), folders).files if there else ():
        if any(is_named(folder, (file.text,)) for folder in there):
            message = "an entry that mcpconf did not write still starts a server from the store"
            yield Failure(file=file.location.path, message=message, hint="remove the entry")


def remove_stock(machine: Machine, trees: Trees) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Gives what is gone, and what else lies there: somebody put it there. Raises OSError."""
    gone = kept(machine)
    for path in gone:
        trees.remove(path)
    folder = machine.facts.data_folder
    if folder == machine.facts.state_folder:  # told with the rest of it
        return gone, ()
    machine.files.remove_folder(folder)
    left = machine.files.names(folder)
    return gone, () if isinstance(left, Problem) else tuple(f"{folder}/{name}" for name in left)
