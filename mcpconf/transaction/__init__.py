"""Execute a plan: exactly its edits, in two phases, with a journal. Decides nothing.

How it ends tells what the machine's files hold: `stale` (4) as before; `narrowed` (5) less than before, or as before;
`recover` (6) between, with a journal that tells the way back; anything else what the plan says.
"""

from __future__ import annotations

from collections.abc import Sequence

from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode
from mcpconf.model.change import Change
from mcpconf.model.outcome import Failure, Outcome
from mcpconf.model.plan import Plan
from mcpconf.model.state import State
from mcpconf.transaction import generations
from mcpconf.transaction import journal as journals
from mcpconf.transaction.commit import change, narrow
from mcpconf.transaction.journal import Journal, Ledger
from mcpconf.transaction.preconditions import StaleError
from mcpconf.transaction.prepare import Prepared, prepare_all, works
from mcpconf.transaction.recover import Settled, recover, settle
from mcpconf.transaction.remember import keep_owned, log, remembered, stamped
from mcpconf.transaction.stopping import stopped

_SPACE = "check free space and permissions, then apply again"


def apply(store: Store, plan: Plan, state: State, *, seen: bool) -> Outcome:
    """Make the plan true. The caller holds the lock and has settled any unfinished apply.

    `seen` says that a person has looked at the plan. Whatever is raised, the files are settled first, as far as it goes.
    """
    held = [item.address for item in plan.changes if item.action in ("held", "conflict", "unknown")]
    held += [address for address in plan.withheld if address not in held]
    outcome = Outcome(end="nothing", exit_code=ExitCode.SUCCESS, serial=state.serial, held=held)
    if plan.blocked:
        return outcome.model_copy(update={"end": "blocked", "exit_code": ExitCode.BLOCKED})
    conflict = any(item.action == "conflict" for item in plan.changes)
    due = [item for item in plan.changes if item.writes]
    writes = [item for item in due if not conflict or item.phase == 1]
    left = [item.address for item in due if conflict and item.phase != 1]
    outcome = outcome.model_copy(update={"not_attempted": left})
    try:
        prepared = prepare_all(store.machine.files, works(writes, store.machine.facts), store.key())
    except StaleError as error:
        problem = error.problem
        return _refused(outcome, str(problem.where or ""), problem.message, problem.hint)
    if conflict and not writes:
        return outcome.model_copy(update={"end": "stale", "exit_code": ExitCode.STALE})
    run = _Run(store, plan, state, seen=seen)
    outcome = run.execute(writes, prepared, outcome) if writes else run.finish(outcome)
    return stopped(store, plan, _pruned(store, outcome))


def _refused(outcome: Outcome, file: str, message: str, hint: str = "") -> Outcome:
    failure = Failure(file=file, message=message, hint=hint)
    return outcome.model_copy(update={"end": "stale", "exit_code": ExitCode.STALE, "failures": [failure]})


def _pruned(store: Store, outcome: Outcome) -> Outcome:
    """Old pre-images are deleted by every apply, so that their days are kept. A failure is told, and tried again next time."""
    if outcome.end == "recover":
        return outcome
    try:
        generations.prune(store)
    except OSError as error:
        message = f"an expired pre-image could not be deleted ({_words(error)})"
        failure = Failure(file=store.path(generations.FOLDER), message=message)
        return outcome.model_copy(update={"failures": [*outcome.failures, failure]})
    return outcome


