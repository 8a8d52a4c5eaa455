"""The use cases about documents alone: what rules find in them, without a machine to look at, and in what is known of versions."""

from __future__ import annotations

from dataclasses import replace

from mcpconf.artifacts.observing import known_versions
from mcpconf.artifacts.supplied import Supplied
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.hosts.names import misnamed
from mcpconf.model.desired import Desired
from mcpconf.model.finding import Finding
from mcpconf.model.observed import Observed
from mcpconf.model.state import State
from mcpconf.model.trust import Doubt
from mcpconf.operations import manifest, pin
from mcpconf.permissions.access import AccessChange
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.situation import Choices, Situation
from mcpconf.rules import judge
from mcpconf.system.clock import SystemClock
from mcpconf.system.facts import own_index
from mcpconf.system.includes import SystemDocuments
from mcpconf.system.rego import denied
from mcpconf.system.sources import bundled_rows


def validate(path: str, *, locked: bool = False) -> tuple[LoadedManifest, tuple[Finding, ...]]:
    """Check a manifest without looking at any machine. Raises McpconfError (exit 1) if it cannot be read."""
    loaded, supplied = pin(manifest(path), SystemDocuments())
    return loaded, judged(loaded, supplied, locked=locked)


def judged(
    loaded: LoadedManifest,
    supplied: Supplied,
    *,
    locked: bool,
    access: tuple[AccessChange, ...] = (),
    doubts: tuple[Doubt, ...] = (),
) -> tuple[Finding, ...]:
    """What all rules find in documents alone, and in what changes `access`. What is known of versions, this machine's index tells."""
    choices, past = Choices(locked=locked), SystemClock().passed
    supplied = replace(supplied, advisories=known_versions(own_index()))
    nothing = Situation(Desired(), Observed(), State(), past=past, choices=choices, supplied=supplied)
    texts = (*loaded.texts, supplied.text)
    evidence = replace(loaded.evidence(nothing, Draft()), access=access, doubts=doubts, texts=texts)
    return judge(replace(evidence, misnamed=_misnamed, denied=denied))


def _misnamed(host: str, server: str, name: str) -> str:
    return misnamed(bundled_rows()[host], server, name)
