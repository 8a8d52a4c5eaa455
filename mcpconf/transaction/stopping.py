"""End processes that a plan names, once what starts them is taken away. Nothing is ended by its name or number alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mcpconf.canonical import digest, keyed
from mcpconf.documents.store import Store
from mcpconf.errors import Problem
from mcpconf.model.entry import Value
from mcpconf.model.outcome import Outcome
from mcpconf.model.plan import Plan
from mcpconf.model.process import Process
from mcpconf.model.residue import Running

_DONE = frozenset({"applied", "nothing", "held", "findings", "narrowed"})


def stopped(store: Store, plan: Plan, outcome: Outcome) -> Outcome:
    """The outcome with what was ended, and what was asked to end and runs on, or cannot be seen any more."""
    marks = [item.process for item in plan.residue if item.process is not None] if plan.stop_processes else []
    if not marks or outcome.end not in _DONE:
        return outcome
    own = store.machine.processes.own()
    if own is None or isinstance(own, Problem):
        return outcome.model_copy(update={"running": [mark.pid for mark in marks]})
    ended: list[int] = []
    running: list[int] = []
    for process in _still_there(store, marks, own):
        (ended if store.machine.processes.end(process) else running).append(process.pid)
    return outcome.model_copy(update={"ended": ended, "running": running})


def _still_there(store: Store, marks: list[Running], own: Iterable[Process]) -> Iterator[Process]:
    known = {(mark.pid, mark.started, mark.arguments) for mark in marks}
    for process in own:
        if (process.pid, process.started, _arguments(store, process)) in known:
            yield process


def _arguments(store: Store, process: Process) -> str:
    key, words = store.key(), [str(Value.literal(word)) for word in process.argv]
    return keyed(key, words) if key is not None else digest(words)
