"""What a plan, a report of drift or a check has to tell a machine that shows results: one list for every such format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from mcpconf.canonical import digest
from mcpconf.errors import ExitCode, Problem
from mcpconf.model.change import Change
from mcpconf.model.drift import DriftReport
from mcpconf.model.finding import SEVERITIES, Finding
from mcpconf.model.plan import Drift, Plan, PlanFinding
from mcpconf.model.schemas import NAMED
from mcpconf.model.word import Word
from mcpconf.reconcile.conclude import planned_finding
from mcpconf.reconcile.drifted import drift_report
from mcpconf.reconcile.reasons import REASONS
from mcpconf.report.explain import FAMILIES
from mcpconf.report.findings import blocks
from mcpconf.report.ground import Ground, Place
from mcpconf.report.style import plural, unchanged
from mcpconf.rules import OWN
from mcpconf.rules.frame import Rule
from mcpconf.secrets import escape, redact

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note")
LONGEST = 1_000
"""Of one text, in characters: a message, or the address it is about."""

_LEVELS: dict[str, Level] = {"error": "error", "warning": "warning", "info": "note"}
_LEVELS |= {"critical": "error", "high": "error", "medium": "warning", "low": "warning"}
_SCORES = {"critical": 9.5, "high": 8.0, "error": 8.0, "medium": 5.5, "warning": 5.0, "low": 3.0, "info": 1.0}
_RULES = FAMILIES["rule"]
_UNUSABLE = Word("the document cannot be used", "It breaks its own contract.", "`mcpconf validate` says where")


@dataclass(frozen=True, slots=True)
class Notice:
    """Free of secrets and of characters that act. `rule` is a word that `mcpconf explain` knows, or the kind of a problem.

    `id` stays the same while the thing does. `score` is from 0 to 10. `fails`: it is a reason for an exit code other than 0.
    `unread`: it could not be checked. `waived` says why it is let be.
    """

    id: str
    rule: str
    level: Level
    score: float
    address: str
    message: str
    hint: str = ""
    place: Place | None = None
    fails: bool = True
    unread: bool = False
    waived: str = ""

    @property
    def word(self) -> Rule | Word:
        """What there is to know about the rule."""
        other = OWN if NAMED.fullmatch(self.rule) else _UNUSABLE
        return next((words[self.rule] for words in FAMILIES.values() if self.rule in words), other)

    @property
    def text(self) -> str:
        """All of it in lines, the first one short."""
        where = str(self.place) if self.place is not None else ""
        lines = [self.message, f"at {self.address}" if self.address else "", where and f"in {where}"]
        return "\n".join(line for line in [*lines, self.hint and f"hint: {self.hint}"] if line)


@dataclass(frozen=True, slots=True)
class Teller:
    """Makes notices. `scrub` takes secrets out of a text, `ground` tells where a file lies; the gravest come first."""

    ground: Ground
    scrub: Callable[[str], str] = unchanged

    def of_plan(self, plan: Plan) -> list[Notice]:
        """Findings, and what no finding tells of: what is in the way, left over, or not checked."""
        told = {item.id for item in plan.drift}
        found = {(item.address, item.message) for item in plan.findings}
        notices = [self._finding(item) for item in plan.findings]
        notices += [
            self._drift(item)
            for item in drift_report(plan).drift
            if item.id not in told and (item.address, item.message) not in found
        ]
        spoken = {*_RULES, *(item.rule for item in plan.findings)}
        notices += [self._held(item) for item in plan.changes if item.hold is not None and item.hold.by not in spoken]
        return _ranked(notices)

    def of_differences(self, plan: Plan) -> list[Notice]:
        """What keeps the machine from being as the manifest says. Any that fails makes the exit code other than 0."""
        changed = {address for change in plan.changes for address in change.addresses}
        notices = [self._change(change) for change in plan.changes if change.action != "unknown"]
        notices += [self._drift(item) for item in drift_report(plan).drift if item.address not in changed]
        if plan.exit_code == ExitCode.BLOCKED:
            notices += map(self._finding, _gravest(plan.findings))
        return _ranked(notices)

    def of_drift(self, report: DriftReport) -> list[Notice]:
        notices = [self._drift(item) for item in report.drift]
        if report.blocked and not any(notice.fails for notice in notices):
            notices.append(self._blocked(report))
        return _ranked(notices)

    def of_manifest(self, problems: Iterable[Problem], found: Sequence[Finding], fail_on: str) -> list[Notice]:
        notices = [self._problem(item) for item in problems]
        notices += [self._finding(planned_finding(item), fails=blocks([item], fail_on)) for item in found]
        return _ranked(notices)

    def _finding(self, item: PlanFinding, *, fails: bool = True) -> Notice:
        return Notice(
            id=self._said(item.fingerprint),
            rule=self._said(item.rule),
            level=_LEVELS.get(item.severity, "warning"),
            score=_SCORES.get(item.severity, _SCORES["warning"]),
            address=self._said(item.address),
            message=self._said(item.message),
            hint=self._said(item.hint),
            place=self._place(item.where),
            fails=fails and item.waived is None,
            waived=self._said(f"until {item.waived.expires}: {item.waived.reason}") if item.waived else "",
        )

    def _drift(self, item: Drift) -> Notice:
        return Notice(
            id=self._said(item.id),
            rule=self._said(item.kind),
            level=_LEVELS[item.severity] if item.counted else "note",
            score=_SCORES[item.severity if item.counted else "info"],
            address=self._said(item.address),
            message=self._said(item.message),
            hint=self._said(item.hint),
            place=self._place(item.where),
            fails=item.counted,
            unread=item.kind == "unknown",
        )

    def _held(self, change: Change) -> Notice:
        hold = change.hold
        assert hold is not None
        severity = "error" if hold.code == ExitCode.BLOCKED.value else "warning"
        return Notice(
            id=_id("held", change.address, hold.by),
            rule=self._said(hold.by),
            level=_LEVELS[severity],
            score=_SCORES[severity],
            address=self._said(change.address),
            message=self._said(hold.message),
            hint=self._said(hold.hint),
            place=self._place(_where(change)),
        )

    def _change(self, change: Change) -> Notice:
        if change.hold is not None:
            return self._held(change)
        severity = "error" if change.action == "conflict" else "warning"
        return Notice(
            id=_id(change.action, change.address, change.reason),
            rule=change.reason,
            level=_LEVELS[severity],
            score=_SCORES[severity],
            address=self._said(change.address),
            message=f"{change.action}: {REASONS[change.reason].title if change.reason in REASONS else change.reason}",
            hint=self._said(change.hint) or "`mcpconf plan` shows it",
            place=self._place(_where(change)),
        )

    def _blocked(self, report: DriftReport) -> Notice:
        text, hint = "the manifest, or what it asks for, is blocked", "`mcpconf plan` says by what"
        manifest = self._said(report.origin.manifest)
        return Notice(
            _id("blocked", report.origin.manifest), "held", "error", 8.0, manifest, text, hint, self._place("")
        )

    def _problem(self, item: Problem) -> Notice:
        place = self._place(redact(str(item.where or "")))
        told = place.path if place is not None else ""
        return Notice(
            id=_id(item.kind, told, item.message),
            rule=item.kind,
            level="error",
            score=_SCORES["error"],
            address="",
            message=self._said(redact(item.message)),
            hint=self._said(redact(item.hint)),
            place=place,
        )

    def _place(self, where: str) -> Place | None:
        return self.ground.place(self._said(where)) or self.ground.place(self.ground.document)

    def _said(self, text: str) -> str:
        return bounded(self.scrub(text))


def bounded(text: str) -> str:
    """One printable line of at most `LONGEST` characters and a few words."""
    if len(text) <= LONGEST:
        return escape(text)
    return f"{escape(text[:LONGEST])}... ({plural(len(text), 'character')})"


def _ranked(notices: Iterable[Notice]) -> list[Notice]:
    return sorted(
        notices,
        key=lambda item: (bool(item.waived), LEVELS.index(item.level), -item.score, item.rule, item.address, item.id),
    )


def _gravest(findings: Sequence[PlanFinding]) -> list[PlanFinding]:
    """Of what stays: one of them is why the plan is blocked, if no change is held."""
    left = [item for item in findings if item.waived is None and item.subject != "repaired"]
    worst = min((SEVERITIES.index(item.severity) for item in left), default=0)
    return [item for item in left if item.severity == SEVERITIES[worst]]


def _where(change: Change) -> str:
    return change.where or (f"{change.file}:{change.line}" if change.line is not None else change.file)


def _id(*parts: str) -> str:
    return digest(list(parts)).removeprefix("sha256:")[:16]
