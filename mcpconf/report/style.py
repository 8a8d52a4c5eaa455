"""Words for the terminal: colour that only adds, symbols that read without it, hostile text made harmless."""

from __future__ import annotations

from collections.abc import Callable
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

LONGEST = 240
"""Of one text of others; more of it would only push the rest off the screen. JSON has all of it."""

_TAIL = 40


def unchanged(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Style:
    """`colour` off gives the same text without escape codes. `width` is where prose is wrapped.

    `scrub` takes secrets out of a text before it is shortened or wrapped: afterwards they could not be recognised.
    """

    colour: bool = False
    home: str = ""
    width: int = 100
    scrub: Callable[[str], str] = unchanged

    def paint(self, text: str, name: str) -> str:
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self.colour and name in _CODES and text else text

    def line(self, text: str) -> str:
        """Text of others as one printable line, however long."""
        return escape(self.scrub(text))

    def text(self, text: str) -> str:
        """Text of others as one printable line of bounded length. Of half a secret nobody could tell that it is one."""
        text = self.scrub(text)
        if len(text) <= LONGEST:
            return escape(text)
        from mcpconf.secrets import cleaned

        text = cleaned(text)
        head, tail = text[: LONGEST - _TAIL], text[-_TAIL:]
        return f"{escape(head)}...{escape(tail)} ({len(text)} characters)"

    def path(self, path: str) -> str:
        """A path as people write it: `~` for the home."""
        if self.home and (path == self.home or path.startswith(self.home + "/")):
            path = "~" + path[len(self.home) :]
        return self.text(path)


def plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}{'es' if word.endswith('s') else 's'}"


def listing(texts: list[str]) -> str:
    """`a, b`: what is there, without what is empty."""
    return ", ".join(text for text in texts if text)


def moment(time: str, style: Style) -> str:
    """A UTC time of ours, to the minute."""
    return style.text(time[:16].replace("T", " "))
