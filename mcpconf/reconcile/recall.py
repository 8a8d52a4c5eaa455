"""What follows from a revocation on this machine: what is taken away, what a person must take away, what is not written."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.model.address import GRANT
from mcpconf.model.change import Change, Hold
from mcpconf.model.commands import command
from mcpconf.model.observed import ObservedEntry
from mcpconf.model.residue import Residue
from mcpconf.model.state import Applied, Revoked
from mcpconf.reconcile.changes import Builder, held
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.drift import came_back
from mcpconf.reconcile.places import place
from mcpconf.reconcile.revocation import editable, residue
from mcpconf.reconcile.revoked import Found, RevokedHere
from mcpconf.reconcile.situation import Situation

REASON = "revoked_locally"


def end_here(
    situation: Situation, builder: Builder, draft: Draft, item: tuple[ObservedEntry, Found, Applied | None]
) -> None:
    """Delete the entry, or say who must, or who must decide."""
    entry, found, applied = item
    if not found.certain:
        draft.residue.append(_another_form(entry, found.by))
    elif editable(situation, entry):
        draft.changes.append(builder.delete(entry, REASON, applied))
        draft.drift.append(came_back(str(entry.address), place(entry)))
    else:
        message = f"`{found.by.target}` {told(found.by)}, and this is it"
        draft.residue.append(residue(entry, message, found.by.server))


def _another_form(entry: ObservedEntry, revoked: Revoked) -> Residue:
    """With other arguments it may be somebody's own."""
    return Residue(
        address=str(entry.address),
        server=revoked.server or entry.address.server,
        message=f"the same as `{revoked.target}`, which {told(revoked)}, but with another command line or variables",
        where=place(entry),
        instruction=f"{command('revoke', str(entry.address))} if it must go too, or list it under `released`",
    )


def withheld(builder: Builder, draft: Draft, here: RevokedHere) -> Iterator[Change]:
    """What the manifest asks for all the same: held where there is nothing to take away, and never written."""
    draft.withheld |= {str(address) for address in here.wished}
    told_of = {change.address for change in draft.changes} | {item.address for item in draft.residue}
    for entry in here.situation.desired.entries:
        revoked = here.wished.get(entry.address)
        if revoked is not None and str(entry.address) not in told_of:
            yield held(builder.create(entry, REASON), because(revoked))


def withhold_approvals(draft: Draft, here: RevokedHere) -> None:
    """An entry that would bring a revoked approval back is not written, and not taken for what is no longer wanted either."""
    approving = {}
    for entry in here.situation.desired.entries:
        revoked = here.approving(entry) if entry.address not in here.wished else None
        if revoked is not None:
            approving[str(entry.address)] = revoked
    draft.withheld |= approving.keys()
    for index, change in enumerate(draft.changes):
        if change.address in approving and change.action in ("create", "update", "replace"):
            hold = because(approving[change.address]).model_copy(update={"action": change.action})
            draft.changes[index] = held(change.model_copy(update={"reason": REASON}), hold)


def because(revoked: Revoked) -> Hold:
    undo = command("revoke", "--undo", revoked.target)
    what = (
        "the approval"
        if revoked.part or revoked.address.startswith(GRANT)
        else f"`{revoked.server}`"
        if revoked.server
        else "it"
    )
    hint = f"take {what} out of the manifest, or {undo}"
    return Hold(by=REASON, message=told(revoked), hint=hint, action="create")


def told(revoked: Revoked) -> str:
    """Who, when and why."""
    why = f": {revoked.reason}" if revoked.reason else ""
    return f"was revoked here on {revoked.since[:10]} by {revoked.by}{why}"
