"""Lines of bounded width: wrapped prose, and tables that break a row rather than run off the screen.

Only prose is broken, at spaces. An address or a path stays whole, so that it can be copied.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

_GAP = 2
_STEP = 4
_NARROWEST = 20
"""What is wrapped in less is read with less joy than what starts a new line."""

_WIDEST_CELL = 0.42
"""Of the width; a wider cell has its own line, and the row goes on below it."""


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` characters, or of one longer word. Runs of spaces inside a line are kept.

    What stands in backticks stays whole where it fits a line, so that a command can be copied.
    """
    lines: list[str] = []
    line = ""
    for word in _unbroken(text.split(" "), width):
        if line and len(line) + 1 + len(word) > width:
            lines.append(line.rstrip())
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line.rstrip()]


def _unbroken(words: Sequence[str], width: int) -> Iterator[str]:
    """The words, those between two backticks as one."""
    opened: list[str] = []
    for word in words:
        opened.append(word)
        whole = " ".join(opened)
        if len(whole) > width:
            yield from opened
            opened = []
        elif whole.count("`") % 2 == 0:
            yield whole
            opened = []
    yield from opened


def hang(first: str, text: str, width: int) -> list[str]:
    """Wrapped text behind `first`; the lines below are indented as far."""
    head, *rest = wrap(text, max(width - len(first), _NARROWEST))
    return [f"{first}{head}".rstrip(), *(" " * len(first) + line for line in rest)]


def table(rows: Sequence[Sequence[str]], width: int, indent: int = 2) -> Iterator[list[str]]:
    """The lines of each row, as aligned columns. The last cell is wrapped, the others are never cut."""
    if not rows:
        return
    most = int((width - indent) * _WIDEST_CELL)
    widths = [_fitting((row[column] for row in rows), most) for column in range(len(rows[0]) - 1)]
    for row in rows:
        yield _row(row, widths, width, indent)


def _fitting(cells: Iterable[str], most: int) -> int:
    return max((len(cell) for cell in cells if len(cell) <= most), default=0)


def _row(row: Sequence[str], widths: Sequence[int], width: int, indent: int) -> list[str]:
    lines: list[str] = []
    line, column = " " * indent, indent
    for cell, wide in zip(row, widths, strict=False):
        line += cell
        column += wide + _GAP if wide else 0
        if len(line) + _GAP > column and cell:
            lines.append(line)
            line = ""
        line = line.ljust(column)
    room = width - len(line)
    if row[-1] and len(row[-1]) > room and (room < _NARROWEST or " " not in row[-1]):
        lines.append(line)
        line = " " * (indent + _STEP)
    lines += hang(line, row[-1], width)
    return [text for text in map(str.rstrip, lines) if text]
