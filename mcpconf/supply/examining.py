"""What locking, installing and starting packages depends on here, for `mcpconf doctor`. Writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from mcpconf.artifacts import kind_of, store_folder
from mcpconf.artifacts.found import open_to_all, runtime
from mcpconf.artifacts.npm_node import npm
from mcpconf.artifacts.own import installations
from mcpconf.artifacts.records import TREE
from mcpconf.errors import McpconfError, Problem, Where
from mcpconf.model.check import Check
from mcpconf.model.commands import command, followed, typed
from mcpconf.model.manifest import Manifest
from mcpconf.ports import Machine
from mcpconf.report.stored import sized
from mcpconf.report.style import plural
from mcpconf.secrets import redact
from mcpconf.supply.abreast import abreast
from mcpconf.supply.checking import Checked, check
from mcpconf.supply.installing import absent
from mcpconf.workshop import Call, Trees, Workshop

_SECONDS = 20.0
_LONGEST = 60
_PROGRAMS = {"node": "npm", "npm": "npm", "uv": "pypi", "docker": "oci"}
"""Which packages are locked, installed or started with a program."""

_MOST_NAMED = 5


def look_at_supply(path: str, machine: Machine, trees: Trees, workshop: Workshop | None) -> tuple[Check, ...]:
    """Of a manifest that can be read. `workshop` is None where the machine is a folder: nothing in it can be started."""
    try:
        checked = check(path, machine.documents)
    except McpconfError as error:
        return tuple(Check.of("lock file", problem) for problem in error.problems)
    kinds = {kind_of(server) for server in checked.manifest.manifest.servers.values()}
    return (
        *_lock(checked),
        *(_programs(kinds, workshop) if workshop is not None else ()),
        *_store(path, machine, trees),
    )


def _lock(checked: Checked) -> Iterator[Check]:
    if checked.lock is None:
        if _has_packages(checked.manifest.manifest):
            message = "there is none, so that nobody knows which bytes were approved"
            yield Check("warning", "lock file", message, f"{command('lock')} writes it", Where(checked.file))
        return
    if checked.stale:
        rest = len(checked.stale) - _MOST_NAMED
        told = [item.message for item in checked.stale[:_MOST_NAMED]]
        more = [f"{rest} more"] if rest > 0 else []
        hint = f"{command('lock')}, and look at what it changes"
        yield Check("warning", "lock file", f"stale: {'; '.join((*told, *more))}", hint, Where(checked.file))
    else:
        message = f"{plural(len(checked.lock.servers), 'server')}, as the manifest asks for them"
        yield Check("ok", "lock file", message, where=Where(checked.file))


def _has_packages(manifest: Manifest) -> bool:
    return any(server.package is not None for server in manifest.servers.values())


def _programs(kinds: Collection[str], workshop: Workshop) -> Iterator[Check]:
    """What is not to be used is worth a word only where the manifest needs it."""
    found = {name: _found(name, workshop) for name in _PROGRAMS}
    there = [(name, words) for name, words in found.items() if not isinstance(words, Problem)]
    versions = abreast(lambda item: _version(item[1], workshop), there, workshop)
    for (name, words), told in zip(there, versions, strict=True):
        if isinstance(told, Problem):
            yield _unusable(name, told)
        else:
            yield Check("ok", name, told.removeprefix(f"{name} "), where=Where(words[-1]))
    refused = {name: problem for name, problem in found.items() if isinstance(problem, Problem)}
    yield from (_unusable(name, problem) for name, problem in refused.items() if _PROGRAMS[name] in kinds)
    others = [name for name in refused if _PROGRAMS[name] not in kinds]
    if others:
        yield Check("ok", "programs", f"not to be used here, and not needed: {', '.join(others)}")


def _unusable(name: str, problem: Problem) -> Check:
    return Check("warning", name, redact(problem.message), followed(redact(problem.hint), "doctor"))


def _found(name: str, workshop: Workshop) -> tuple[str, ...] | Problem:
    """The words that start it, as locking and installing do."""
    if name == "npm":
        return npm(workshop.machine)
    path = runtime(("docker", "podman") if name == "docker" else (name,), workshop.machine)
    own = workshop.programs.own(name) if isinstance(path, Problem) and name == "uv" else ""
    return path if isinstance(path, Problem) and not own else (own or str(path),)


def _version(words: tuple[str, ...], workshop: Workshop) -> str | Problem:
    ran = workshop.programs.run(Call((*words, "--version"), workshop.machine.facts.home, seconds=_SECONDS))
    if isinstance(ran, Problem):
        return ran
    told = ran.out.decode("utf-8", "replace").strip().partition("\n")[0][:_LONGEST]
    if ran.code or not told:
        return Problem("unreadable", f"`{words[-1]}` does not tell its version", None, "see whether it runs")
    return told


def _store(path: str, machine: Machine, trees: Trees) -> Iterator[Check]:
    folder = store_folder(machine.facts)
    where = Where(folder)
    if machine.files.exists(folder):
        found = [*installations(machine)]
        yield from (Check.of("store", item) for item in found if isinstance(item, Problem))
        folders = [item for item in found if isinstance(item, str)]
        yield _measured(folders, trees, where)
        yield from _exposed(folders, machine)
    left = trees.abandoned(dry_run=True)
    if left:
        message = f"{plural(len(left), 'folder')} left behind by what was ended by force"
        yield Check("note", "store", message, f"{command('store', 'gc')} removes them", where)
    missing = absent(path, machine)
    if missing:
        message = f"not installed: {', '.join(missing)}"
        yield Check("warning", "store", message, f"{command('install')} builds what is missing", where)


def _exposed(folders: list[str], machine: Machine) -> Iterator[Check]:
    for place in dict.fromkeys(open_to_all(f"{folder}/{TREE}", machine) for folder in folders):
        if place:
            hint = f"{typed('chmod', 'o-w', place)}; {command('store', 'verify')} tells whether anything was changed"
            yield Check("warning", "store", "every user of the machine may write to it", hint, Where(place))


def _measured(folders: list[str], trees: Trees, where: Where) -> Check:
    try:
        size = sum(map(trees.size, folders))
    except OSError as error:
        problem = Problem(
            "unreadable", f"cannot be measured ({error.strerror or error})", where, "give yourself read permission"
        )
        return Check.of("store", problem)
    return Check("ok", "store", f"{plural(len(folders), 'installation')}, {sized(size)}", where=where)
