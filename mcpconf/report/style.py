"""Words for the terminal: colour that only adds, symbols that read without it, hostile text made harmless."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mcpconf.secrets.escape import escape

SYMBOLS = {
    "create": "+",
    "update": "~",
    "replace": "-/+",
    "delete": "-",
    "revoke": "-",
    "conflict": "!",
    "held": "x",
    "unknown": "?",
}

_CODES = {"red": "31", "green": "32", "yellow": "33", "cyan": "36", "bold": "1", "dim": "2"}

ACTION_COLOURS = {
    "create": "green",
    "update": "yellow",
    "replace": "yellow",
    "delete": "red",
    "revoke": "red",
    "conflict": "red",
    "held": "red",
    "unknown": "yellow",
}

SEVERITY_COLOURS = {
    "critical": "red",
    "high": "red",
    "medium": "yellow",
    "low": "dim",
    "error": "red",
    "warning": "yellow",
    "info": "dim",
}


@dataclass(frozen=True, slots=True)
class Style:
    """`colour` off gives the same text without escape codes."""

    colour: bool = False
    home: str = ""

    def paint(self, text: str, name: str) -> str:
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self.colour and name in _CODES and text else text

    def path(self, path: str) -> str:
        """A path as people write it: `~` for the home."""
        if self.home and (path == self.home or path.startswith(self.home + "/")):
            path = "~" + path[len(self.home) :]
        return escape(path)


def columns(rows: Sequence[tuple[str, ...]], gap: int = 2) -> list[str]:
    """Rows as aligned columns; the last one is not padded."""
    if not rows:
        return []
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    return [
        (" " * gap)
        .join([cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)] + [row[-1]])
        .rstrip()
        for row in rows
    ]


def plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
