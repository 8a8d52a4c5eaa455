"""The use cases. Read this first: it is the way the data goes through the program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from mcpconf.canonical import keyed
from mcpconf.documents.manifest import LoadedManifest, load_manifest
from mcpconf.documents.saved import load_plan, render_plan_document, without_secrets
from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.desired import Desired
from mcpconf.model.finding import Finding
from mcpconf.model.observed import HostPresence, Observed, ObservedFile
from mcpconf.model.outcome import Outcome
from mcpconf.model.plan import Plan, PlanMachine, PlanOrigin, PlanState
from mcpconf.model.state import State
from mcpconf.observe import applied_folders, observe
from mcpconf.ports import Machine
from mcpconf.reconcile import reconcile
from mcpconf.reconcile.conclude import Header, conclude
from mcpconf.reconcile.declared import names_of_servers
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.hiding import hidden, scrubber, scrubber_of
from mcpconf.reconcile.situate import Memory, Seen, situate
from mcpconf.reconcile.situation import Choices, Situation
from mcpconf.resolve.groups import of_machine
from mcpconf.resolve.projects import located
from mcpconf.rules import judge
from mcpconf.rules.frame import Evidence, cases
from mcpconf.secrets import Scrubber
from mcpconf.system.clock import SystemClock
from mcpconf.system.includes import IncludedFiles
from mcpconf.system.sources import bundled_rows, read_document, write_private
from mcpconf.version import __version__

if TYPE_CHECKING:
    from mcpconf.importer import Imported
    from mcpconf.reconcile.rendering import Rendering
    from mcpconf.report.diff import EditedFile

LOCK_SECONDS = 30.0

Source: TypeAlias = str | LoadedManifest
"""The path of a manifest, or one that was read already."""

Answer = Literal["yes", "no", "not asked"]
Confirm = Callable[[Plan, Scrubber], Answer]
"""Tells whether to go on, and whether a person has seen the plan."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what keeps this machine's secrets out of everything printed about it.

    `hidden` are values of variables and headers that need not look like secrets and still are nobody's business.
    """

    plan: Plan
    scrubber: Scrubber
    hidden: frozenset[str] = frozenset()


def manifest(path: Source) -> LoadedManifest:
    """Read and check a manifest. Raises McpconfError (exit 1) with every problem found."""
    if isinstance(path, LoadedManifest):
        return path
    data = read_document(path, "manifest", "`mcpconf init` writes one; `-m PATH` names another")
    return load_manifest(data, path, known_hosts=bundled_rows(), included=IncludedFiles())


def plan(machine: Machine, path: Source, choices: Choices | None = None) -> Planned:
    """Load -> narrow -> locate -> observe -> resolve -> reconcile -> judge -> conclude. Creates no file."""
    store = Store.of(machine)
    loaded = manifest(path)
    mine = of_machine(loaded.manifest, machine.facts)
    found = located(mine.manifest, bundled_rows(), machine.facts, machine.files)
    loaded = replace(loaded, manifest=found.manifest)
    state, warnings = store.load()
    folders = [*(project.path for project in loaded.manifest.projects), *applied_folders(state)]
    observed = observe(machine, bundled_rows(), folders, names_of_servers(loaded.manifest, state, bundled_rows()))
    observed = replace(observed, problems=(*observed.problems, *found.problems, *_unfinished(store)))
    memory = Memory(state, store.key(), warnings)
    situation = situate(machine, loaded, bundled_rows(), Seen(observed, memory, choices or Choices()))
    draft = reconcile(situation)
    evidence = Evidence(
        manifest=loaded.manifest,
        situation=situation,
        draft=draft,
        where=loaded.where,
        cases=cases(loaded.manifest, situation, draft, loaded.where),
    )
    header = _header(machine, store, loaded, state, mine.groups)
    return Planned(conclude(situation, draft, judge(evidence), header), scrubber(situation), hidden(situation))


def apply(
    machine: Machine,
    path: Source,
    confirm: Confirm,
    choices: Choices | None = None,
    lock_seconds: float = LOCK_SECONDS,
) -> Outcome:
    """Plan, ask, and execute under the machine's lock."""
    from mcpconf.transaction import apply as execute

    store = Store.of(machine)
    store.prepare()
    with machine.locks.exclusive(store.lock, lock_seconds):
        _settled(store)
        planned = plan(machine, path, choices)
        answer = confirm(planned.plan, planned.scrubber)
        if answer == "no":
            return Outcome(end="declined", exit_code=ExitCode.STALE, serial=planned.plan.state.serial)
        return execute(store, planned.plan, store.load()[0], seen=answer == "yes")


