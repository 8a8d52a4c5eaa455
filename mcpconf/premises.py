"""What must hold before a machine is planned for or written to, and what a plan says about where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from mcpconf.canonical import seal
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.hosts.guarding import guards
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.plan import Plan, PlanMachine, PlanOrigin, PlanState
from mcpconf.model.state import State
from mcpconf.ports import Machine
from mcpconf.reconcile.conclude import Header
from mcpconf.version import __version__


def settled(store: Store) -> None:
    """Settle an apply that did not come to its end. Raises McpconfError (exit 6) if that cannot be done."""
    if not has_journal(store):
        return
    from mcpconf.transaction.recover import recover as settle

    outcome = settle(store)
    if outcome is not None and outcome.end == "recover":
        problems = [Problem("write", item.message, Where(item.file), item.hint) for item in outcome.failures]
        raise McpconfError(ExitCode.RECOVER, *problems)


@contextmanager
def undisturbed(machine: Machine, rows: Mapping[str, HostRow], plan: Plan, timeout: float) -> Iterator[None]:
    """Hold the locks of the hosts whose files the plan writes. Raises McpconfError (exit 7) after `timeout` seconds."""
    with ExitStack() as held:
        paths = {change.file for change in plan.changes if change.writes}
        for guard in guards(rows, machine.facts, paths) if paths else ():
            held.enter_context(machine.locks.guarded(guard, timeout))
        yield


def has_journal(store: Store) -> bool:
    return store.machine.files.exists(store.path("journal.json"))


def unfinished(store: Store) -> tuple[Problem, ...]:
    """The problem that an apply did not come to its end, for those who only look."""
    if not has_journal(store):
        return ()
    where = Where(store.path("journal.json"))
    return (Problem("stale", "an apply did not come to its end", where, "run `mcpconf recover`"),)


def bound(machine: Machine, store: Store, saved: Plan, state: State, path: str) -> bool:
    """A saved plan fits one machine, user, key and state, and is applied once. True if it is outdated but would do nothing.

    Raises McpconfError (exit 4).
    """
    where = Where(path)
    if (saved.machine.id, saved.state.key) != (machine.facts.id, store.key_name()):
        message, hint = "the plan was made for another machine or user", "make one here with `mcpconf plan --out`"
    elif saved.seal != seal(store.prepare(), "saved plan", saved.plan_digest):
        problem = Problem("invalid", "the plan was edited after it was made", where, "make a new plan")
        raise McpconfError(ExitCode.NO_PLAN, problem)
    elif saved.plan_digest != state.plan and saved.state.serial == state.serial:
        return False
    elif not saved.changes and not saved.exit_code:
        return True
    elif saved.plan_digest == state.plan:
        message, hint = "already applied", "`mcpconf plan` shows what is left to do"
    else:
        message, hint = "something else was applied since the plan was made", "plan again"
    raise McpconfError(ExitCode.STALE, Problem("stale", message, where, hint))


def header(machine: Machine, store: Store, loaded: LoadedManifest, state: State, groups: tuple[str, ...]) -> Header:
    return Header(
        version=__version__,
        origin=origin(machine, loaded),
        machine=PlanMachine(os=machine.facts.os, user=machine.facts.user, id=machine.facts.id, groups=list(groups)),
        state=PlanState(serial=state.serial, applied=state.baseline is not None, key=store.key_name()),
    )


def origin(machine: Machine, loaded: LoadedManifest) -> PlanOrigin:
    origin = machine.history.origin(loaded.file)
    name = loaded.file.replace("\\", "/").rpartition("/")[2]
    return PlanOrigin(commit=origin.commit, dirty=origin.dirty, manifest=name, manifest_digest=loaded.digest)