class _Run:
    """One apply of one plan."""

    def __init__(self, store: Store, plan: Plan, state: State, *, seen: bool) -> None:
        self.store = store
        self.plan = plan
        self.state = state
        self.seen = seen

    def execute(self, writes: Sequence[Change], prepared: list[Prepared], outcome: Outcome) -> Outcome:
        store = self.store
        try:
            ledger = journals.begin(store, self.plan, prepared, self.state)
        except OSError as error:
            refused = _refused(outcome, store.folder, f"no journal could be written ({_words(error)})", _SPACE)
            return refused if journals.load(store) is None else _to_recover(refused)
        try:
            failures, settled = self._commit(ledger, prepared)
            return self.finish(self._told(ledger.journal, writes, failures, settled, outcome), ledger.journal)
        except BaseException:
            recover(store)
            raise

    def _commit(self, ledger: Ledger, prepared: list[Prepared]) -> tuple[list[Failure], Settled]:
        """Both phases. Gives what failed, and what was put back for that."""
        key, touched = self.store.prepare(), [item.work for item in prepared]
        failures = narrow(ledger, touched, key)
        if failures:
            return failures, Settled()
        try:
            ledger.mark("changing")
            failures = change(ledger, touched, key)
            if not failures:
                ledger.mark("written")
                return [], Settled()
        except OSError as error:
            message = f"the journal could not be written ({_words(error)})"
            failures = [Failure(file=self.store.path(journals.NAME), message=message, hint=_SPACE)]
        return failures, settle(self.store, ledger.journal)

    def _told(
        self, journal: Journal, writes: Sequence[Change], failures: list[Failure], settled: Settled, outcome: Outcome
    ) -> Outcome:
        """What is in effect now, as the files themselves say, and how the apply ends for that."""
        effective = journals.in_effect(self.store.machine.files, journal, self.store.key())
        applied = [item for item in writes if item.address in effective]
        missing = [item for item in writes if item.address not in effective]
        back = {change.address for file in journal.files if file.path in settled.undone for change in file.changes}
        lost = [] if failures else [_lost(item) for item in missing]
        end, code = "applied", ExitCode.SUCCESS
        if settled.waiting or lost:
            end, code = "recover", ExitCode.RECOVER
        elif failures:
            end, code = ("narrowed", ExitCode.NARROWED) if applied else ("stale", ExitCode.STALE)
        untouched = [item.address for item in missing if item.address not in back]
        update = {
            "end": end,
            "exit_code": code,
            "applied": [item.address for item in applied],
            "not_attempted": [*untouched, *outcome.not_attempted] if failures else outcome.not_attempted,
            "rolled_back": [item.address for item in missing if item.address in back],
            "files": sorted({item.file for item in applied}),
            "failures": [*failures, *settled.waiting, *settled.failed, *lost],
            "restart": sorted({item.restart for item in applied if item.restart}),
        }
        return outcome.model_copy(update=update)

    def finish(self, outcome: Outcome, journal: Journal | None = None) -> Outcome:
        """Write the state if it says anything new, and the log; then the journal has served."""
        store, outcome = self.store, self._ended(outcome)
        try:
            if outcome.end == "stale" and journal is not None:
                generations.drop(store, journal.generation)
            elif outcome.end != "recover" or (journal is not None and journal.phase == "written"):
                outcome = self._saved(outcome, journal)
            if journal is not None or outcome.serial != self.state.serial:
                log(store, self.plan, outcome)
            if journal is not None and outcome.end != "recover":
                journals.end(store)
        except OSError as error:
            message = f"what was done could not be recorded ({_words(error)})"
            failure = Failure(file=store.folder, message=message, hint=_SPACE)
            outcome = outcome.model_copy(update={"failures": [*outcome.failures, failure]})
            end, code = ("stale", ExitCode.STALE) if journal is None else ("recover", ExitCode.RECOVER)
            return outcome.model_copy(update={"end": end, "exit_code": code})
        return outcome

    def _ended(self, outcome: Outcome) -> Outcome:
        """The exit code of the whole, by precedence: what failed, narrowed, held, incomplete."""
        actions = {item.action for item in self.plan.changes}
        if outcome.exit_code != ExitCode.SUCCESS:
            return outcome
        if "conflict" in actions:
            return outcome.model_copy(update={"end": "narrowed", "exit_code": ExitCode.NARROWED})
        if "held" in actions or self.plan.exit_code == ExitCode.BLOCKED:
            end = "held" if "held" in actions or self.plan.withheld else "findings"
            return outcome.model_copy(update={"end": end, "exit_code": ExitCode.BLOCKED})
        return outcome if self.plan.complete else outcome.model_copy(update={"exit_code": ExitCode.INCOMPLETE})

    def _saved(self, outcome: Outcome, journal: Journal | None) -> Outcome:
        """Raises OSError."""
        state, number = self.state, 0
        if journal is not None:
            number = journal.generation
            generation = generations.load(self.store, number)
            literal = [image for image in generation.images if image.literal] if generation is not None else []
            backups = [self.store.path(image.name) for image in literal]
            expires = max((image.expires for image in literal), default="")
            outcome = outcome.model_copy(update={"backups": backups, "expires": expires})
        new = remembered(self.plan, state, outcome, journal, seen=self.seen)
        if new == state and not outcome.applied:
            return outcome
        done = [change for change in self.plan.changes if change.address in outcome.applied]
        new = stamped(new, done, self.store.machine.clock.now())
        whole = outcome.exit_code in (ExitCode.SUCCESS, ExitCode.BLOCKED, ExitCode.INCOMPLETE)
        update = {"serial": max(state.serial + 1, number), "plan": self.plan.plan_digest if whole else state.plan}
        new = new.model_copy(update=update)
        if outcome.applied or new.entries != state.entries:
            keep_owned(self.store, self.plan, state, new, outcome)
        self.store.save(new)
        return outcome.model_copy(update={"serial": new.serial})


def _lost(change: Change) -> Failure:
    message = f"`{change.address}` was written, and overwritten by another program at once"
    return Failure(file=change.file, message=message, hint="close the host, then apply again")


def _to_recover(outcome: Outcome) -> Outcome:
    return outcome.model_copy(update={"end": "recover", "exit_code": ExitCode.RECOVER})


def _words(error: OSError) -> str:
    return error.strerror or str(error)
