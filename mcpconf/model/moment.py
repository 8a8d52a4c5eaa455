"""Moments that registries tell, each in a spelling of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mcpconf.model.base import Json

_LONGEST = 40


def moment_of(value: Json) -> datetime | None:
    """UTC where no zone is told; None for what is no moment."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= _LONGEST else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def spelled(value: Json) -> str:
    """`2026-11-20T18:31:02Z`, whatever the spelling; "" for what is no moment."""
    moment = value if isinstance(value, datetime) else moment_of(value)
    if moment is None:
        return ""
    try:
        return (moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError):
        return ""


def day_after(moment: str, days: int) -> str:
    """The day, `2026-11-20`, so many days after that of a moment; "" for what is no moment."""
    found = moment_of(moment)
    try:
        return "" if found is None else (found + timedelta(days)).date().isoformat()
    except OverflowError:
        return ""
