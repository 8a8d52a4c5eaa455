"""The use cases. Read this first: it is the way the data goes through the program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from mcpconf.artifacts.confining import host_files, no_files
from mcpconf.artifacts.observing import observed as stored
from mcpconf.artifacts.pinning import pinned
from mcpconf.artifacts.staleness import stale
from mcpconf.artifacts.supplied import Supplied
from mcpconf.canonical import digest_bytes, seal
from mcpconf.documents.approvals import approvals_beside
from mcpconf.documents.lock import load_lock
from mcpconf.documents.logged import returned
from mcpconf.documents.manifest import LoadedManifest, load_manifest
from mcpconf.documents.paths import lock_path
from mcpconf.documents.saved import Saved, load_plan, load_saved, render_plan_document, without_secrets
from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.hosts.signins import SignedIn
from mcpconf.model.origin import PlanOrigin
from mcpconf.model.outcome import Outcome
from mcpconf.model.past import Bygone
from mcpconf.model.plan import Plan
from mcpconf.model.process import Outdated
from mcpconf.model.residue import PlaceAnswer
from mcpconf.model.state import State
from mcpconf.observe import applied_folders, observe
from mcpconf.ports import Documents, Machine
from mcpconf.premises import believed, bound, header, origin, settled, undisturbed, unfinished
from mcpconf.reconcile import reconcile
from mcpconf.reconcile.bygone import bygones, unexplained, with_bygone
from mcpconf.reconcile.conclude import conclude
from mcpconf.reconcile.declared import names_of_servers, owners_of_sign_ins
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.gone import Taken, taken
from mcpconf.reconcile.hiding import hidden, scrubber, scrubber_of
from mcpconf.reconcile.situate import Memory, Seen, put_here, situate
from mcpconf.reconcile.situation import Choices, Situation
from mcpconf.reconcile.written import telling_word, written
from mcpconf.resolve.groups import of_machine
from mcpconf.resolve.projects import located
from mcpconf.rules import judge
from mcpconf.secrets import Scrubber
from mcpconf.system.includes import SystemDocuments
from mcpconf.system.rego import denied
from mcpconf.system.sources import bundled_keepers, bundled_rows, read_document, write_private
from mcpconf.verdict import Planned, keep

if TYPE_CHECKING:
    from mcpconf.importer import Imported
    from mcpconf.reconcile.rendering import Rendering
    from mcpconf.report.diff import EditedFile

LOCK_SECONDS = 30.0

Source: TypeAlias = str | LoadedManifest
"""The path of a manifest, or one that was read already."""

Names: TypeAlias = Mapping[str, frozenset[str]]
"""Of servers that each host has or had: what its approvals may be about."""

Answer = Literal["yes", "no", "not asked"]
Confirm = Callable[[Plan, Scrubber], Answer]
"""Tells whether to go on, and whether a person has seen the plan."""


@dataclass(frozen=True, slots=True)
class Aim:
    """Turns what the manifest asks of a machine into what something else asks of it, such as an earlier generation.

    `folders` are projects to look at beside those that the manifest names and those that something of ours lies in.
    """

    turn: Callable[[Situation], Situation] = lambda asked: asked
    folders: tuple[str, ...] = ()


AT_THE_MANIFEST = Aim()


def manifest(path: Source, documents: Documents | None = None) -> LoadedManifest:
    """Read and check a manifest. Raises McpconfError (exit 1) with every problem found."""
    if isinstance(path, LoadedManifest):
        return path
    documents = documents or SystemDocuments()
    return load_manifest(documents.manifest(path), path, known_hosts=bundled_rows(), included=documents)


def pin(
    loaded: LoadedManifest, documents: Documents, machine: Machine | None = None
) -> tuple[LoadedManifest, Supplied]:
    """The manifest with what its lock says filled in, and what the lock says. Raises McpconfError (exit 1)."""
    file = lock_path(loaded.file)
    data = documents.lock(file)
    lock = None if data is None else load_lock(data, file)
    hosts = no_files if machine is None else host_files(bundled_rows().values(), machine)
    pins = pinned(loaded.manifest, lock, machine, hosts)
    differences = () if lock is None else stale(loaded.manifest, lock)
    digest = None if data is None else digest_bytes(data)
    found = Supplied(lock, file, digest, differences, pins.unmet, approvals=approvals_beside(loaded.file, documents))
    return replace(loaded, manifest=pins.manifest, written=loaded.manifest), found


def plan(machine: Machine, path: Source, choices: Choices | None = None, aim: Aim = AT_THE_MANIFEST) -> Planned:
    """Load -> pin -> narrow -> locate -> observe -> resolve -> aim -> reconcile -> judge -> conclude. Creates no file."""
    machine = replace(machine, files=machine.files.still())
    store = Store.of(machine)
    loaded, supplied = pin(manifest(path, machine.documents), machine.documents, machine)
    choices = choices or Choices()
    mine = of_machine(loaded.manifest, machine.facts)
    found = located(mine.manifest, bundled_rows(), machine.facts, machine.files)
    loaded = replace(loaded, manifest=found.manifest)
    state, warnings = store.load()
    if choices.revoking is not None:
        state = state.with_revoked(choices.revoking)
    folders = [*(project.path for project in loaded.manifest.projects), *applied_folders(state), *aim.folders]
    memory = Memory(state, store.key(), warnings)
    supplied = replace(stored(loaded.manifest, supplied, machine, memory.key, bundled_rows()), live=choices.live or {})

    def looked(names: Names, bygone: Sequence[Bygone] = ()) -> Situation:
        signed_in = SignedIn(bundled_keepers(), owners_of_sign_ins(loaded.manifest, state, bygone))
        observed = observe(machine, bundled_rows(), folders, names, signed_in)
        observed = replace(observed, problems=(*observed.problems, *found.problems, *unfinished(store)))
        return aim.turn(situate(machine, loaded, bundled_rows(), Seen(observed, memory, choices, supplied)))

    names = names_of_servers(loaded.manifest, state, bundled_rows())
    situation = _in_hindsight(machine, loaded, names, looked)
    draft = reconcile(situation)
    left = taken(situation, draft)
    places = _lingering(machine, situation, draft, left) if any(left) else ()
    belief = believed(machine, loaded, supplied, state)
    evidence = replace(loaded.evidence(situation, draft), doubts=belief.doubts, denied=denied)
    evidence = replace(evidence, outdated=_outdated(machine, situation), returned=returned(store, state, draft))
    told = header(machine, store, loaded, state, mine.groups)
    come = {"lock_digest": supplied.digest, "signature": belief.signer, "until": belief.until}
    told = replace(told, origin=told.origin.model_copy(update=come))
    return Planned(
        conclude(situation, draft, judge(evidence), told),
        scrubber(situation),
        hidden(situation),
        frozenset({store.folder, *(file.location.path for file in situation.observed.files)}),
        tuple(layer.file for layer in loaded.layers),
        places,
        left.gone,
    )


def _lingering(machine: Machine, situation: Situation, draft: Draft, left: Taken) -> tuple[PlaceAnswer, ...]:
    """What is left of what is gone, beside the files of hosts. Those places cost time, and are asked only then."""
    from mcpconf.residue import linger, surroundings

    return linger(surroundings(machine, bundled_rows(), situation, left), situation, draft, left)


def _outdated(machine: Machine, situation: Situation) -> tuple[Outdated, ...]:
    """Of servers that mcpconf wrote: what still runs as it was before. What cannot be seen is told elsewhere."""
    servers = tuple(written(situation))
    words = sorted({telling_word(server.identity) for server in servers} - {""})
    running = machine.processes.older(max(server.since for server in servers), *words) if words else None
    if not running or isinstance(running, Problem):
        return ()
    from mcpconf.residue import surroundings
    from mcpconf.residue.outdated import outdated

    return tuple(outdated(surroundings(machine, bundled_rows(), situation), servers, running))


def _in_hindsight(
    machine: Machine, loaded: LoadedManifest, names: Names, looked: Callable[[Names, Sequence[Bygone]], Situation]
) -> Situation:
    """With what earlier commits tell of the unexplained. Names that only they know may give an approval another meaning."""
    situation = looked(names, ())
    if not any(wanted := unexplained(situation)):
        return situation
    from mcpconf.hindsight import look_back

    def as_it_was(documents: Documents, path: str) -> Iterator[Bygone]:
        then, supplied = pin(manifest(path, documents), documents, machine)
        mine = located(of_machine(then.manifest, machine.facts).manifest, bundled_rows(), machine.facts, machine.files)
        then = replace(then, manifest=mine.manifest)
        desired = put_here(machine, then, bundled_rows(), situation.observed, supplied)
        yield from bygones(situation, then.manifest, desired)

    found = look_back(machine.history.past(loaded.file), [item.file for item in loaded.layers], wanted, as_it_was)
    more = with_bygone(names, found.bygone)
    again = more != names or wanted.marks
    return replace(looked(more, found.bygone) if again else situation, hindsight=found)


def apply(
    machine: Machine,
    path: Source,
    confirm: Confirm,
    choices: Choices | None = None,
    lock_seconds: float = LOCK_SECONDS,
) -> Outcome:
    """Plan, ask, and execute under the machine's lock. What would start something that is not in the store is held."""
    choices = replace(choices or Choices(), installed=True)
    outcome = carry_out(machine, lambda: plan(machine, path, choices), confirm, lock_seconds)
    if outcome.end == "applied" and isinstance(path, str):
        keep(machine, path, lambda recorded: plan(recorded, path))
    return outcome


