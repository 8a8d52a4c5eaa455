"""What was revoked and is still there, as documents say it."""

from __future__ import annotations

from typing import Literal

from mcpconf.model.base import Tolerant
from mcpconf.model.revocation import Revocation

Severity = Literal["critical", "high", "medium", "low"]
Answer = Literal["found", "clean", "not_readable", "not_looked_at"]


class Running(Tolerant):
    """A process: `started` in UTC, and the digest of its command line, which may hold secrets."""

    pid: int
    started: str
    arguments: str


class Residue(Tolerant):
    """Something revoked that is still effective, the numbered instruction to end it, and by which commit, if that is known.

    `place` is where it was found beside the files of hosts, "" for those; `server` what it was called, where that is known;
    `process` what runs.
    """

    address: str
    server: str = ""
    place: str = ""
    severity: Severity = "high"
    message: str
    where: str
    instruction: str = ""
    revoked_by: Revocation | None = None
    process: Running | None = None


class PlaceAnswer(Tolerant):
    """What one place says. `found` counts what is left in it; `reasons` tell why it could not be read, or was not looked at."""

    place: str
    title: str
    answer: Answer
    found: int = 0
    reasons: list[str] = []


class Pending(Tolerant):
    """A change of the plan that ends what is left."""

    address: str
    action: str
    where: str


class ResidueReport(Tolerant):
    """Whether something is really gone. `server` is "" where all that was revoked is meant.

    `pending` is what apply would take away, `residue` what a person must. `history_unknown` as in a plan.
    """

    format_version: str = "1.0"
    mcpconf_version: str
    server: str
    places: list[PlaceAnswer]
    pending: list[Pending]
    residue: list[Residue]
    history_unknown: str = ""
    exit_code: int