def apply_saved(machine: Machine, path: str, lock_seconds: float = LOCK_SECONDS) -> Outcome:
    """Execute a saved plan as it is, if it was made for this machine and still fits."""
    from mcpconf.transaction import apply as execute

    store = Store.of(machine)
    saved = load_plan(read_document(path, "saved plan"), path)
    store.prepare()
    with machine.locks.exclusive(store.lock, lock_seconds):
        _settled(store)
        state, _ = store.load()
        if _bound(machine, store, saved, state, path):
            return Outcome(end="nothing", exit_code=ExitCode.SUCCESS, serial=state.serial)
        return execute(store, saved, state, seen=True)


def save_plan(machine: Machine, path: str, out: str, choices: Choices | None = None) -> Planned:
    """Plan, and keep the plan for a later apply. The machine's key is made if there is none."""
    key = Store.of(machine).prepare()
    planned = plan(machine, path, choices)
    clean = without_secrets(planned.plan, planned.scrubber)
    write_private(out, render_plan_document(clean.model_copy(update={"seal": keyed(key, clean.plan_digest)})))
    return planned


def saved_plan(path: str) -> Plan:
    """Read a saved plan to look at it; one that was edited can still be read."""
    return load_plan(read_document(path, "saved plan"), path, sealed=False)


def edited_files(machine: Machine, planned: Planned) -> list[EditedFile]:
    """Each file that the plan would change, before and after. Raises McpconfError (exit 4) if one just changed."""
    from mcpconf.report.diff import EditedFile
    from mcpconf.transaction.preconditions import StaleError
    from mcpconf.transaction.prepare import prepare_all, works

    key = Store.of(machine).key()
    try:
        prepared = prepare_all(machine.files, works(planned.plan.changes, machine.facts), key)
    except StaleError as error:
        raise McpconfError(ExitCode.STALE, error.problem) from None
    return [EditedFile(item.work.path, item.before, item.after, planned.hidden) for item in prepared]


def state(machine: Machine) -> State:
    """What mcpconf remembers of this machine."""
    return Store.of(machine).load()[0]


def hosts(machine: Machine) -> tuple[tuple[HostRow, HostPresence, tuple[ObservedFile, ...]], ...]:
    """Every host with its row, whether it is installed, and its files that are there."""
    rows = bundled_rows()
    observed = observe(machine, rows, ())
    return tuple(
        (
            rows[presence.host],
            presence,
            tuple(file for file in observed.files if file.location.host == presence.host and file.present),
        )
        for presence in observed.hosts
    )


def validate(path: str) -> tuple[LoadedManifest, tuple[Finding, ...]]:
    """Check a manifest without looking at any machine. Raises McpconfError (exit 1) if it cannot be read."""
    loaded = manifest(path)
    nothing, draft = Situation(Desired(), Observed(), State(), day=SystemClock().now()[:10]), Draft()
    asked = cases(loaded.manifest, nothing, draft, loaded.where)
    return loaded, judge(Evidence(loaded.manifest, nothing, draft, loaded.where, asked))


def import_machine(machine: Machine, folders: Sequence[str] = (), *, pin: bool = False) -> tuple[Imported, Scrubber]:
    """A manifest of what is there, and what keeps this machine's secrets out of all that is said about it."""
    from mcpconf.importer import import_machine, secret_texts

    rows = bundled_rows()
    observed = observe(machine, rows, folders)
    return import_machine(machine, rows, observed, pin=pin), Scrubber(secret_texts(observed))


