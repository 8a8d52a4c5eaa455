"""The lines of a file that change, and no others: a host file may hold secrets that are none of our business."""

from __future__ import annotations

import difflib

from mcpconf.report.style import Style
from mcpconf.secrets.escape import escape

LONGEST_LINE = 400
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def render_diff(path: str, before: bytes | None, after: bytes, style: Style) -> str:
    """A unified diff without context lines. `before` None means a new file."""
    shown = style.path(path)
    old = "/dev/null" if before is None else f"a/{shown}"
    lines = difflib.unified_diff(_lines(before or b""), _lines(after), old, f"b/{shown}", n=0, lineterm="")
    return "".join(f"{_line(line, style)}\n" for line in lines)


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "replace").splitlines()


def _line(line: str, style: Style) -> str:
    text = escape(line) if len(line) <= LONGEST_LINE else f"{line[0]}(a line of {len(line)} characters)"
    return style.paint(text, _COLOURS.get(line[:1], ""))
