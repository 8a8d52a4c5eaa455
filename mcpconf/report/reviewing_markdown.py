"""What a change of the manifest lets happen, as one comment on it. Every text of others stands in a code span."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from mcpconf.model.finding import Finding
from mcpconf.permissions.access import AccessChange, Difference, Revision
from mcpconf.report.markup import findings_markdown, fitted, span
from mcpconf.report.notices import Notice
from mcpconf.report.reviewing import demand_text, other_findings, summary, verdict, word_of
from mcpconf.report.style import Style

MARKER = "<!-- mcpconf:check -->"
"""By which a later run finds the comment that it replaces."""


def render_review_markdown(
    found: Difference, findings: Sequence[Finding], notices: Sequence[Notice], style: Style, *, blocked: bool
) -> str:
    title = "blocked" if blocked else "passed"
    sides = f"{_named(found.before, style)} → {_named(found.after, style)}"
    others = other_findings(findings)
    head = [
        MARKER,
        f"### mcpconf check: {title}",
        "",
        sides,
        "",
        f"**{verdict(found, others, blocked=blocked)}** {summary(found)}",
    ]
    told = {item.fingerprint for item in others}
    body = [*_changes(found.changes, style), *findings_markdown([notice for notice in notices if notice.id in told])]
    return fitted(head, body, [])


def render_problems_markdown(notices: Sequence[Notice]) -> str:
    """In place of a review that could not be made."""
    return fitted([MARKER, "### mcpconf check: could not be made"], findings_markdown(notices), [])


def render_difference_markdown(found: Difference, style: Style) -> str:
    sides = f"{_named(found.before, style)} → {_named(found.after, style)}"
    return fitted(["### mcpconf diff", "", sides, "", f"**{summary(found)}**"], _changes(found.changes, style), [])


def _named(revision: Revision, style: Style) -> str:
    commit = f" ({span(revision.commit[:12])})" if revision.commit else ""
    return f"{span(style.text(revision.label))}{commit}"


def _changes(changes: Sequence[AccessChange], style: Style) -> Iterator[str]:
    for address, items in groupby(changes, key=lambda change: change.address):
        yield from ("", f"#### {span(style.text(address))}", "")
        for demand, group in groupby(items, key=lambda change: change.demand):
            for item in group:
                word = word_of(item) + (", unclear" if item.direction == "both" else "")
                yield f"- **{word}** {span(style.text(item.dimension))}: {span(style.text(item.text))}"
            if demand is not None:
                yield f"  - {span(style.text(demand_text(demand)))}"
