"""Findings and problems on their own, as `validate` and every error show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.finding import SEVERITIES, Finding, Waived
from mcpconf.report.layout import hang
from mcpconf.report.style import SEVERITY_COLOURS, Style, plural


def blocks(findings: Sequence[Finding], fail_on: str) -> bool:
    """Whether any finding is at or above what the policy lets pass."""
    counted = [item for item in findings if item.waived is None]
    return fail_on != "none" and any(SEVERITIES.index(item.severity) <= SEVERITIES.index(fail_on) for item in counted)


def render_problems(problems: Iterable[Problem], style: Style) -> str:
    """Each problem as what, where, what to do."""
    return "".join(f"{line}\n" for problem in problems for line in _problem(problem, style))


def _problem(problem: Problem, style: Style) -> Iterator[str]:
    head, *rest = hang("error: ", style.text(problem.message), style.width)
    yield style.paint("error:", "red") + head.removeprefix("error:")
    yield from rest
    if problem.where is not None:
        yield f"  --> {style.path(str(problem.where))}"
    if problem.hint:
        yield from hang("  hint: ", style.text(problem.hint), style.width)


def finding_lines(item: Finding, style: Style) -> Iterator[str]:
    word = "waived" if item.waived is not None else item.severity
    head, *rest = hang(f"{word} {style.text(item.rule)}: ", style.text(item.message), style.width)
    yield style.paint(word, SEVERITY_COLOURS.get(word, "dim")) + head.removeprefix(word)
    yield from rest
    if item.where is not None:
        yield f"  --> {style.text(str(item.where))}"
    if item.waived is not None:
        yield from hang(f"  until {style.text(item.waived.expires)}: ", style.text(item.waived.reason), style.width)
    elif item.hint:
        yield from hang("  hint: ", style.text(item.hint), style.width)


def render_findings(findings: Sequence[Finding], manifest: str, style: Style) -> str:
    ordered = sorted(findings, key=lambda item: item.waived is not None)
    lines = [line for item in ordered for line in finding_lines(item, style)]
    waived = sum(item.waived is not None for item in findings)
    errors = sum(item.severity == "error" and item.waived is None for item in findings)
    others = len(findings) - errors - waived
    end = f"{plural(errors, 'error')}, {plural(others, 'other finding')}" if errors or others else "no findings"
    end += f", {waived} waived" if waived else ""
    lines.append(f"{style.text(manifest)} can be read; {end}.")
    return "".join(f"{line}\n" for line in lines)


def findings_data(findings: Sequence[Finding]) -> list[Json]:
    return [
        {
            "rule": item.rule,
            "severity": item.severity,
            "subject": item.subject,
            "address": item.address,
            "message": item.message,
            "hint": item.hint,
            "where": str(item.where or ""),
            "evidence": item.evidence,
            "fingerprint": item.fingerprint,
            "waived": _waived(item.waived) if item.waived is not None else None,
        }
        for item in findings
    ]


def _waived(waived: Waived) -> Json:
    return {"reason": waived.reason, "expires": waived.expires, "where": str(waived.where or "")}
