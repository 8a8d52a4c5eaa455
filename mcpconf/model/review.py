"""What a change of the manifest lets happen, as programs read it."""

from __future__ import annotations

from typing import Literal

from mcpconf.model.base import Tolerant
from mcpconf.model.plan import FORMAT_VERSION, PlanFinding


class ReviewSide(Tolerant):
    """`commit` is empty for files as they are."""

    revision: str
    commit: str = ""


class ReviewWanted(Tolerant):
    """So many of these people; of any members if nobody is named."""

    count: int
    of: list[str] = []


class ReviewDemand(Tolerant):
    blocked: bool
    met: bool
    wanted: list[ReviewWanted] = []
    given: list[str] = []


class ReviewChange(Tolerant):
    """`demand` is null where nobody has to approve it."""

    address: str
    dimension: str
    direction: Literal["wider", "both", "narrower"]
    severity: Literal["critical", "high", "medium", "low"]
    text: str
    where: str = ""
    demand: ReviewDemand | None = None


class ReviewReport(Tolerant):
    """Of `check` and of `diff`, which asks no rule and has no `findings`. `ancestor` is the commit that both sides come from, `manifest` its path."""

    format_version: str = FORMAT_VERSION
    mcpconf_version: str
    before: ReviewSide
    after: ReviewSide
    ancestor: str = ""
    manifest: str = ""
    summary: dict[str, int] = {}
    changes: list[ReviewChange] = []
    findings: list[PlanFinding] = []
    exit_code: int = 0
