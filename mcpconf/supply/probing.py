"""Ask servers what they show: only those whose bytes are the locked ones, and with nothing of this machine or its user."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Protocol

from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.model.lock import Lock, LockedServer
from mcpconf.model.probe import Probe, Probed
from mcpconf.model.surface import Surface
from mcpconf.model.surface_wish import SurfaceWish
from mcpconf.resolve.groups import of_machine
from mcpconf.supply.checking import Checked, check
from mcpconf.supply.locking import Locking, known_names, write_lock
from mcpconf.supply.probes import Ask, Ready, Terms, prepared, works
from mcpconf.surface.comparing import surface_changes
from mcpconf.surface.shown import Shown
from mcpconf.surface.snapshot import surface_of
from mcpconf.workshop import Workshop


class Prober(Protocol):
    """Starts servers and asks them, in a process of its own."""

    def ask(self, probes: Sequence[Probe]) -> tuple[Probed, ...]:
        """In the order of the probes; nothing that was started is left. Raises McpconfError."""


@dataclass(frozen=True, slots=True)
class Probing:
    """Where servers are asked, and how. `limits` are of each conversation."""

    workshop: Workshop
    prober: Prober
    terms: Terms = field(default_factory=Terms)


def meant(checked: Checked, probing: Probing, names: Sequence[str]) -> tuple[str, ...]:
    """The servers that are named; else all that this machine gets. Raises McpconfError (exit 64)."""
    known_names(checked, names)
    servers = checked.manifest.manifest.servers
    here = of_machine(checked.manifest.manifest, probing.workshop.machine.facts).manifest
    found = tuple(dict.fromkeys(names)) or here.offered
    if probing.terms.headers and not (len(found) == 1 and servers[found[0]].url is not None):
        hint = "name the one that the header is for"
        raise McpconfError(ExitCode.USAGE, Problem("usage", "a header is sent to one server with `url`", None, hint))
    return found


def ask(checked: Checked, probing: Probing, names: Sequence[str]) -> tuple[Shown, ...]:
    """Each of the servers, once. Raises McpconfError, also where servers cannot be asked at all."""
    workshop = probing.workshop
    key = Store.of(workshop.machine).key()
    asked = Ask(checked, workshop, probing.terms, key, confined=works(workshop))
    with ExitStack() as rooms:
        found = {name: prepared(name, asked, rooms) for name in names}
        ready = [item for item in found.values() if isinstance(item, Ready)]
        answers = probing.prober.ask([item.probe for item in ready]) if ready else ()
        shown = {item.probe.name: _shown(item, answer, checked) for item, answer in zip(ready, answers, strict=True)}
    return tuple(
        _refused(name, item, checked) if isinstance(item, Problem) else shown[name] for name, item in found.items()
    )


def _refused(name: str, problem: Problem, checked: Checked) -> Shown:
    message = f"`{name}` was not asked: {problem.message}"
    where = problem.where or checked.manifest.where("servers", name)
    return Shown(name, _known(name, checked), problem=replace(problem, message=message, where=where))


def _shown(ready: Ready, answer: Probed, checked: Checked) -> Shown:
    name, server = answer.name, checked.manifest.manifest.servers[answer.name]
    told = Shown(
        name,
        _known(name, checked),
        sandboxed=answer.sandboxed,
        started=ready.probe.transport == "stdio",
        notes=tuple(map(ready.masked, answer.notes)),
    )
    if answer.problem is not None:
        message = ready.masked(f"`{name}` could not be asked: {answer.problem.message}")
        problem = replace(answer.problem, message=message, where=checked.manifest.where("servers", name))
        return replace(told, problem=problem)
    found = surface_of(answer.transcripts, ready.asking, server.surface or SurfaceWish())
    if isinstance(found, Surface):
        return replace(told, surface=found)
    first = f"{found[0].pointer or 'the answer'} {found[0].reason}"
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    message = ready.masked(f"what `{name}` shows cannot be locked: {first}{more}")
    problem = Problem("malformed", message, checked.manifest.where("servers", name), "tell who makes it; do not use it")
    return replace(told, problem=problem, faults=found)


def exit_code(shown: Sequence[Shown]) -> ExitCode:
    states = {item.state for item in shown}
    if "refused" in states:
        return ExitCode.BLOCKED
    return (
        ExitCode.INCOMPLETE if "not asked" in states else ExitCode.CHANGES if "changed" in states else ExitCode.SUCCESS
    )


def _known(name: str, checked: Checked) -> LockedServer | None:
    """What the lock says of a server, if that is what the manifest asks for."""
    if checked.lock is None or any(item.server == name for item in checked.stale):
        return None
    return checked.lock.servers.get(name)


def live(checked: Checked, probing: Probing) -> tuple[Shown, ...]:
    """Every server that this machine gets and whose surface is in the lock. Raises McpconfError."""
    return ask(checked, probing, [name for name in meant(checked, probing, ()) if _has_surface(_known(name, checked))])


def _has_surface(locked: LockedServer | None) -> bool:
    return locked is not None and locked.surface is not None


def lock_surfaces(done: Locking, probing: Probing, names: Sequence[str]) -> tuple[Locking, tuple[Shown, ...]]:
    """Ask the servers, and write what they show into the lock that was just made. What cannot be asked keeps what it has.

    Raises McpconfError.
    """
    path, documents = done.manifest.file, probing.workshop.machine.documents
    checked = check(path, documents)
    shown = tuple(steady(checked, probing, meant(checked, probing, names)))
    servers = dict((checked.lock or Lock()).servers)
    servers |= {item.name: _with(servers[item.name], item.surface) for item in shown if item.surface is not None}
    after = Lock(servers=servers)
    unasked = {item.name: item.problem for item in shown if item.problem is not None and item.name not in done.problems}
    written = write_lock(checked, after) or done.written
    return replace(done, after=after, unasked=unasked, written=written), shown


def _with(locked: LockedServer, surface: Surface) -> LockedServer:
    return locked.model_copy(update={"surface": surface})


def steady(checked: Checked, probing: Probing, names: Sequence[str]) -> Iterator[Shown]:
    """Each of the servers, asked twice: what differs from one time to the next is no surface that could be locked."""
    first = ask(checked, probing, names)
    again = {
        item.name: item for item in ask(checked, probing, [item.name for item in first if item.surface is not None])
    }
    for shown in first:
        yield _steady(shown, again[shown.name], checked) if shown.name in again else shown


def _steady(first: Shown, again: Shown, checked: Checked) -> Shown:
    if again.surface is None:
        return again
    assert first.surface is not None
    changes = surface_changes(first.surface, again.surface)
    if not changes:
        return first
    told = f"`{first.name}` shows something else each time it is asked: {changes[0].pointer}: {changes[0].words}"
    hint = f"`surface.templated` names what may move in a text: `{changes[0].pointer}`"
    where = checked.manifest.where("servers", first.name)
    return replace(first, surface=None, problem=Problem("malformed", told, where, hint))
