"""After a rollback, the manifest that was gone back from waits: nothing of it is made but what takes away."""

from __future__ import annotations

from mcpconf.model.change import Change, Hold
from mcpconf.model.commands import command
from mcpconf.model.origin import PlanOrigin
from mcpconf.model.state import Pinned
from mcpconf.reconcile.changes import held
from mcpconf.reconcile.situation import Situation


def pin(situation: Situation, origin: PlanOrigin) -> Pinned | None:
    """What the machine is pinned to while a plan of the manifest is made."""
    known = situation.state.pinned
    if situation.purpose != "apply" or situation.choices.unpin or known is None:
        return None
    return known if known.holds(origin.commit, origin.manifest_digest) else None


def pinned_afterwards(situation: Situation, origin: PlanOrigin) -> Pinned | None:
    """What the machine is pinned to once the plan is made."""
    if situation.rollback is not None:
        number = situation.rollback.generation
        return Pinned(generation=number, commit=origin.commit, manifest=origin.manifest_digest)
    return pin(situation, origin) if situation.purpose == "apply" else situation.state.pinned


def held_back(change: Change, pinned: Pinned | None) -> Change:
    if pinned is None or not change.writes or change.phase == 1:
        return change
    message = f"the machine went back to generation {pinned.generation}"
    hint = f"commit a change of the manifest, or {command('apply', '--unpin')}"
    return held(change, Hold(by="pinned", message=message, hint=hint, code=2, action=change.action))
