"""Judging: every rule over the evidence of one plan."""

from __future__ import annotations

from dataclasses import replace

from mcpconf.model.finding import Finding
from mcpconf.rules import documents, entries, machine
from mcpconf.rules.frame import Evidence, Rule, findings, fingerprint

RULES: dict[str, Rule] = {
    rule.id: rule for rule in sorted((*machine.RULES, *entries.RULES, *documents.RULES), key=lambda rule: rule.id)
}


def judge(evidence: Evidence) -> tuple[Finding, ...]:
    """What all rules find, and what could not be asked of a host."""
    found = [finding for rule in RULES.values() for finding in findings(rule, evidence)]
    asked = evidence.situation.desired.findings
    marked = (replace(item, fingerprint=fingerprint(item.rule, item.address, item.message)) for item in asked)
    return (*marked, *found)
