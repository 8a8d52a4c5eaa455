"""Build what the lock says in the store: aside, hashed, recorded, sealed, and there at once or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from mcpconf.artifacts import artifacts, installation, kind_of_locked, store_folder
from mcpconf.artifacts.own import ASIDE
from mcpconf.artifacts.pinning import from_store
from mcpconf.artifacts.records import RECORD, TREE, state_of, write_record
from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.model.installed import Built, Changed, Installation, Installed
from mcpconf.model.lock import LockedServer
from mcpconf.ports import Machine
from mcpconf.resolve.groups import of_machine
from mcpconf.secrets import redact
from mcpconf.supply.abreast import Tell, abreast, silent
from mcpconf.supply.checking import Checked, check
from mcpconf.workshop import Workshop

_LOCK_SECONDS = 60.0
_LONGEST = 200
"""Of a folder's name, which file systems bound at 255 bytes."""

_REFUSED = frozenset({"hash", "stale"})

Chosen: TypeAlias = Mapping[str, LockedServer | Problem]
"""Servers by name, each with what is locked of it, or why that does not count."""


@dataclass(frozen=True, slots=True)
class Which:
    """Servers by name; none named are all with a package if `all`, else those that are started from the store."""

    names: tuple[str, ...] = ()
    all: bool = False


@dataclass(frozen=True, slots=True)
class Installing:
    """What became of each server."""

    built: Mapping[str, Built]

    @property
    def exit_code(self) -> int:
        problems = [item.problem for item in self.built.values() if item.problem is not None]
        if any(problem.kind in _REFUSED for problem in problems):
            return ExitCode.BLOCKED
        return ExitCode.INCOMPLETE if problems else ExitCode.SUCCESS


def install(path: str, workshop: Workshop, which: Which, tell: Tell = silent) -> Installing:
    """Raises McpconfError: 1 if there is no lock or it cannot be read, 64 for a name that is no server with a package."""
    servers = chosen(locked_manifest(path, workshop.machine), workshop.machine, which)
    refused = {name: Built("failed", problem=item) for name, item in servers.items() if isinstance(item, Problem)}
    locked = {name: item for name, item in servers.items() if isinstance(item, LockedServer)}
    built = {**refused, **build(locked, workshop, tell)}
    return Installing({name: built[name] for name in servers})


def locked_manifest(path: str, machine: Machine) -> Checked:
    """A manifest with its lock. Raises McpconfError (exit 1), also where there is no lock."""
    checked = check(path, machine.documents)
    if checked.lock is None:
        problem = Problem("missing", "there is no lock", Where(checked.file), "`mcpconf lock` writes it")
        raise McpconfError(ExitCode.NO_PLAN, problem)
    return checked


def absent(path: str, machine: Machine) -> tuple[str, ...]:
    """Servers that this machine is to start from the store, and that have no folder there. Raises McpconfError (exit 1)."""
    checked = check(path, machine.documents)
    if checked.lock is None:
        return ()
    servers = chosen(checked, machine, Which())
    return tuple(
        name
        for name, item in servers.items()
        if isinstance(item, LockedServer) and not machine.files.exists(installation(item, machine.facts))
    )


def chosen(checked: Checked, machine: Machine, which: Which) -> Chosen:
    """The servers that are meant, of those that the manifest asks for on this machine. Raises McpconfError."""
    asked = checked.manifest.manifest
    here = of_machine(asked, machine.facts).manifest
    for name in which.names:
        if name not in asked.servers or asked.servers[name].package is None:
            hint = "name one of the manifest"
            raise McpconfError(ExitCode.USAGE, Problem("usage", f"`{name}` is no server with a package", None, hint))
    names = which.names or tuple(
        name
        for name, server in here.servers.items()
        if from_store(here, name) or (which.all and server.package is not None)
    )
    return {name: _locked(name, checked) for name in dict.fromkeys(names)}


def _locked(name: str, checked: Checked) -> LockedServer | Problem:
    where = checked.manifest.where("servers", name)
    stale = next((item for item in checked.stale if item.server == name), None)
    if stale is not None or checked.lock is None:
        message = stale.message if stale is not None else f"`{name}` is not in the lock"
        return Problem("stale", message, where, "`mcpconf lock`, and look at what it changes")
    locked = checked.lock.servers[name]
    if not locked.artifacts and not locked.closure:
        hint = "write its exact version, then `mcpconf lock`"
        return Problem("invalid", f"the lock does not say what `{name}` is to the byte", where, hint)
    return locked