def carry_out(
    machine: Machine, planned: Callable[[], Planned], confirm: Confirm, lock_seconds: float = LOCK_SECONDS
) -> Outcome:
    """Ask about a plan that is made under the machine's lock, and execute it."""
    from mcpconf.transaction import apply as execute

    store = Store.of(machine)
    store.prepare()
    with machine.locks.exclusive(store.lock, lock_seconds):
        settled(store)
        made = planned()
        answer = confirm(made.plan, made.scrubber)
        if answer == "no":
            return Outcome(end="declined", exit_code=ExitCode.STALE, serial=made.plan.state.serial)
        with undisturbed(machine, bundled_rows(), made.plan, lock_seconds):
            return execute(store, made.plan, store.load()[0], seen=answer == "yes")


def apply_saved(machine: Machine, path: str, lock_seconds: float = LOCK_SECONDS) -> Outcome:
    """Execute a saved plan as it is, if it was made for this machine and still fits."""
    from mcpconf.transaction import apply as execute

    store = Store.of(machine)
    saved = load_plan(read_document(path, "saved plan"), path)
    store.prepare()
    with machine.locks.exclusive(store.lock, lock_seconds):
        settled(store)
        state, _ = store.load()
        if bound(machine, store, saved, state, path):
            return Outcome(end="nothing", exit_code=ExitCode.SUCCESS, serial=state.serial)
        with undisturbed(machine, bundled_rows(), saved, lock_seconds):
            return execute(store, saved, state, seen=True)


