"""Judging: every rule over the evidence of one plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mcpconf.hosts.limits import NOT_ENFORCED, NOT_ENFORCED_WORD
from mcpconf.model.commands import followed
from mcpconf.model.finding import Finding
from mcpconf.model.word import Word
from mcpconf.resolve import CANNOT_SAY, CANNOT_SAY_WORD, UNMET, UNMET_WORD
from mcpconf.rules import (
    approvals,
    confinement,
    conflicts,
    containers,
    documents,
    encryption,
    entries,
    environment,
    files,
    latent,
    likeness,
    listeners,
    literals,
    machine,
    names,
    permissions,
    projects,
    publishers,
    refused,
    remotes,
    reviewing,
    revoked,
    snapshots,
    sources,
    supply,
    surfaces,
    texts,
    tools,
    unknown,
    vouching,
    vulnerable,
    waivers,
)
from mcpconf.rules.frame import Evidence, Rule, findings, fingerprint

_MODULES = (
    approvals,
    confinement,
    conflicts,
    containers,
    documents,
    encryption,
    entries,
    environment,
    files,
    latent,
    likeness,
    listeners,
    literals,
    machine,
    names,
    permissions,
    projects,
    publishers,
    refused,
    remotes,
    reviewing,
    revoked,
    snapshots,
    sources,
    supply,
    surfaces,
    texts,
    tools,
    unknown,
    vouching,
    vulnerable,
    waivers,
)

RULES: dict[str, Rule] = {
    rule.id: rule for rule in sorted((rule for module in _MODULES for rule in module.RULES), key=lambda rule: rule.id)
}
OTHERS: dict[str, Word] = {CANNOT_SAY: CANNOT_SAY_WORD, NOT_ENFORCED: NOT_ENFORCED_WORD, UNMET: UNMET_WORD}
"""What findings are reported under that no rule makes."""

OWN = Word(
    "a rule of the policy's own",
    "The server does not fit a JSON Schema, or a rule in Rego, that the policy of its own manifest holds all servers against.",
    "change what is named, or ask whoever wrote that rule",
)
"""What there is to know of every id of `policy.schemas` and `policy.rego`."""

WAIVABLE = (*(name for name, rule in RULES.items() if rule not in waivers.RULES), *OTHERS)
"""What a waiver may name: nothing about waivers themselves."""


def judge(evidence: Evidence) -> tuple[Finding, ...]:
    """What all rules find, and what could not be asked of a host; what the manifest waives is marked."""
    found = [*_of_resolving(evidence)]
    rules = (*(rule for rule in RULES.values() if rule not in waivers.RULES), *_own(evidence))
    found += [item for rule in rules for item in findings(rule, evidence)]
    waived = tuple(waivers.waive(found, evidence))
    late = replace(evidence, findings=waived)
    return (*waived, *(item for rule in waivers.RULES for item in findings(rule, late)))


def _of_resolving(evidence: Evidence) -> Iterator[Finding]:
    """What could not be asked of a host. Where a rule tells the same without one, the policy of that rule counts."""
    for item in evidence.situation.desired.findings:
        severity = evidence.manifest.policy.rules.get(item.rule, item.severity)
        if severity != "none":
            mark = fingerprint(item.rule, item.address, item.message)
            yield replace(item, severity=severity, hint=followed(item.hint), fingerprint=mark)


def _own(evidence: Evidence) -> Iterator[Rule]:
    if evidence.manifest.policy.own:
        from mcpconf.rules.own import own_rules

        yield from own_rules(evidence.manifest.policy)
