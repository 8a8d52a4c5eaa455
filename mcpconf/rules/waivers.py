"""Waivers: findings that the manifest lets be until a day; and what of waivers and ignored differences has no effect."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mcpconf.model.address import Address, GrantAddress, matches
from mcpconf.model.finding import Finding, Waived
from mcpconf.model.policy import Waiver
from mcpconf.rules.frame import Evidence, Hit, Rule


def waive(found: Iterable[Finding], evidence: Evidence) -> Iterator[Finding]:
    """Each finding, with the first waiver of the manifest that holds for it."""
    holding: dict[str, list[tuple[int, Waiver]]] = defaultdict(list)
    for index, waiver in enumerate(evidence.manifest.waivers):
        if not evidence.situation.past(waiver.expires):
            holding[waiver.rule].append((index, waiver))
    for finding in found:
        fitting = next((item for item in holding.get(finding.rule, ()) if _holds(item[1], finding)), None)
        if fitting is None:
            yield finding
        else:
            index, waiver = fitting
            yield replace(finding, waived=Waived(waiver.reason, waiver.expires, evidence.where("waivers", index)))


def _holds(waiver: Waiver, finding: Finding) -> bool:
    return waiver.fingerprint in (None, finding.fingerprint) and matches(waiver.target, finding.address)


def _without_effect(evidence: Evidence) -> Iterator[Hit]:
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in evidence.findings:
        by_rule[finding.rule].append(finding)
    for index, waiver in enumerate(evidence.manifest.waivers):
        hit = _hit(waiver, by_rule.get(waiver.rule, ()), evidence)
        if hit is not None:
            yield replace(hit, where=evidence.where("waivers", index))

    yield from _ignoring_nothing(evidence)


def _ignoring_nothing(evidence: Evidence) -> Iterator[Hit]:
    ignored = evidence.manifest.ignore
    known = [str(address) for address in _addresses(evidence)] if ignored else []
    for index, item in enumerate(ignored):
        where = evidence.where("ignore", index)
        named = f"what `ignore` says of `{item.target}`"
        if evidence.situation.past(item.expires):
            hint = "settle the differences and remove it, or give it a later `expires`"
            yield Hit("observed", item.target, f"{named} expired on {item.expires}", hint, where)
        elif known and not any(matches(item.target, address) for address in known):
            yield Hit("observed", item.target, f"{named} names nothing here", "remove it", where, severity="info")


def _addresses(evidence: Evidence) -> Iterator[Address | GrantAddress]:
    situation = evidence.situation
    yield from (entry.address for entry in situation.desired.entries)
    yield from (entry.address for entry in situation.observed.entries)
    yield from (grant.address for grant in situation.observed.grants)


def _hit(waiver: Waiver, found: Sequence[Finding], evidence: Evidence) -> Hit | None:
    named = f"the waiver of {waiver.rule} for `{waiver.target}`"
    if evidence.situation.past(waiver.expires):
        hint = "put right what it let be and remove it, or give it a later `expires`"
        return Hit("observed", waiver.target, f"{named} expired on {waiver.expires}", hint)
    about = [finding for finding in found if matches(waiver.target, finding.address)]
    if any(_holds(waiver, finding) for finding in about):
        return None
    if about:
        hint = f"look at the finding; if it may stay, write `fingerprint: {about[0].fingerprint}`"
        return Hit("observed", waiver.target, f"{named} no longer fits: the finding changed", hint)
    if not evidence.situation.observed.hosts:
        return None  # no machine was looked at, and it may be about one
    return Hit("observed", waiver.target, f"{named} finds nothing to let be", "remove it", severity="info")


RULES = (
    Rule(
        id="MCP804",
        title="waiver or ignored difference without effect",
        severity="warning",
        threat="configuration drift",
        check=_without_effect,
        what="A waiver that has expired, that names another fingerprint than the finding has, or that names no finding; a line of `ignore` that has expired or names nothing.",
        why="What was let be for a time is back, or has become something else than what was looked at.",
        example="waivers: [{rule: MCP101, target: files, reason: soon, expires: 2026-01-31}] in February",
        fix="remove it, or renew it",
    ),
)
