"""Going back: a plan for what was ours after an earlier apply, made and applied like any other."""

from __future__ import annotations

from mcpconf import operations
from mcpconf.documents.store import Store
from mcpconf.errors import Where
from mcpconf.model.address import Address
from mcpconf.model.outcome import Outcome
from mcpconf.operations import LOCK_SECONDS, Aim, Confirm
from mcpconf.ports import Machine
from mcpconf.reconcile.returning import Returning
from mcpconf.reconcile.situation import Choices
from mcpconf.recourse.history import generation
from mcpconf.system.sources import bundled_rows
from mcpconf.transaction.owned import path_of
from mcpconf.verdict import Planned


def plan(machine: Machine, path: operations.Source, number: int, choices: Choices | None = None) -> Planned:
    """What going back would do. Raises McpconfError (exit 1) if nothing is kept of the generation, or it cannot be read."""
    values = generation(machine, number)
    where = Where(path_of(Store.of(machine), number))
    folders = tuple(dict.fromkeys(Address.parse(text).project for text in values.entries))
    back = Returning(values, where, bundled_rows(), machine.facts)
    return operations.plan(machine, path, choices, Aim(back.turn, tuple(folder for folder in folders if folder)))


def rollback(
    machine: Machine,
    planned: tuple[operations.Source, int, Choices | None],
    confirm: Confirm,
    lock_seconds: float = LOCK_SECONDS,
) -> Outcome:
    """Plan, ask, and go back, under the machine's lock. `planned` is what `plan` takes."""
    return operations.carry_out(machine, lambda: plan(machine, *planned), confirm, lock_seconds)