def save_plan(machine: Machine, path: str, out: str, choices: Choices | None = None) -> Planned:
    """Plan, and keep the plan for a later apply. The machine's key is made if there is none."""
    key = Store.of(machine).prepare()
    planned = plan(machine, path, replace(choices or Choices(), installed=True))
    clean = without_secrets(planned.plan, planned.scrubber)
    sealed = {"seal": seal(key, "saved plan", clean.plan_digest)}
    write_private(out, render_plan_document(clean.model_copy(update=sealed)))
    return planned


def saved(path: str) -> Saved:
    """Read a saved plan or review to look at it; one that was edited can still be read."""
    return load_saved(read_document(path, "saved plan or review"), path)


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


def import_machine(machine: Machine, folders: Sequence[str] = (), *, pin: bool = False) -> tuple[Imported, Scrubber]:
    """A manifest of what is there, and what keeps this machine's secrets out of all that is said about it."""
    from mcpconf.importer import import_machine, secret_texts

    observed = observe(machine, bundled_rows(), folders)
    return import_machine(machine, bundled_rows(), observed, pin=pin), Scrubber(secret_texts(observed))


def render(machine: Machine, path: Source) -> tuple[Rendering, PlanOrigin, Scrubber]:
    """What a machine of these facts gets, for every host that the manifest names. Looks at none of its files."""
    from mcpconf.reconcile.rendering import rendering

    loaded, supplied = pin(manifest(path), machine.documents, machine)
    rendered = rendering(loaded, machine.facts, bundled_rows(), machine.clock.passed, supplied)
    return rendered, origin(machine, loaded), scrubber_of(item.desired.entry for item in rendered.entries)


def recover(machine: Machine, lock_seconds: float = LOCK_SECONDS) -> Outcome:
    """Settle an apply that did not come to its end."""
    from mcpconf.transaction.recover import recover as settle

    (store := Store.of(machine)).prepare()
    with machine.locks.exclusive(store.lock, lock_seconds):
        return settle(store) or Outcome(end="nothing", exit_code=0, serial=store.load()[0].serial)
