"""The store as it is: whether it still holds what was built, and what in it nothing needs any more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from mcpconf.artifacts import installation, store_folder
from mcpconf.artifacts.own import ASIDE, installations, is_named
from mcpconf.artifacts.records import RECORD, examine, state_of
from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode, Problem, Where
from mcpconf.model.installed import Changed, Installation, Missing, Seen, Unneeded, Why
from mcpconf.model.lock import Lock
from mcpconf.observe import applied_folders, observe
from mcpconf.ports import Facts, Machine, Snapshot
from mcpconf.resolve.projects import located
from mcpconf.supply.checking import Checked
from mcpconf.supply.installing import Which, chosen, locked_manifest
from mcpconf.system.sources import bundled_rows
from mcpconf.transaction.generations import numbers
from mcpconf.transaction.owned import path_of
from mcpconf.workshop import Trees

_LOCK_SECONDS = 30.0
_YOUNG_SECONDS = 24 * 60 * 60.0
_ASIDE_DAYS = 30
"""As long as old content of host files is kept: whoever looks into a change may be on holiday."""

_SINCE = re.compile(r"\.([0-9]{4}-[0-9]{2}-[0-9]{2})\.[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Verified:
    """`problems` are of servers whose lock does not count, and of folders that could not be listed."""

    seen: tuple[Seen, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def exit_code(self) -> int:
        states = [item.state for item in self.seen]
        if any(isinstance(state, Changed) for state in states) or any(item.kind == "stale" for item in self.problems):
            return ExitCode.BLOCKED
        if self.problems or any(isinstance(state, Problem) for state in states):
            return ExitCode.INCOMPLETE
        return ExitCode.CHANGES if any(isinstance(state, Missing) for state in states) else ExitCode.SUCCESS


@dataclass(frozen=True, slots=True)
class Collected:
    """What was removed, or would be. With `problems`, something could not be read that might name an installation.

    `aside` are installations that were changed and put aside, and stay to be looked at.
    """

    removed: tuple[Unneeded, ...]
    kept: int
    problems: tuple[Problem, ...] = field(default=())
    aside: int = 0

    @property
    def exit_code(self) -> int:
        return ExitCode.INCOMPLETE if self.problems else ExitCode.SUCCESS


def verify(path: str, machine: Machine, names: tuple[str, ...] = ()) -> Verified:
    """Hash every file of the installations of these servers, or of all that there are. Raises McpconfError."""
    checked = locked_manifest(path, machine)
    servers = chosen(checked, machine, Which(names))
    key = Store.of(machine).key()
    problems = [item for item in servers.values() if isinstance(item, Problem)]
    owners = _owners(checked, machine.facts)
    seen: dict[str, Installation] = {}
    for locked in servers.values():
        if not isinstance(locked, Problem):
            seen[installation(locked, machine.facts)] = state_of(locked, machine, key)
    for found in () if names else installations(machine):
        if isinstance(found, Problem):
            problems.append(found)
        elif found not in seen:
            seen[found] = examine(found, f"sha256:{found.rpartition('/')[2]}", machine, key)
    every = (Seen(folder, tuple(owners.get(folder, ())), seen[folder]) for folder in sorted(seen))
    return Verified(tuple(every), tuple(problems))


def _owners(checked: Checked, facts: Facts) -> dict[str, list[str]]:
    """The servers that the lock gives an installation, by its folder."""
    owners: dict[str, list[str]] = {}
    for name, locked in (checked.lock or Lock()).servers.items():
        if locked.package:
            owners.setdefault(installation(locked, facts), []).append(name)
    return owners


def collect(path: str, machine: Machine, trees: Trees, running: Iterable[str] | None, *, dry_run: bool) -> Collected:
    """Remove what nothing names any more: no lock beside the manifest, no file of a host, no generation, no process.

    `running` is what is told of processes; where that is None, what is young counts as running. Nobody applies or removes
    anything else meanwhile. A dry run writes nothing at all. Raises McpconfError, also where there is no lock.
    """
    if dry_run:
        return _collect(path, machine, trees, running, dry_run=True)
    store = Store.of(machine)
    store.prepare()
    with machine.locks.exclusive(store.lock, _LOCK_SECONDS):
        return _collect(path, machine, trees, running, dry_run=False)


def _collect(path: str, machine: Machine, trees: Trees, running: Iterable[str] | None, *, dry_run: bool) -> Collected:
    found = [*installations(machine)]  # before the lock is read: what is installed later is locked later
    checked = locked_manifest(path, machine)
    texts, problems = _naming(checked, machine)
    problems += [item for item in found if isinstance(item, Problem)]
    texts += running or ()
    named = _owners(checked, machine.facts)
    folders = [item for item in found if isinstance(item, str)]
    unused = [item for item in folders if item not in named and not is_named(item, texts)] if not problems else []
    if running is None:
        unused = [item for item in unused if not _is_young(item, trees)]
    aside = _aside(machine)
    old = [item for item in aside if _is_old(item, machine.clock.now())]
    unneeded = [
        *_measured(unused, "unused", trees, problems),
        *_measured(old, "aside", trees, problems),
        *_measured(trees.abandoned(dry_run=dry_run), "abandoned", trees, problems),
    ]
    removed = unneeded if dry_run else [item for item in unneeded if _remove(item, machine, trees, problems)]
    return Collected(tuple(removed), len(folders) - len(unused), tuple(problems), len(aside) - len(old))


def _is_young(folder: str, trees: Trees) -> bool:
    try:
        return trees.age(f"{folder}/{RECORD}") < _YOUNG_SECONDS
    except OSError:
        return False


def _naming(checked: Checked, machine: Machine) -> tuple[list[str], list[Problem]]:
    """The texts of all files that may start something from the store, or bring such a file back."""
    store = Store.of(machine)
    found = located(checked.manifest.manifest, bundled_rows(), machine.facts, machine.files)
    projects = [project.path for project in found.manifest.projects]
    observed = observe(machine, bundled_rows(), [*projects, *applied_folders(store.load()[0])])
    texts = [file.text for file in observed.files]
    problems = [
        *found.problems,
        *observed.problems,
        *(file.problem for file in observed.files if file.problem is not None),
    ]
    for number in numbers(store):
        kept = machine.files.read(path_of(store, number))
        if isinstance(kept, Snapshot):
            texts.append(kept.data.decode("utf-8", "replace"))
        elif kept is not None:
            problems.append(kept)
    return texts, list(dict.fromkeys(problems))


def _aside(machine: Machine) -> list[str]:
    folder = f"{machine.facts.data_folder}/{ASIDE}"
    names = machine.files.folders(folder)
    return [] if isinstance(names, Problem) else [f"{folder}/{name}" for name in names]


def _is_old(folder: str, now: str) -> bool:
    """Its name tells the day on which it was put aside; what was named otherwise was put there long ago."""
    since = _SINCE.search(folder)
    try:
        return since is None or (date.fromisoformat(now[:10]) - date.fromisoformat(since[1])).days >= _ASIDE_DAYS
    except ValueError:
        return True


def _measured(folders: Iterable[str], why: Why, trees: Trees, problems: list[Problem]) -> Iterator[Unneeded]:
    for folder in folders:
        try:
            yield Unneeded(folder, why, trees.size(folder))
        except OSError as error:
            problems.append(_unremoved(folder, error))


def _remove(item: Unneeded, machine: Machine, trees: Trees, problems: list[Problem]) -> bool:
    """An installation is gone at once: it leaves the store whole, and is taken apart elsewhere."""
    try:
        if item.why == "abandoned":
            trees.remove(item.folder)
        else:
            held = machine.locks.exclusive(f"{store_folder(machine.facts)}/lock", _LOCK_SECONDS)
            with trees.room() as room, held:
                trees.move(item.folder, f"{room}/gone")
            machine.files.remove_folder(item.folder.rpartition("/")[0])
    except OSError as error:
        problems.append(_unremoved(item.folder, error))
        return False
    return True


def _unremoved(folder: str, error: OSError) -> Problem:
    message = f"it cannot be removed ({error.strerror or error})"
    return Problem("write", message, Where(folder), "give yourself write permission there")
