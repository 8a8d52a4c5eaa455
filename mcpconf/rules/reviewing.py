"""Rules about a change of the manifest before it is merged, and about whose it is."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.permissions.access import PUBLISHER, AccessChange, Demand
from mcpconf.rules.frame import Evidence, Hit, Rule

_TOLD = ("critical", "high")
_SHOWN = 12
"""People that are named."""


def _unapproved(evidence: Evidence) -> Iterator[Hit]:
    for change in evidence.access:
        asked = change.direction != "narrower" or change.demand is not None
        if not asked or (change.demand is not None and change.demand.met):
            continue
        if change.demand is None and (change.severity not in _TOLD or change.dimension == PUBLISHER):
            continue
        yield _hit(change)


def _hit(change: AccessChange) -> Hit:
    message = f"{change.severity}: {change.dimension}: {change.text}"
    if change.demand is None:
        hint = "look at it; `policy.privilege` and `policy.approvals` say who must approve what"
        return Hit("desired", change.address, message, hint, change.where, severity="warning")
    return Hit("desired", change.address, message, hint_of(change.demand), change.where, demanded=True)


def hint_of(demand: Demand) -> str:
    if demand.blocked:
        return "`policy.privilege` of the base blocks it: let it do less, or change the policy first, in a change of its own"
    return f"to be approved by {wanted(demand)}"


def wanted(demand: Demand) -> str:
    """`2 of ada, grace and 1 member`."""
    return " and ".join(_group(count, names) for count, names in demand.wanted)


def _group(count: int, names: tuple[str, ...]) -> str:
    if not names:
        return f"{count} member" if count == 1 else f"{count} members"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{count} of {', '.join(names[:_SHOWN])}{more}"


def _doubted(evidence: Evidence) -> Iterator[Hit]:
    for doubt in evidence.doubts:
        problem = doubt.problem
        yield Hit(
            "document",
            "manifest",
            problem.message,
            problem.hint,
            problem.where,
            severity="error" if doubt.binding else None,
            demanded=doubt.binding,
        )


RULES = (
    Rule(
        id="MCP201",
        title="privilege increase that nobody approved",
        severity="error",
        threat="privilege persistence",
        owasp="MCP02:2025",
        check=_unapproved,
        what="In `mcpconf check`: something that a change lets servers do, or lets the policy pass, and that `policy.privilege` or `policy.approvals` of the base wants approved by somebody who has not, or blocks. A grave change that no policy asks about is a warning.",
        why="A bump of a version or one more path among many lines is how a server gets to do more than anybody decided.",
        example="args: [~/work] becomes args: [~] in a pull request that nobody of `approvers` approved",
        fix="have it approved, or let it do less",
    ),
    Rule(
        id="MCP803",
        title="manifest that nobody who may signed",
        severity="warning",
        threat="configuration drift",
        owasp="MCP08:2025",
        check=_doubted,
        what="Where a machine says whom it believes (`trust` in its `machine.yaml`): a manifest whose commit none of them signed, that was changed since, that comes before the one applied last, or that is too old. Then nothing is written. In `mcpconf check`: commits of a change that none of `policy.signers` of the base signed; an error with `policy.require: [signature]`.",
        why="Whoever can write to the repository, or to the way from it to the machine, could say what every machine runs, or bring back what was revoked.",
        example="trust: {signers: {ada: ssh-ed25519 AAAA...}} and a commit without a signature",
        fix="have it signed by one of the signers",
    ),
)
