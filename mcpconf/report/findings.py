"""Findings on their own, as `validate` shows them."""

from __future__ import annotations

from collections.abc import Sequence

from mcpconf.model.base import Json
from mcpconf.model.finding import SEVERITIES, Finding
from mcpconf.report.style import SEVERITY_COLOURS, Style, plural
from mcpconf.secrets.escape import escape


def blocks(findings: Sequence[Finding], fail_on: str) -> bool:
    """Whether any finding is at or above what the policy lets pass."""
    return fail_on != "none" and any(SEVERITIES.index(item.severity) <= SEVERITIES.index(fail_on) for item in findings)


def render_findings(findings: Sequence[Finding], manifest: str, style: Style) -> str:
    lines = []
    for item in findings:
        lines.append(
            f"{style.paint(item.severity, SEVERITY_COLOURS[item.severity])} {item.rule}: {escape(item.message)}"
        )
        if item.where is not None:
            lines.append(f"  --> {escape(str(item.where))}")
        if item.hint:
            lines.append(f"  hint: {escape(item.hint)}")
    errors = sum(item.severity == "error" for item in findings)
    end = f"{plural(errors, 'error')}, {plural(len(findings) - errors, 'other finding')}" if findings else "no findings"
    lines.append(f"{escape(manifest)} can be read; {end}.")
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
        }
        for item in findings
    ]
