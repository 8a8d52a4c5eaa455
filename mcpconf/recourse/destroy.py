"""Leaving a machine: everything that mcpconf wrote goes, what it keeps of its own last."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from mcpconf.artifacts.own import installations, kept
from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.model.desired import Desired
from mcpconf.model.manifest import Manifest
from mcpconf.model.origin import PlanMachine, PlanOrigin, PlanState
from mcpconf.model.outcome import Failure, Outcome
from mcpconf.model.plan import Plan
from mcpconf.model.state import State
from mcpconf.observe import applied_folders, observe
from mcpconf.operations import LOCK_SECONDS, Confirm
from mcpconf.ports import Machine
from mcpconf.premises import settled, undisturbed, unfinished
from mcpconf.reconcile import reconcile
from mcpconf.reconcile.conclude import Header, conclude, plan_digest
from mcpconf.reconcile.declared import names_of_servers
from mcpconf.reconcile.hiding import hidden, scrubber
from mcpconf.reconcile.leaving import leaving
from mcpconf.reconcile.policed import kept_policies
from mcpconf.reconcile.situate import Memory
from mcpconf.recourse.backups import Backup, backups
from mcpconf.recourse.stock import nobody_at_work, remove_stock, started
from mcpconf.system.sources import bundled_rows
from mcpconf.transaction import apply as execute
from mcpconf.transaction import leftovers
from mcpconf.verdict import Planned
from mcpconf.version import __version__
from mcpconf.workshop import Trees


@dataclass(frozen=True, slots=True)
class Destruction:
    """What goes when mcpconf leaves. `planned` takes its entries out of the hosts' files; the rest goes after that.

    `made` are files that mcpconf made: each goes if nothing else is in it by then. `spared` are entries that were there before
    and that it never wrote to. `revoked` is what may come back once nobody remembers that it was revoked here. `stock` are the
    folders and files of installed servers and of what is known of packages, `installed` is how many servers there are.
    `folder` is its own, "" if there is none.
    """

    planned: Planned
    made: tuple[str, ...]
    spared: tuple[str, ...]
    revoked: tuple[str, ...]
    backups: tuple[Backup, ...]
    stock: tuple[str, ...]
    installed: int
    folder: str


@dataclass(frozen=True, slots=True)
class Destroyed:
    """`removed` are paths of files that mcpconf had made and of its own folder, `left` what stays in that folder."""

    outcome: Outcome
    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def plan(machine: Machine) -> Destruction:
    """What leaving would do. Needs no manifest, and creates no file.

    Raises McpconfError (exit 8) if it cannot be told what mcpconf wrote.
    """
    machine = replace(machine, files=machine.files.still())
    store, rows = Store.of(machine), bundled_rows()
    state, lost = store.load()
    if lost:
        raise McpconfError(ExitCode.INCOMPLETE, *map(_untold, lost))
    names = names_of_servers(Manifest(mcpconf=1), state, rows)
    observed = observe(machine, rows, applied_folders(state), names)
    memory = Memory(state, store.key(), unfinished(store))
    situation = leaving(machine, rows, observed, memory)
    policies = kept_policies(machine, Manifest(mcpconf=1), rows, Desired(), state)
    situation = replace(situation, policies=policies)
    facts = machine.facts
    header = Header(
        version=__version__,
        origin=PlanOrigin(),
        machine=PlanMachine(os=facts.os, user=facts.user, id=facts.id),
        state=PlanState(serial=state.serial, applied=state.baseline is not None, key=store.key_name()),
    )
    made = conclude(situation, reconcile(situation), (), header)
    made = made.model_copy(update={"records": made.records.model_copy(update={"pinned": state.pinned})})
    made = made.model_copy(update={"plan_digest": plan_digest(made)})
    return Destruction(
        planned=Planned(made, scrubber(situation), hidden(situation)),
        made=tuple(path for path in sorted(state.made) if machine.files.exists(path)),
        spared=tuple(address for address, applied in sorted(state.entries.items()) if applied.found),
        revoked=tuple(item.target for item in state.revoked),
        backups=backups(machine),
        stock=kept(machine),
        installed=sum(isinstance(item, str) for item in installations(machine)),
        folder=store.folder if machine.files.exists(store.folder) else "",
    )


def destroy(
    machine: Machine,
    trees: Trees,
    confirm: Confirm,
    show: Callable[[Destruction], None] = lambda _found: None,
    lock_seconds: float = LOCK_SECONDS,
) -> Destroyed:
    """Plan, ask, take everything away, and only once it is seen to be gone forget it.

    `show` is called with what goes before `confirm` asks. Raises McpconfError (exit 7) where servers are being installed.
    """
    store = Store.of(machine)
    nobody_at_work(machine, trees)
    if not machine.files.exists(store.folder):
        found = plan(machine)
        show(found)
        return _never_applied(machine, trees, found, confirm)
    with machine.locks.exclusive(store.lock, lock_seconds):
        settled(store)
        found = plan(machine)
        show(found)
        state = store.load()[0]
        if confirm(found.planned.plan, found.planned.scrubber) == "no":
            return Destroyed(Outcome(end="declined", exit_code=ExitCode.STALE, serial=state.serial))
        with undisturbed(machine, bundled_rows(), found.planned.plan, lock_seconds):
            outcome = _taken_away(store, found, state)
        left = plan(machine).planned.plan
        starting = [*started(machine, applied_folders(state))]
        if outcome.exit_code or left.changes or left.residue or left.unknowns or starting:
            return Destroyed(_unfinished(outcome, left, starting))
        done = _forgotten(store, trees, store.load()[0], outcome)
    if not done.outcome.exit_code:
        machine.files.remove_folder(store.folder)
    return done


def _never_applied(machine: Machine, trees: Trees, found: Destruction, confirm: Confirm) -> Destroyed:
    """No state: no file of a host has anything of ours, and servers may be installed all the same."""
    nothing = Outcome(end="nothing", exit_code=ExitCode.SUCCESS, serial=0)
    if not found.stock:
        return Destroyed(nothing)
    if confirm(found.planned.plan, found.planned.scrubber) == "no":
        return Destroyed(nothing.model_copy(update={"end": "declined", "exit_code": ExitCode.STALE}))
    starting = [*started(machine, ())]
    if starting:
        return Destroyed(nothing.model_copy(update={"exit_code": ExitCode.CHANGES, "failures": starting}))
    try:
        return Destroyed(nothing, *remove_stock(machine, trees))
    except OSError as error:
        return _stopped(nothing, error, (), machine.facts.data_folder)


def _untold(lost: Problem) -> Problem:
    hint = "restore it, or let `mcpconf apply` record what the manifest asks for; or remove all by hand, this folder with it"
    return replace(lost, message=f"{lost.message}, so what mcpconf wrote here is not known", hint=hint)


def _taken_away(store: Store, found: Destruction, state: State) -> Outcome:
    made = found.planned.plan
    if not made.changes:
        return Outcome(end="nothing", exit_code=ExitCode.SUCCESS, serial=state.serial)
    return execute(store, made, state, seen=False)


def _unfinished(outcome: Outcome, left: Plan, starting: list[Failure]) -> Outcome:
    """Something of ours is still there, so that it must be remembered."""
    failures = [Failure(file=item.where, message=item.message, hint=item.instruction) for item in left.residue]
    failures += [Failure(file=item.where, message=item.reason, hint=item.hint) for item in left.unknowns]
    code = outcome.exit_code or (ExitCode.INCOMPLETE if left.unknowns else ExitCode.CHANGES)
    return outcome.model_copy(update={"exit_code": code, "failures": [*outcome.failures, *failures, *starting]})


def _forgotten(store: Store, trees: Trees, state: State, outcome: Outcome) -> Destroyed:
    """Files first, the store and then the state after them: if this is interrupted, the next run goes on with it."""
    rows = bundled_rows()
    files = observe(store.machine, rows, applied_folders(state)).files
    removed: list[str] = []
    try:
        for path in leftovers.empty_files(store, state.made, files, rows):
            leftovers.remove_file(store, path, state.made[path])
            removed.append(path)
        gone, others = remove_stock(store.machine, trees)
        removed += gone
        left = leftovers.remove_own(store)
    except OSError as error:
        return _stopped(outcome, error, tuple(removed), store.folder)
    with suppress(OSError):
        store.machine.files.remove(store.lock)
    outcome = outcome.model_copy(update={"backups": [], "expires": ""})
    return Destroyed(outcome, (*removed, store.folder), (*others, *left))


def _stopped(outcome: Outcome, error: OSError, removed: tuple[str, ...], folder: str) -> Destroyed:
    message = f"not all could be removed ({error.strerror or error})"
    failure = Failure(file=error.filename or folder, message=message, hint="run `mcpconf destroy` again")
    update = {"end": "narrowed", "exit_code": ExitCode.NARROWED, "failures": [*outcome.failures, failure]}
    return Destroyed(outcome.model_copy(update=update), removed)
