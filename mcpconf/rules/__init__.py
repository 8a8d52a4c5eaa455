"""Judging: every rule over the evidence of one plan."""

from __future__ import annotations

from dataclasses import replace

from mcpconf.model.finding import Finding
from mcpconf.resolve import CANNOT_SAY
from mcpconf.rules import documents, entries, machine, waivers
from mcpconf.rules.frame import Evidence, Rule, findings, fingerprint

RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in sorted((*machine.RULES, *entries.RULES, *documents.RULES, *waivers.RULES), key=lambda rule: rule.id)
}
WAIVABLE = (*RULES, CANNOT_SAY)
"""What a waiver may name."""


def judge(evidence: Evidence) -> tuple[Finding, ...]:
    """What all rules find, and what could not be asked of a host; what the manifest waives is marked."""
    asked = evidence.situation.desired.findings
    found = [replace(item, fingerprint=fingerprint(item.rule, item.address, item.message)) for item in asked]
    found += [item for rule in RULES.values() if rule not in waivers.RULES for item in findings(rule, evidence)]
    waived = tuple(waivers.waive(found, evidence))
    late = replace(evidence, findings=waived)
    return (*waived, *(item for rule in waivers.RULES for item in findings(rule, late)))
