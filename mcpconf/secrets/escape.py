"""Text of others made safe to print: nothing in it moves the cursor, hides, or turns around."""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
"""Characters that print as nothing though Python calls them printable (Unicode 16, Default_Ignorable_Code_Point, and the
empty Braille cell)."""

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escape(text: str) -> str:
    r"""One line of printable text, for people to read and not to undo: a backslash stays as it is.

    Controls, bidirectional and invisible characters, line ends and lone surrogates become `\n`, `\x1b`, `\u202e`,
    `\U000e0041`; other text is unchanged.
    """
    if text.isprintable() and _UNSEEN.search(text) is None:
        return text
    return text.translate(_SAFE)


class _Safe(dict[int, str]):
    """Each character is looked at once, however long the text."""

    def __missing__(self, number: int) -> str:
        char = chr(number)
        self[number] = char if char.isprintable() and not _UNSEEN.match(char) else _escaped(char)
        return self[number]


_SAFE = _Safe()


def _escaped(char: str) -> str:
    number = ord(char)
    if number <= 0xFF:
        return _SHORT.get(char) or f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
