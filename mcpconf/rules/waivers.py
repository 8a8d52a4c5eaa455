"""Waivers: findings that the manifest lets be until a day; and what of waivers and ignored differences has no effect."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mcpconf.model.address import Address, GrantAddress
from mcpconf.model.finding import Finding, Waived
from mcpconf.model.policy import Waiver
from mcpconf.model.targets import Targets
from mcpconf.rules.frame import Evidence, Hit, Rule


def waive(found: Iterable[Finding], evidence: Evidence) -> Iterator[Finding]:
    """Each finding, with the first waiver of the manifest that holds for it."""
    waivers = evidence.manifest.waivers
    naming = _Naming(waivers)
    for finding in found:
        index = next((index for index in naming(finding) if _holds(waivers[index], finding, evidence)), None)
        if index is None:
            yield finding
        else:
            waiver = waivers[index]
            yield replace(finding, waived=Waived(waiver.reason, waiver.expires, evidence.where("waivers", index)))


class _Naming:
    """Tells which waivers name a finding, by its rule and its address."""

    def __init__(self, waivers: Sequence[Waiver]) -> None:
        self._places: dict[str, list[int]] = defaultdict(list)
        for index, waiver in enumerate(waivers):
            self._places[waiver.rule].append(index)
        self._targets = {
            rule: Targets(waivers[index].target for index in places) for rule, places in self._places.items()
        }

    def __call__(self, finding: Finding) -> Iterator[int]:
        targets = self._targets.get(finding.rule)
        named = targets.naming(finding.address) if targets is not None else ()
        return (self._places[finding.rule][index] for index in named)


def _holds(waiver: Waiver, finding: Finding, evidence: Evidence) -> bool:
    return waiver.fingerprint in (None, finding.fingerprint) and not evidence.situation.past(waiver.expires)


def _without_effect(evidence: Evidence) -> Iterator[Hit]:
    waivers = evidence.manifest.waivers
    naming = _Naming(waivers)
    about: dict[int, list[Finding]] = defaultdict(list)
    for finding in evidence.findings if waivers else ():
        for index in naming(finding):
            about[index].append(finding)
    for index, waiver in enumerate(waivers):
        hit = _hit(waiver, about[index], evidence)
        if hit is not None:
            yield replace(hit, where=evidence.where("waivers", index))

    yield from _ignoring_nothing(evidence)


def _ignoring_nothing(evidence: Evidence) -> Iterator[Hit]:
    ignored = evidence.manifest.ignore
    targets, known, named = Targets(item.target for item in ignored), False, set[int]()
    for address in _addresses(evidence) if ignored else ():
        known = True
        named.update(targets.naming(address))
    for index, item in enumerate(ignored):
        where = evidence.where("ignore", index)
        told = f"what `ignore` says of `{item.target}`"
        if evidence.situation.past(item.expires):
            hint = "settle the differences and remove it, or give it a later `expires`"
            yield Hit("observed", item.target, f"{told} expired on {item.expires}", hint, where)
        elif known and index not in named:
            yield Hit("observed", item.target, f"{told} names nothing here", "remove it", where, severity="info")


def _addresses(evidence: Evidence) -> Iterator[Address | GrantAddress]:
    situation = evidence.situation
    yield from (entry.address for entry in situation.desired.entries)
    yield from (entry.address for entry in situation.observed.entries)
    yield from (grant.address for grant in situation.observed.grants)


def _hit(waiver: Waiver, about: Sequence[Finding], evidence: Evidence) -> Hit | None:
    named = f"the waiver of {waiver.rule} for `{waiver.target}`"
    if evidence.situation.past(waiver.expires):
        hint = "put right what it let be and remove it, or give it a later `expires`"
        return Hit("observed", waiver.target, f"{named} expired on {waiver.expires}", hint)
    if any(_holds(waiver, finding, evidence) for finding in about):
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
        owasp="MCP08:2025",
        check=_without_effect,
        what="A waiver that has expired, that names another fingerprint than the finding has, or that names no finding; a line of `ignore` that has expired or names nothing.",
        why="What was let be for a time is back, or has become something else than what was looked at.",
        example="waivers: [{rule: MCP101, target: files, reason: soon, expires: 2026-01-31}] in February",
        fix="remove it, or renew it",
    ),
)
