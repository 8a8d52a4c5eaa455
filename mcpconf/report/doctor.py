"""What `mcpconf doctor` looked at, as a person or a program reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.model.base import Json
from mcpconf.model.check import Check
from mcpconf.report.layout import hang
from mcpconf.report.style import Style, listing, plural

_COLOURS = {"warning": "yellow", "unknown": "red", "note": "cyan"}
_WORDS = {"unknown": "not checked"}
_INDENT = " " * 12


def render_checks(checks: Sequence[Check], style: Style) -> str:
    return "".join(f"{line}\n" for line in _lines(checks, style))


def _lines(checks: Sequence[Check], style: Style) -> Iterator[str]:
    for item in checks:
        word = _WORDS.get(item.status, item.status)
        head, *rest = hang(f"{word:<12}{item.subject:<13} ", style.text(item.message), style.width)
        yield style.paint(word, _COLOURS.get(item.status, "dim")) + head.removeprefix(word)
        yield from rest
        if item.where is not None:
            yield f"{_INDENT}--> {style.path(str(item.where))}"
        if item.status != "ok":
            yield from hang(f"{_INDENT}hint: ", style.text(item.hint), style.width)
    yield style.paint(f"{_counts(checks)}.", "bold")


def _counts(checks: Sequence[Check]) -> str:
    unknown = sum(item.status == "unknown" for item in checks)
    warnings = sum(item.status == "warning" for item in checks)
    found = listing([f"{unknown} not checked" if unknown else "", plural(warnings, "warning") if warnings else ""])
    return found or "All is in order"


def checks_data(checks: Sequence[Check], code: int) -> dict[str, Json]:
    return {
        "checks": [
            {
                "status": item.status,
                "subject": item.subject,
                "message": item.message,
                "hint": item.hint,
                "file": item.where.file if item.where else None,
                "line": item.where.line if item.where else None,
                "column": item.where.column if item.where else None,
            }
            for item in checks
        ],
        "exit_code": code,
    }
