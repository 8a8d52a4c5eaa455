"""What must hold before a machine is planned for or written to, and what a plan says about where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from typing import NamedTuple

from mcpconf.artifacts.supplied import Supplied
from mcpconf.canonical import digest, seal
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.documents.paths import approvals_path
from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.hosts.guarding import guards
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.origin import PlanMachine, PlanOrigin, PlanState
from mcpconf.model.plan import Plan
from mcpconf.model.state import State
from mcpconf.model.trust import Doubt, Signed, Trust
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
    elif saved.machine.trust != _trusted(machine):
        message, hint = "whom this machine believes was changed since the plan was made", "plan again"
    elif saved.origin.until is not None and machine.clock.passed(saved.origin.until):
        message, hint = (
            f"the manifest of this plan counted until {saved.origin.until}",
            "fetch the newest, and plan again",
        )
    elif saved.plan_digest != state.plan and saved.state.serial == state.serial:
        return False
    elif not saved.changes and not saved.exit_code:
        return True
    elif saved.plan_digest == state.plan:
        message, hint = "already applied", "`mcpconf plan` shows what is left to do"
    else:
        message, hint = "something else was applied since the plan was made", "plan again"
    raise McpconfError(ExitCode.STALE, Problem("stale", message, where, hint))


class Belief(NamedTuple):
    """Why this machine does not believe a manifest, if so; else who signed it, and the last day that it counts."""

    doubts: tuple[Doubt, ...] = ()
    signer: str | None = None
    until: str | None = None


def header(machine: Machine, store: Store, loaded: LoadedManifest, state: State, groups: tuple[str, ...]) -> Header:
    facts = machine.facts
    return Header(
        version=__version__,
        origin=origin(machine, loaded),
        machine=PlanMachine(os=facts.os, user=facts.user, id=facts.id, groups=list(groups), trust=_trusted(machine)),
        state=PlanState(serial=state.serial, applied=state.baseline is not None, key=store.key_name()),
    )


def _trusted(machine: Machine) -> str | None:
    trust = machine.facts.trust
    return digest(trust.model_dump(mode="json")) if trust is not None and trust.signers else None


def believed(machine: Machine, loaded: LoadedManifest, supplied: Supplied, state: State) -> Belief:
    """What this machine makes of who signed the manifest; nothing where it says not whom it believes."""
    trust = machine.facts.trust
    if trust is None or not trust.signers:
        return Belief()
    layers = tuple(layer.file for layer in loaded.layers)
    beside = (supplied.file, approvals_path(loaded.file))
    signed = machine.history.signed(loaded.file, tuple(trust.signers.items()))
    if isinstance(signed, Signed):
        until = _until(signed, trust)
        found = [
            *_dated(machine, signed, until, loaded.file, trust),
            *_changed_since(machine, (*layers, *beside), state),
        ]
        return Belief(_binding(found), signed.by, until)
    if signed is not None:
        return Belief(_binding([signed]))
    there = (path for path in beside if machine.documents.lock(path) is not None)
    return Belief(_binding([*_out_of_git(loaded.file, state), *_unsigned_files(machine, (*layers, *there), trust)]))


def _binding(problems: Sequence[Problem]) -> tuple[Doubt, ...]:
    return tuple(Doubt(problem, binding=True) for problem in problems)


def _until(signed: Signed, trust: Trust) -> str | None:
    return (date.fromisoformat(signed.day) + timedelta(days=trust.max_age)).isoformat() if trust.max_age else None


def _dated(machine: Machine, signed: Signed, until: str | None, file: str, trust: Trust) -> Iterator[Problem]:
    if until is not None and machine.clock.passed(until):
        message = f"the manifest was committed on {signed.day}, and counts for {trust.max_age} days"
        yield Problem("permission", message, Where(file), "fetch the newest, or have it signed anew")


def _changed_since(machine: Machine, files: Sequence[str], state: State) -> Iterator[Problem]:
    for file in files:
        if machine.history.origin(file).dirty:
            hint = "commit it, and have the commit signed"
            yield Problem("permission", "it is not what the signed commit has", Where(file), hint)
    if state.commit is not None and not machine.history.descends(files[0], state.commit):
        message = f"the manifest goes back: {state.commit[:12]}, which was applied here last, did not lead to it"
        hint = "take a change back by a commit of its own, as `git revert` makes one"
        yield Problem("permission", message, Where(files[0]), hint)


def _out_of_git(file: str, state: State) -> Iterator[Problem]:
    """Files have no order: what was signed last year would be taken for new."""
    if state.commit is not None:
        message = f"the manifest came from git before, at {state.commit[:12]}, and is in no repository now"
        yield Problem("permission", message, Where(file), "take it from the repository again")


def _unsigned_files(machine: Machine, files: Sequence[str], trust: Trust) -> Iterator[Problem]:
    documents = machine.documents
    for file in files:
        data, signature = documents.lock(file), documents.signature(file)
        if data is None or signature is None:
            hint = f"`ssh-keygen -Y sign -n mcpconf -f KEY {file}` makes `{file}.sig`"
            yield Problem("permission", "it is not signed", Where(file), hint)
            continue
        by = machine.history.signed_file(data, signature, tuple(trust.signers.items()))
        if isinstance(by, Problem):
            yield Problem(by.kind, f"it {by.message}", Where(file), by.hint)


def origin(machine: Machine, loaded: LoadedManifest) -> PlanOrigin:
    origin = machine.history.origin(loaded.file)
    name = loaded.file.replace("\\", "/").rpartition("/")[2]
    return PlanOrigin(commit=origin.commit, dirty=origin.dirty, manifest=name, manifest_digest=loaded.digest)