def render(machine: Machine, path: Source) -> tuple[Rendering, PlanOrigin, Scrubber]:
    """What a machine of these facts gets, for every host that the manifest names. Looks at none of its files."""
    from mcpconf.reconcile.rendering import rendering

    loaded = manifest(path)
    rendered = rendering(loaded, machine.facts, bundled_rows(), machine.clock.now()[:10])
    return rendered, _origin(machine, loaded), scrubber_of(item.desired.entry for item in rendered.entries)


def accept(machine: Machine, path: str, addresses: tuple[str, ...], lock_seconds: float = LOCK_SECONDS) -> list[str]:
    """Mark unmanaged entries and approvals as seen, so that they are not new any more."""
    store = Store.of(machine)
    store.prepare()
    with machine.locks.exclusive(store.lock, lock_seconds):
        _settled(store)
        listed = {item.address: item.digest for item in plan(machine, path).plan.unmanaged}
        missing = [address for address in addresses if address not in listed]
        if missing:
            hint = "`mcpconf status` lists the addresses"
            raise McpconfError(
                ExitCode.USAGE, Problem("usage", f"`{missing[0]}` is no unmanaged entry here", None, hint)
            )
        state, _ = store.load()
        seen = {**state.seen, **{address: listed[address] for address in addresses}}
        if seen != state.seen:
            store.save(state.model_copy(update={"seen": seen, "serial": state.serial + 1}))
        return list(addresses)


def recover(machine: Machine, lock_seconds: float = LOCK_SECONDS) -> Outcome:
    """Settle an apply that did not come to its end."""
    from mcpconf.transaction.recover import recover as settle

    store = Store.of(machine)
    store.prepare()
    with machine.locks.exclusive(store.lock, lock_seconds):
        return settle(store) or Outcome(end="nothing", exit_code=0, serial=store.load()[0].serial)


def _settled(store: Store) -> None:
    if not _has_journal(store):
        return
    from mcpconf.transaction.recover import recover as settle

    outcome = settle(store)
    if outcome is not None and outcome.end == "recover":
        problems = [Problem("write", item.message, Where(item.file), item.hint) for item in outcome.failures]
        raise McpconfError(ExitCode.RECOVER, *problems)


def _has_journal(store: Store) -> bool:
    return store.machine.files.exists(store.path("journal.json"))


def _unfinished(store: Store) -> tuple[Problem, ...]:
    if not _has_journal(store):
        return ()
    where = Where(store.path("journal.json"))
    return (Problem("stale", "an apply did not come to its end", where, "run `mcpconf recover`"),)


def _bound(machine: Machine, store: Store, saved: Plan, state: State, path: str) -> bool:
    """A saved plan fits one machine, user, key and state, and is applied once. True if it is outdated but would do nothing.

    Raises McpconfError (exit 4).
    """
    where = Where(path)
    if (saved.machine.id, saved.state.key) != (machine.facts.id, store.key_name()):
        message, hint = "the plan was made for another machine or user", "make one here with `mcpconf plan --out`"
    elif saved.seal != keyed(store.prepare(), saved.plan_digest):
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


def _header(machine: Machine, store: Store, loaded: LoadedManifest, state: State, groups: tuple[str, ...]) -> Header:
    return Header(
        version=__version__,
        origin=_origin(machine, loaded),
        machine=PlanMachine(os=machine.facts.os, user=machine.facts.user, id=machine.facts.id, groups=list(groups)),
        state=PlanState(serial=state.serial, applied=state.baseline is not None, key=store.key_name()),
    )


def _origin(machine: Machine, loaded: LoadedManifest) -> PlanOrigin:
    origin = machine.history.origin(loaded.file)
    name = loaded.file.replace("\\", "/").rpartition("/")[2]
    return PlanOrigin(commit=origin.commit, dirty=origin.dirty, manifest=name, manifest_digest=loaded.digest)