def build(servers: Mapping[str, LockedServer], workshop: Workshop, tell: Tell = silent) -> dict[str, Built]:
    """Several at once. Servers that are the same bytes share an installation. Raises McpconfError (exit 1)."""
    if not servers:
        return {}
    key = Store.of(workshop.machine).prepare()
    _sweep(workshop)
    folders = {name: installation(locked, workshop.machine.facts) for name, locked in servers.items()}
    unlike = {folder: servers[name] for name, folder in folders.items()}
    done = abreast(lambda item: _ensure(item, workshop, key), [*unlike.values()], workshop, tell)
    built = dict(zip(unlike, done, strict=True))
    return {name: _of(name, servers[name], built[folder]) for name, folder in folders.items()}


def _of(name: str, locked: LockedServer, built: Built) -> Built:
    label = f"{locked.package} {locked.version}"
    problem = built.problem
    if problem is None:
        return replace(built, label=label)
    message = redact(f"`{name}` is not installed: {problem.message}")  # a client may have said it, of its own settings
    told = replace(problem, message=message, hint=redact(problem.hint))
    return replace(built, label=label, problem=told)


def _sweep(workshop: Workshop) -> None:
    """Remove what runs left behind that were ended by force. What resists is tried again next time."""
    for room in workshop.trees.abandoned():
        try:
            workshop.trees.remove(room)
        except OSError:
            continue


def _ensure(locked: LockedServer, workshop: Workshop, key: bytes) -> Built:
    folder = installation(locked, workshop.machine.facts)
    try:
        found = state_of(locked, workshop.machine, key)
        if isinstance(found, Installed):
            return Built("there", folder=folder)
        if isinstance(found, Problem):
            return Built("failed", problem=found)
        changed = found if isinstance(found, Changed) else None
        aside = _put_aside(locked, workshop, key) if changed is not None else ""
        problem = _build(locked, folder, workshop, key)
    except OSError as error:
        where = Where(str(error.filename or folder))
        hint = "give yourself write permission there, or room on the disk"
        problem = Problem("write", f"it cannot be written ({error.strerror or error})", where, hint)
        return Built("failed", problem=problem)
    if problem is not None:
        return Built("failed", folder=folder, changed=changed, aside=aside, problem=problem)
    return Built("installed" if changed is None else "rebuilt", folder=folder, changed=changed, aside=aside)


def _put_aside(locked: LockedServer, workshop: Workshop, key: bytes) -> str:
    """Where it lies now, "" if it was built anew while this run waited for its turn. Raises OSError."""
    machine = workshop.machine
    folder = installation(locked, machine.facts)
    name = folder.removeprefix(f"{store_folder(machine.facts)}/").replace("/", "+")
    day, token = machine.clock.now()[:10], machine.entropy.token(4).hex()
    target = f"{machine.facts.data_folder}/{ASIDE}/{name[:_LONGEST]}.{day}.{token}"
    with machine.locks.exclusive(f"{store_folder(machine.facts)}/lock", _LOCK_SECONDS):
        if not isinstance(state_of(locked, machine, key), Changed):
            return ""
        workshop.trees.move(folder, target)
    return target


def _build(locked: LockedServer, folder: str, workshop: Workshop, key: bytes) -> Problem | None:
    """Raises OSError."""
    if workshop.offline:
        hint = "run `mcpconf install` where there is a network"
        return Problem("missing", f"{locked.package} {locked.version} has to be fetched", None, hint)
    files, trees = workshop.machine.files, workshop.trees
    with trees.room() as room:
        tree = f"{room}/{TREE}"
        files.make_folder(tree, 0o700)
        problem = artifacts(kind_of_locked(locked)).install(locked, tree, workshop)
        if problem is not None:
            return problem
        marks = files.tree(tree)
        if isinstance(marks, Problem):
            return marks
        record = write_record(locked, marks or {}, key)
        if isinstance(record, Problem):
            return record
        files.commit(files.stage(f"{room}/{RECORD}", record, 0o400, None))
        trees.seal(room)
        if trees.move(room, folder):
            return None
    return _of_another(state_of(locked, workshop.machine, key), folder)


def _of_another(found: Installation, folder: str) -> Problem | None:
    """Another run was faster; what it built is as good as ours only if it holds."""
    if isinstance(found, Installed):
        return None
    if isinstance(found, Problem):
        return found
    message = "something else is where it belongs"
    return Problem("hash", message, Where(folder), "`mcpconf store verify` tells what; run `mcpconf install` again")
