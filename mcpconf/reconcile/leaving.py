"""What a machine is asked to be when mcpconf leaves it: nothing of ours is wanted, and all else stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.address import Address
from mcpconf.model.desired import Desired
from mcpconf.model.observed import Observed
from mcpconf.ports import Machine
from mcpconf.reconcile.merging import RowRules
from mcpconf.reconcile.situate import Memory
from mcpconf.reconcile.situation import Policy, Situation


def leaving(machine: Machine, rows: Mapping[str, HostRow], observed: Observed, memory: Memory) -> Situation:
    """No manifest has a say. What was there before, and was never written to, is not ours to remove.

    `asked` keeps equal entries at other places out of it: nothing is revoked, we only leave. `staying` keeps the approvals of
    what stays.
    """
    state, facts = memory.state, machine.facts
    staying = {Address.parse(address) for address, applied in state.entries.items() if applied.found}
    written = {address: applied for address, applied in state.entries.items() if not applied.found}
    known = {applied.identity for applied in state.entries.values()} | {mark.identity for mark in state.ended}
    return Situation(
        desired=Desired(),
        observed=observed,
        state=state.model_copy(update={"entries": written, "revoked": [], "pinned": None}),
        policy=Policy(unmanaged="keep", grants="keep"),
        asked=frozenset(known),
        staying=frozenset((address.host, address.server) for address in staying),
        rules=RowRules(rows, observed),
        tracked=cache(machine.history.tracked),
        passed_over=machine.history.ignored,
        environment=frozenset(facts.env),
        key=memory.key,
        home=facts.home,
        os=facts.os,
        past=machine.clock.passed,
        purpose="destroy",
        command=("destroy",),
        reasons={"revoked": "destroyed"},
        warnings=memory.warnings,
    )
