"""What each command can be printed as beside text and JSON, by format. Nothing is loaded or made before it is asked for.

A command offers what its readers can use: a plan is looked at (Markdown, annotations, code scanning), the state of a machine
is watched (JUnit, metrics), drift is both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcpconf.errors import Problem
from mcpconf.model.finding import Finding
from mcpconf.model.plan import Plan
from mcpconf.report.ground import Ground
from mcpconf.report.style import Style

if TYPE_CHECKING:
    from mcpconf.model.drift import DriftReport
    from mcpconf.permissions.access import Difference
    from mcpconf.report.notices import Notice, Teller

Formats = dict[str, Callable[[], str]]


@dataclass(frozen=True, slots=True)
class Run:
    """The run that a report tells of: its command, exit code and time, and how files and secrets are told."""

    command: str
    code: int
    now: str
    ground: Ground
    style: Style

    def teller(self) -> Teller:
        from mcpconf.report.notices import Teller

        return Teller(self.ground, self.style.scrub)


def of_plan(plan: Plan, run: Run) -> Formats:
    def markdown() -> str:
        from mcpconf.report.markup import render_plan_markdown

        return render_plan_markdown(plan, run.teller().of_plan(plan), run.style)

    return {
        "ndjson": lambda: _plan_lines(plan, run),
        "markdown": markdown,
        **_annotated(lambda: run.teller().of_plan(plan), run),
    }


def of_state(plan: Plan, run: Run) -> Formats:
    """Whether a machine is as the manifest says."""
    return {
        "ndjson": lambda: _plan_lines(plan, run),
        "junit": lambda: _junit(run.teller().of_differences(plan), run),
        "prom": lambda: _metrics(plan),
    }


def of_drift(report: DriftReport, plan: Plan, run: Run) -> Formats:
    def notices() -> list[Notice]:
        return run.teller().of_drift(report)

    def lines() -> str:
        from mcpconf.report.ndjson import render_drift_lines

        return render_drift_lines(report, notices(), run.now)

    def markdown() -> str:
        from mcpconf.report.markup import render_drift_markdown

        return render_drift_markdown(report, run.style)

    return {
        "ndjson": lines,
        "markdown": markdown,
        **_annotated(notices, run),
        "junit": lambda: _junit(notices(), run),
        "prom": lambda: _metrics(plan),
    }


def of_review(difference: Difference, found: Sequence[Finding], fail_on: str, run: Run) -> Formats:
    def notices() -> list[Notice]:
        return run.teller().of_manifest((), found, fail_on)

    def markdown() -> str:
        from mcpconf.report.reviewing_markdown import render_review_markdown

        return render_review_markdown(difference, found, notices(), run.style, blocked=bool(run.code))

    return {**_noted(notices, run), "markdown": markdown}


def of_problems(problems: Sequence[Problem], run: Run) -> Formats:
    """Where a review could not be made."""

    def notices() -> list[Notice]:
        return run.teller().of_manifest(problems, (), "error")

    def markdown() -> str:
        from mcpconf.report.reviewing_markdown import render_problems_markdown

        return render_problems_markdown(notices())

    return {**_noted(notices, run), "markdown": markdown}


def of_difference(difference: Difference, run: Run) -> Formats:
    def markdown() -> str:
        from mcpconf.report.reviewing_markdown import render_difference_markdown

        return render_difference_markdown(difference, run.style)

    return {"markdown": markdown}


def _noted(notices: Callable[[], list[Notice]], run: Run) -> Formats:
    def gitlab() -> str:
        from mcpconf.report.gitlab import render_gitlab

        return render_gitlab(notices())

    return {**_annotated(notices, run), "gitlab": gitlab, "junit": lambda: _junit(notices(), run)}


def of_manifest(problems: Sequence[Problem], found: Sequence[Finding], fail_on: str, run: Run) -> Formats:
    def notices() -> list[Notice]:
        return run.teller().of_manifest(problems, found, fail_on)

    return _noted(notices, run)


def _annotated(notices: Callable[[], list[Notice]], run: Run) -> Formats:
    def github() -> str:
        from mcpconf.report.github import render_github

        return render_github(notices())

    def sarif() -> str:
        from mcpconf.report.sarif import render_sarif

        return render_sarif(notices(), run.code)

    return {"github": github, "sarif": sarif}


def _plan_lines(plan: Plan, run: Run) -> str:
    from mcpconf.report.ndjson import render_plan_lines

    return render_plan_lines(plan, run.teller().of_plan(plan), run.now)


def _junit(notices: Sequence[Notice], run: Run) -> str:
    from mcpconf.report.junit import render_junit

    return render_junit(notices, f"mcpconf {run.command}")


def _metrics(plan: Plan) -> str:
    from mcpconf.report.prometheus import render_prometheus

    return render_prometheus(plan)
