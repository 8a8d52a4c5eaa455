"""What a rule has to say about one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mcpconf.errors import Where

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")

Subject = Literal["desired", "repaired", "observed", "document"]
"""desired: an error blocks. repaired: this plan undoes it. observed: it stays, so a warning at most. document: stops all."""


@dataclass(frozen=True, slots=True)
class Waived:
    """Why a finding is let be, and the last day of that. `where` is the line of the manifest that says so."""

    reason: str
    expires: str
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """`address` is the text of an address; `evidence` is safe to print. `fingerprint` survives moved lines.

    `drift` is the id of the drift that it tells of, if it does. What is `waived` neither blocks nor counts.
    """

    rule: str
    severity: Severity
    subject: Subject
    address: str
    message: str
    hint: str = ""
    where: Where | None = None
    evidence: str = ""
    fingerprint: str = ""
    drift: str = ""
    waived: Waived | None = None
