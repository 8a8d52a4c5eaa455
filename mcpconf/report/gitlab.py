"""Notices as a report of code quality for GitLab (docs.gitlab.com, `ci/testing/code_quality`, read 2026-11)."""

from __future__ import annotations

from collections.abc import Sequence

from mcpconf.report.data import render_json
from mcpconf.report.notices import Level, Notice

MOST = 5_000
"""Results in one report; the gravest come first."""

_SEVERITIES: dict[Level, str] = {"error": "critical", "warning": "minor", "note": "info"}


def render_gitlab(notices: Sequence[Notice]) -> str:
    """What is waived is left out: the format has no word for it."""
    told = [notice for notice in notices if not notice.waived][:MOST]
    return render_json(
        [
            {
                "description": notice.message,
                "check_name": notice.rule,
                "fingerprint": notice.id,
                "severity": _SEVERITIES[notice.level],
                "location": {
                    "path": notice.place.path if notice.place is not None else "",
                    "lines": {"begin": (notice.place.line if notice.place is not None else None) or 1},
                },
            }
            for notice in told
        ]
    )
