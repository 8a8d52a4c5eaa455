"""An imported manifest blocks nothing: what its rules would stop is let be for a while, in plain sight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from mcpconf.errors import Where
from mcpconf.model.base import Json
from mcpconf.model.desired import Desired
from mcpconf.model.finding import Finding
from mcpconf.model.manifest import Manifest
from mcpconf.model.observed import Observed
from mcpconf.model.state import State
from mcpconf.ports import Facts
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.situation import Situation
from mcpconf.rules import judge
from mcpconf.rules.frame import Evidence, cases

LASTS = timedelta(days=90)
REASON = "found on import"


def waivable(manifest: Manifest, facts: Facts, past: Callable[[str], bool]) -> tuple[Finding, ...]:
    """What the rules say against the manifest's servers on such a machine, as far as it would block them."""
    situation = Situation(Desired(), Observed(), State(), past=past, home=facts.home, os=facts.os)
    draft = Draft()

    def where(*_path: str | int) -> Where:
        return Where("manifest")

    evidence = Evidence(manifest, situation, draft, where, cases(manifest, situation, draft, where))
    evidence = replace(evidence, written=manifest.servers)
    return tuple(item for item in judge(evidence) if item.severity == "error" and item.subject == "desired")


def waivers(found: Sequence[Finding], today: date) -> list[Json]:
    expires = (today + LASTS).isoformat()
    return [
        {
            "rule": item.rule,
            "target": item.address,
            "fingerprint": item.fingerprint,
            "reason": REASON,
            "expires": expires,
        }
        for item in found
    ]
