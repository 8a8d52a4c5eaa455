"""From a judged draft to the plan: what is held, what is targeted, what it adds up to, which exit code that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mcpconf.canonical import digest
from mcpconf.errors import ExitCode
from mcpconf.model.base import Json
from mcpconf.model.change import ACTIONS, Change
from mcpconf.model.commands import followed
from mcpconf.model.finding import Finding, Waived
from mcpconf.model.origin import PlanMachine, PlanOrigin, PlanState
from mcpconf.model.plan import (
    Declared,
    Drift,
    Ignored,
    NotEnforced,
    Plan,
    PlanFinding,
    PlanWaiver,
    Summary,
    Unknown,
)
from mcpconf.reconcile.blocking import blocking, finding_order, grave, hold, left_out, stays, together
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.drift import advice
from mcpconf.reconcile.pinning import held_back, pin, pinned_afterwards
from mcpconf.reconcile.remembering import kept_records
from mcpconf.reconcile.scope import Scope
from mcpconf.reconcile.sharing import joined
from mcpconf.reconcile.situation import Situation
from mcpconf.reconcile.stored import held_against, stored


@dataclass(frozen=True, slots=True)
class Header:
    """What a plan says about itself."""

    version: str
    origin: PlanOrigin
    machine: PlanMachine
    state: PlanState


def conclude(situation: Situation, draft: Draft, findings: Sequence[Finding], header: Header) -> Plan:
    """Hold what findings block, number all changes, keep the targeted ones, and count."""
    blocked_by = blocking(situation, findings)
    changes = together([hold(situation, draft, change, blocked_by) for change in draft.changes])
    changes += left_out(blocked_by, changes)
    pinned = pin(situation, header.origin)
    ordered = sorted(joined([held_back(change, pinned) for change in changes], situation.rules), key=_order)
    changes = [change.model_copy(update={"index": number}) for number, change in enumerate(ordered, 1)]
    scope = Scope(situation, changes)
    chosen = [change for change in changes if scope.chooses(change)]
    unread = unknowns(situation, draft)
    drift = _drift(draft, scope, changes, _let_be(findings), situation.command)
    remains = sorted((item for item in draft.residue if scope.covers(item.address)), key=lambda left: left.address)
    drifted = sum(item.counted for item in drift)
    summary = _summary(situation, draft, chosen, _Counts(len(unread), drifted, len(remains), _waived(findings)))
    document_blocked = any(item.subject == "document" and grave(situation, item) for item in findings)
    withheld = sorted(address for address in draft.withheld if scope.covers(address))
    blocked = document_blocked or bool(blocked_by or withheld) or _stopped(situation, chosen, findings)
    plan = Plan(
        mcpconf_version=header.version,
        purpose=situation.purpose,
        rollback=situation.rollback,
        pinned=pinned.generation if pinned is not None else None,
        origin=header.origin,
        machine=header.machine,
        state=header.state,
        **_chosen(situation),
        changes=chosen,
        drift=drift,
        unmanaged=sorted(draft.unmanaged, key=lambda item: item.address),
        residue=remains,
        withheld=withheld,
        artifacts=stored(situation),
        advisories=held_against(situation),
        unknowns=unread,
        ignored=_ignored(situation, draft),
        findings=[planned_finding(finding) for finding in sorted(findings, key=finding_order)],
        declared=_redeclared(situation),
        declared_not_enforced=_not_enforced(situation),
        history_unknown=situation.hindsight.unknown,
        warnings=[f"{item.where}: {item.message}" for item in situation.warnings],
        records=kept_records(situation, draft, chosen, changes).model_copy(update=_afterwards(situation, header)),
        summary=summary,
        complete=not unread,
        blocked=document_blocked,
        exit_code=_exit_code(blocked=blocked, incomplete=bool(unread), changed=False),
        detailed_exit_code=_exit_code(blocked=blocked, incomplete=bool(unread), changed=_changed(summary)),
    )
    return plan.model_copy(update={"plan_digest": plan_digest(plan)})


def _chosen(situation: Situation) -> dict[str, Any]:
    """What was said on the command line, and what the plan is therefore about."""
    choices = situation.choices
    return {
        "targets": list(choices.targets),
        "excludes": list(choices.excludes),
        "stop_processes": choices.stop_processes,
    }


def _stopped(situation: Situation, chosen: Sequence[Change], findings: Sequence[Finding]) -> bool:
    """Whether the policy holds a change, or stops at something that is found on the machine and stays."""
    held = any(item.hold and item.hold.code == 3 for item in chosen)
    return held or any(item.rule in situation.policy.observed and stays(situation, item) for item in findings)


def plan_digest(plan: Plan) -> str:
    """The seal of a plan: over everything but itself."""
    return digest(plan.model_dump(exclude={"plan_digest", "seal"}))


_RANK = {"critical": 0, "high": 1, "medium": 2, "low": 3}


def _order(change: Change) -> tuple[int, int, str]:
    worst = min((_RANK[item.severity] for item in change.privilege if item.direction != "narrower"), default=4)
    return worst, ACTIONS.index(change.action), change.address


def _drift(
    draft: Draft, scope: Scope, changes: Sequence[Change], let_be: Collection[str], words: Sequence[str]
) -> list[Drift]:
    """What of it this plan covers, with what it really does about it. What stays and is waived does not count."""
    left = {text for change in changes if not change.writes or not scope.chooses(change) for text in change.addresses}
    found = [
        item.model_copy(update={"will": "held"}) if item.will == "revert" and item.address in left else item
        for item in draft.drift
        if scope.covers(item.address)
    ]
    counted = [
        item.model_copy(
            update={
                "counted": item.counted and not (item.will == "nothing" and item.id in let_be),
                "hint": advice(item, words),
            }
        )
        for item in found
    ]
    return sorted(counted, key=lambda item: (_RANK[item.severity], item.address, item.id))


def unknowns(situation: Situation, draft: Draft) -> list[Unknown]:
    """What could not be checked. A file that several hosts read is told once, for a host whose file it is to write."""
    files = [file for file in (*situation.observed.files, *situation.observed.stores) if file.problem is not None]
    owned = {file.location.path for file in files if file.location.write}
    found = [
        Unknown(
            address=f"{file.location.host}/{file.location.scope}",
            kind=file.problem.kind,
            reason=file.problem.message,
            where=str(file.problem.where or file.location.path),
            hint=followed(file.problem.hint),
        )
        for file in files
        if file.problem is not None and (file.location.write or file.location.path not in owned)
    ]
    found += [
        Unknown(address="", kind=item.kind, reason=item.message, where=str(item.where or ""), hint=followed(item.hint))
        for item in (*situation.observed.problems, *draft.problems.values())
    ]
    return sorted(found, key=lambda item: (item.where, item.address))


def _ignored(situation: Situation, draft: Draft) -> list[Ignored]:
    """What was not compared: what is the host's own, counted; foreign keys in entries of ours; what the manifest lets be."""
    count = sum(entry.runtime for entry in situation.observed.entries)
    wanted = {entry.address for entry in situation.desired.entries}
    foreign = [
        Ignored(rule="foreign-key", count=len(entry.foreign), where=str(entry.address))
        for entry in situation.observed.entries
        if entry.foreign and entry.address in wanted
    ]
    let_be = [
        Ignored(
            rule="ignore",
            count=count,
            where=f"{item.target}#{item.field}" if item.field else item.target,
            reason=item.reason,
            expires=item.expires,
        )
        for item, count in Counter(item for item, _ in draft.ignored).items()
    ]
    own = (("host-runtime", count), ("no-server", len(situation.observed.others)))
    return [*(Ignored(rule=rule, count=count) for rule, count in own if count), *foreign, *let_be]


