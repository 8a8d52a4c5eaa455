"""The lines of a file that change, and no others: a host file may hold secrets that are none of our business."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mcpconf.report.style import Style
from mcpconf.secrets import redact

LONGEST_LINE = 400
_TAB = "    "
_INDENTATION = re.compile(r"[+ -]\t+")
COLOURS = {"+": "green", "-": "red", "@": "cyan"}
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'")
_HIDDEN = '"(redacted)"'


@dataclass(frozen=True, slots=True)
class EditedFile:
    """A file before and after. `before` None means a new file; `hidden` are whole values that may not be shown."""

    path: str
    before: bytes | None
    after: bytes
    hidden: frozenset[str] = frozenset()

    def lines(self) -> list[str]:
        """A unified diff without context lines and without the two lines of names."""
        import difflib

        before, after = _lines(self.before or b""), _lines(self.after)
        found = list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]
        return [self._shown(line) for line in found]

    def _shown(self, line: str) -> str:
        if len(line) > LONGEST_LINE:
            return f"{line[0]}(a line of {len(line)} characters)"
        return redact(_QUOTED.sub(lambda match: _HIDDEN if match[0] in self.hidden else match[0], line))


def render_diffs(edited: Iterable[EditedFile], style: Style) -> Iterator[str]:
    """For people: it cannot be applied."""
    for file in edited:
        path = style.path(file.path)
        yield style.paint("--- /dev/null" if file.before is None else f"--- a/{path}", "bold")
        yield style.paint(f"+++ b/{path}", "bold")
        for line in file.lines():
            yield style.paint(style.line(_indented(line)), COLOURS.get(line[:1], ""))


def _lines(data: bytes) -> list[str]:
    """Like an editor's: the end of the last line begins no other one."""
    if not data:
        return []
    return [line.removesuffix("\r") for line in data.decode("utf-8", "replace").removesuffix("\n").split("\n")]


def _indented(line: str) -> str:
    """Tabs that indent are shown as spaces."""
    tabs = _INDENTATION.match(line)
    return line if tabs is None else line[0] + _TAB * (tabs.end() - 1) + line[tabs.end() :]
