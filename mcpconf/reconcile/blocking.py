"""What findings and missing secrets keep from being made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.errors import Problem
from mcpconf.model.address import Address
from mcpconf.model.change import TERRAFORM_ACTIONS, Change, Hold
from mcpconf.model.commands import command
from mcpconf.model.finding import SEVERITIES, Finding
from mcpconf.model.installed import Installation, Missing
from mcpconf.reconcile.changes import held
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.situation import Situation
from mcpconf.reconcile.weighing import approved, too_grave
from mcpconf.resolve import UNMET


def finding_order(finding: Finding) -> tuple[int, str, str]:
    return SEVERITIES.index(finding.severity), finding.rule, finding.address


def grave(situation: Situation, finding: Finding) -> bool:
    limit = situation.policy.fail_on
    return finding.waived is None and limit != "none" and SEVERITIES.index(finding.severity) <= SEVERITIES.index(limit)


def stays(situation: Situation, finding: Finding) -> bool:
    return finding.subject == "observed" and grave(situation, finding)


def blocking(situation: Situation, findings: Sequence[Finding]) -> dict[str, Finding]:
    """The gravest finding per address about something the manifest asks for."""
    found = [item for item in findings if item.subject == "desired" and grave(situation, item)]
    return {item.address: item for item in sorted(found, key=finding_order, reverse=True)}


def hold(situation: Situation, draft: Draft, change: Change, blocked_by: dict[str, Finding]) -> Change:
    finding = blocked_by.get(change.address) or blocked_by.get(f"server:{change.server}")
    if finding is not None and change.action in ("create", "update", "replace", "conflict"):
        because = Hold(by=finding.rule, message=finding.message, hint=finding.hint, action=change.action)
        return draft.instead.get(change.address) or held(change, because)
    weight = too_grave(situation, change)
    if weight is not None:
        return draft.instead.get(change.address) or held(change, weight)
    if situation.choices.installed and change.writes:
        unfit = _unfit(change, situation.supplied.installations.get(change.server))
        if unfit is not None:
            return draft.instead.get(change.address) or held(change, unfit)
    missing = draft.unset.get(change.address)
    if missing and change.writes and not situation.choices.move_secrets:
        words = ", ".join(f"`{name}`" for name in missing)
        again = command(*situation.command, "--move-secrets")
        hint = f"set it where the host starts, or {again} writes the reference all the same"
        message = f"the literal would become a reference to {words}, which is not set here"
        return held(change, Hold(by="secret-not-set", message=message, hint=hint, code=2, action=change.action))
    return approved(situation, change)


def _unfit(change: Change, found: Installation | None) -> Hold | None:
    """What was changed in the store is a finding, which holds it before."""
    match found:
        case Missing():
            message, hint = f"`{change.server}` is not in the store", command("install", change.server)
            return Hold(by="not-installed", message=message, hint=hint, action=change.action)
        case Problem():
            message = f"`{change.server}` in the store cannot be checked: {found.message}"
            return Hold(by="not-checked", message=message, hint=found.hint, action=change.action)
        case _:
            return None


def together(changes: Sequence[Change]) -> list[Change]:
    """Approvals come, and get the new name of a server, only where its entry does."""
    holds = {(item.host, item.server): item.hold for item in changes if item.kind == "server" and item.hold is not None}

    def settled(change: Change) -> Change:
        because = holds.get((change.host, change.server))
        return (
            change
            if because is None or change.kind != "grant" or change.action not in ("create", "update")
            else held(change, because)
        )

    return [settled(change) for change in changes]


def left_out(blocked_by: dict[str, Finding], changes: Sequence[Change]) -> Iterator[Change]:
    """A binding that could not even be asked for is held in plain sight."""
    known = {change.address for change in changes}
    for text, finding in blocked_by.items():
        if text in known or text.startswith("server:"):
            continue
        address = Address.parse(text)
        because = Hold(by=finding.rule, message=finding.message, hint=finding.hint, action="create")
        yield Change(
            address=text,
            server=address.server,
            host=address.host,
            action="held",
            actions=TERRAFORM_ACTIONS["held"],
            reason="not_locked" if finding.rule == UNMET else "cannot_be_asked",
            where=str(finding.where or ""),
            hold=because,
        )
