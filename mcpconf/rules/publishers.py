"""The rule about who answers for a package: somebody else than when it was approved."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.artifacts.publishers import handovers
from mcpconf.model.finding import Severity
from mcpconf.model.lock import Publisher
from mcpconf.permissions.access import PUBLISHER
from mcpconf.rules.frame import Evidence, Hit, Rule
from mcpconf.rules.supply import known_before


def _other_hands(evidence: Evidence) -> Iterator[Hit]:
    yield from _since_applied(evidence)
    yield from _in_change(evidence)


def _since_applied(evidence: Evidence) -> Iterator[Hit]:
    """What the lock says now against what it said when this machine last took the server from it."""
    for desired, locked, applied in known_before(evidence):
        for item in handovers(applied.publisher or Publisher(), locked.publisher):
            message = f"`{desired.server}` has another publisher in the lock than when it was applied here: {item.text}"
            where = evidence.where("servers", desired.server)
            yield Hit("desired", f"server:{desired.server}", message, where=where, severity=_severity(item.wholly))


def _in_change(evidence: Evidence) -> Iterator[Hit]:
    """Where the policy wants somebody to approve it, that is told as such."""
    for change in evidence.access:
        if change.dimension == PUBLISHER and change.demand is None:
            hint = "look at who publishes it now; `policy.approvals` can say who decides, and a waiver that it is meant"
            severity = _severity(change.severity == "high")
            yield Hit("desired", change.address, change.text, hint, change.where, severity=severity)


def _severity(wholly: bool) -> Severity:  # noqa: FBT001
    return "error" if wholly else "warning"


RULES = (
    Rule(
        id="MCP003",
        title="package in other hands",
        severity="error",
        threat="name collision, installer spoofing, rug pull",
        owasp="MCP04:2025",
        check=_other_hands,
        what="Another publisher in the lock than this machine was given a server of before, or in `mcpconf check` than in the lock of the base: no owner of before is left, the repository belongs to another account, or was made anew under its name. A warning where some of the owners stay, or the account does.",
        why="Accounts are sold, lapse and are taken over; what is published then has the name and the trust of what was approved.",
        example="alice, bob  ->  mallory, for the package of a server that is locked",
        fix="look at who publishes it now; if that is meant, waive MCP003 for the server with a reason",
    ),
)