def _let_be(findings: Sequence[Finding]) -> set[str]:
    return {finding.drift for finding in findings if finding.waived is not None and finding.drift}


def _waived(findings: Sequence[Finding]) -> int:
    return sum(finding.waived is not None for finding in findings)


def _afterwards(situation: Situation, header: Header) -> dict[str, object]:
    """What the state becomes beside its entries."""
    return {"pinned": pinned_afterwards(situation, header.origin), "declared": _limits(situation)}


def _redeclared(situation: Situation) -> list[Declared]:
    return list(situation.redeclared) if _is_of_manifest(situation) else []


def _is_of_manifest(situation: Situation) -> bool:
    return situation.purpose == "apply" and situation.rollback is None


def _limits(situation: Situation) -> dict[str, dict[str, Json]] | None:
    """A plan of a part leaves what is known of the rest."""
    whole = not (situation.choices.targets or situation.choices.excludes)
    return dict(situation.limits) if whole and _is_of_manifest(situation) else None


def _not_enforced(situation: Situation) -> list[NotEnforced]:
    if not situation.bounds:
        return []
    from mcpconf.reconcile.bounds import unenforced

    return [NotEnforced(server=name, dimensions=list(found)) for name, found in unenforced(situation).items()]


class _Counts(NamedTuple):
    unknown: int
    drift: int
    residue: int
    waived: int


def _summary(situation: Situation, draft: Draft, chosen: Sequence[Change], counted: _Counts) -> Summary:
    counts = {action: sum(change.action == action for change in chosen) for action in ACTIONS}
    counts["unknown"] = max(counts["unknown"], counted.unknown)
    wanted = {host for host, _ in situation.reach}
    return Summary(
        **counts,
        drift=counted.drift,
        residue=counted.residue,
        kept=len(draft.kept),
        converged=draft.converged,
        waived=counted.waived,
        unmanaged=sum(not item.removed for item in draft.unmanaged),
        servers=len({entry.server for entry in situation.desired.entries}),
        hosts=len({entry.address.host for entry in situation.desired.entries}),
        bindings=len(situation.desired.entries),
        not_installed=sum(host.host in wanted and not host.installed for host in situation.observed.hosts),
    )


def _changed(summary: Summary) -> bool:
    counted = ("create", "update", "replace", "delete", "revoke", "conflict", "held", "drift", "residue")
    return any(getattr(summary, name) for name in counted)


def _exit_code(*, blocked: bool, incomplete: bool, changed: bool) -> int:
    if blocked:
        return ExitCode.BLOCKED
    if incomplete:
        return ExitCode.INCOMPLETE
    return ExitCode.CHANGES if changed else ExitCode.SUCCESS


def planned_finding(finding: Finding) -> PlanFinding:
    return PlanFinding(
        rule=finding.rule,
        severity=finding.severity,
        subject=finding.subject,
        address=finding.address,
        message=finding.message,
        hint=finding.hint,
        where=str(finding.where or ""),
        evidence=finding.evidence,
        fingerprint=finding.fingerprint,
        waived=_waiver(finding.waived) if finding.waived is not None else None,
    )


def _waiver(waived: Waived) -> PlanWaiver:
    return PlanWaiver(reason=waived.reason, expires=waived.expires, where=str(waived.where or ""))
