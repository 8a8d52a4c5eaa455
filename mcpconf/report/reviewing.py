"""What a change of the manifest lets happen, as a person and as a program reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from mcpconf.errors import Where
from mcpconf.model.finding import SEVERITIES, Finding, Waived
from mcpconf.model.plan import PlanFinding
from mcpconf.model.review import ReviewChange, ReviewDemand, ReviewReport, ReviewSide, ReviewWanted
from mcpconf.permissions.access import AccessChange, Demand, Difference, Revision
from mcpconf.permissions.change import Direction
from mcpconf.reconcile.conclude import planned_finding
from mcpconf.report.findings import finding_lines
from mcpconf.report.layout import hang, table
from mcpconf.report.style import SEVERITY_COLOURS, Style, listing, plural
from mcpconf.rules.reviewing import RULES, wanted
from mcpconf.version import __version__

SIGNS: dict[Direction, str] = {"wider": "^", "both": "<>", "narrower": "v"}
_UNAPPROVED = RULES[0].id
"""Its findings tell again what stands in the list of changes."""


def render_difference(found: Difference, style: Style) -> str:
    lines = [_title("mcpconf diff", found, style), style.paint(summary(found), _colour(found)), *_changes(found, style)]
    return "".join(f"{line}\n" for line in lines)


def render_review(found: Difference, findings: Sequence[Finding], style: Style, *, blocked: bool) -> str:
    """The verdict first, then what changes, then what rules find."""
    others = other_findings(findings)
    lines = [
        _title("mcpconf check", found, style),
        style.paint(verdict(found, others, blocked=blocked), "red" if blocked else "green"),
    ]
    lines += [style.paint(summary(found), _colour(found)), *_changes(found, style)]
    for item in sorted(others, key=lambda item: (item.waived is not None, SEVERITIES.index(item.severity))):
        lines += ["", *finding_lines(item, style)]
    return "".join(f"{line}\n" for line in lines)


def _title(command: str, found: Difference, style: Style) -> str:
    return style.paint(f"{command}   {_named(found.before, style)}  ->  {_named(found.after, style)}", "bold")


def _named(revision: Revision, style: Style) -> str:
    return listing([style.text(revision.label), revision.commit[:12]]).replace(", ", " ")


def other_findings(findings: Sequence[Finding]) -> list[Finding]:
    return [item for item in findings if item.rule != _UNAPPROVED]


def verdict(found: Difference, others: Sequence[Finding], *, blocked: bool) -> str:
    """Whether it may be merged, and what is in the way."""
    if not blocked:
        return "Nothing is in the way of merging this."
    counts = {
        word: sum(item.severity == word and item.waived is None for item in others) for word in ("error", "warning")
    }
    never = sum(change.demand is not None and change.demand.blocked for change in found.refused)
    parts = [
        plural(never, "change") + " that the policy does not allow" if never else "",
        plural(len(found.refused) - never, "change") + " to be approved" if len(found.refused) > never else "",
        *(plural(count, word) if count else "" for word, count in counts.items()),
    ]
    return f"Blocked: {listing(parts)}."


def summary(found: Difference) -> str:
    if not found.changes:
        return "The same: nothing may do more or less than before."
    narrower = len(found.changes) - len(found.gains)
    if not found.gains:
        return f"Only narrower: {plural(narrower, 'change')}, and nothing may do more than before."
    wider = sum(change.direction == "wider" for change in found.gains)
    counts = [(wider, "wider"), (len(found.gains) - wider, "of no clear direction"), (narrower, "narrower")]
    return f"{listing([f'{count} {word}' if count else '' for count, word in counts])}."


def _colour(found: Difference) -> str:
    return "yellow" if found.gains else "green"


def _changes(found: Difference, style: Style) -> Iterator[str]:
    for address, items in groupby(found.changes, key=lambda change: change.address):
        changes = list(items)
        where = next((change.where for change in changes if change.where is not None), None)
        yield ""
        yield style.paint(style.text(address), "bold") + (f"   {style.path(str(where))}" if where is not None else "")
        rows = [
            (SIGNS[item.direction], word_of(item), style.text(item.dimension), style.text(item.text))
            for item in changes
        ]
        told = [list(lines) for lines in table(rows, style.width)]
        for demand, group in groupby(zip(changes, told, strict=True), key=lambda pair: pair[0].demand):
            for item, lines in group:
                colour = "green" if item.direction == "narrower" else SEVERITY_COLOURS[item.severity]
                yield from (style.paint(line, colour) for line in lines)
            if demand is not None:
                yield from hang("      ", style.text(demand_text(demand)), style.width)


def word_of(change: AccessChange) -> str:
    return "LOWER" if change.direction == "narrower" else change.severity.upper()


def demand_text(demand: Demand) -> str:
    """Who has to approve it, and who did."""
    if demand.blocked:
        return "the policy of the base does not allow it"
    given = f"approved by {', '.join(demand.given)}" if demand.given else ""
    if demand.met:
        return given
    return f"to be approved by {wanted(demand)}{f'; so far {given}' if given else ''}"


def review_report(found: Difference, code: int, findings: Sequence[Finding] = (), ancestor: str = "") -> ReviewReport:
    counts: dict[str, int] = {
        direction: sum(item.direction == direction for item in found.changes) for direction in SIGNS
    }
    return ReviewReport(
        mcpconf_version=__version__,
        before=ReviewSide(revision=found.before.label, commit=found.before.commit),
        after=ReviewSide(revision=found.after.label, commit=found.after.commit),
        ancestor=ancestor,
        summary={**counts, "refused": len(found.refused)},
        changes=[_change(change) for change in found.changes],
        findings=[planned_finding(item) for item in findings],
        exit_code=code,
    )


def reviewed(report: ReviewReport) -> tuple[Difference, list[Finding]]:
    """What a saved review tells of, back from it. Whoever wrote it is not believed more than any other text."""
    sides = [Revision(side.revision, side.commit) for side in (report.before, report.after)]
    changes = tuple(_told(change) for change in report.changes)
    return Difference(sides[0], sides[1], changes), [_found(item) for item in report.findings]


def _told(change: ReviewChange) -> AccessChange:
    asked = change.demand
    return AccessChange(
        change.address,
        change.dimension,
        change.direction,
        change.severity,
        change.text,
        Where(change.where) if change.where else None,
        None
        if asked is None
        else Demand(
            asked.blocked, tuple((item.count, tuple(item.of)) for item in asked.wanted), tuple(asked.given), asked.met
        ),
    )


def _found(item: PlanFinding) -> Finding:
    waived = item.waived
    return Finding(
        rule=item.rule,
        severity=next((word for word in SEVERITIES if word == item.severity), "warning"),
        subject="document",
        address=item.address,
        message=item.message,
        hint=item.hint,
        where=Where(item.where) if item.where else None,
        evidence=item.evidence,
        fingerprint=item.fingerprint,
        waived=None if waived is None else Waived(waived.reason, waived.expires, Where(waived.where)),
    )


def _change(change: AccessChange) -> ReviewChange:
    return ReviewChange(
        address=change.address,
        dimension=change.dimension,
        direction=change.direction,
        severity=change.severity,
        text=change.text,
        where=str(change.where or ""),
        demand=None if change.demand is None else _demand(change.demand),
    )


def _demand(demand: Demand) -> ReviewDemand:
    return ReviewDemand(
        blocked=demand.blocked,
        met=demand.met,
        wanted=[ReviewWanted(count=count, of=list(names)) for count, names in demand.wanted],
        given=list(demand.given),
    )
