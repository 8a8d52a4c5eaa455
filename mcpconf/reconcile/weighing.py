"""What `policy.privilege` says to a change, by the gravest thing that it lets a server do."""

from __future__ import annotations

from mcpconf.model.change import Change, Hold, Privilege
from mcpconf.model.commands import command
from mcpconf.permissions import SEVERITIES
from mcpconf.reconcile.situation import Situation


def too_grave(situation: Situation, change: Change) -> Hold | None:
    """Why a change may not be made, or not yet. What is only narrower always may."""
    worst = _gravest(change)
    word = situation.policy.privilege.get(worst.severity) if worst is not None else None
    if worst is None or word is None or _is_approved(situation, worst):
        return None
    told = f"{worst.dimension}: {worst.text}"
    if word == "block":
        message = f"`policy.privilege` blocks what is {worst.severity}: {told}"
        return Hold(
            by="privilege",
            message=message,
            hint="let it do less, or change the policy, then `mcpconf plan`",
            action=change.action,
        )
    message = f"`policy.privilege` wants it approved, as it is {worst.severity}: {told}"
    again = command(*situation.command, "--max-privilege", worst.severity)
    return Hold(by="privilege", message=message, hint=f"{again} approves it", action=change.action)


def approved(situation: Situation, change: Change) -> Change:
    """The change with the severity that somebody approved, where the policy asks for that."""
    worst = _gravest(change)
    if not change.writes or worst is None or situation.policy.privilege.get(worst.severity) != "approve":
        return change
    return change.model_copy(update={"approved": worst.severity})


def _gravest(change: Change) -> Privilege | None:
    wider = [item for item in change.privilege if item.direction != "narrower"] if change.writes else []
    return min(wider, key=lambda item: SEVERITIES.index(item.severity), default=None)


def _is_approved(situation: Situation, worst: Privilege) -> bool:
    limit = situation.choices.max_privilege
    if limit is None or situation.policy.privilege.get(worst.severity) != "approve":
        return False
    return SEVERITIES.index(limit) <= SEVERITIES.index(worst.severity)
