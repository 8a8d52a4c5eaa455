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
class Finding:
    """`address` is the text of an address; `evidence` is safe to print. `fingerprint` survives moved lines."""

    rule: str
    severity: Severity
    subject: Subject
    address: str
    message: str
    hint: str = ""
    where: Where | None = None
    evidence: str = ""
    fingerprint: str = ""
