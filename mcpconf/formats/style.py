"""How a file is written: its line ends, indentation, spacing, and whether short lists stand on one line."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WINDOW = 60_000
"""Characters looked at; the style of a file shows long before that."""

_UNIT = re.compile(r"^([ \t]*+)(?:[^ \t\r\n][^\r\n]*)?[\[{][ \t]*\r?\n\1([ \t]+)[^ \t\r\n]", re.MULTILINE)
_GAP = re.compile(r"""["'\]}\d],([ \t]*+)["'\[{\d]""")
_LIST_PAD = re.compile(r"""\[([ \t]*+)["'\d]""")
_MAP_PAD = re.compile(r"""\{([ \t]*+)["'\w]""")
_LINED_LIST = re.compile(r"""\[[ \t]*+\r?\n[ \t\r\n]*+["'\d]""")
_TRAILING = re.compile(r",[ \t]*+\r?\n[ \t\r\n]*+[\]}]")
_PLAIN = re.compile(r"[^ \t\r\n,]\r?\n[ \t]*+[\]}]")

_ESCAPE = re.compile(r"\\u(?:d[89ab]..\\ud[c-f]|(?!d[89a-f])(?!00(?:[0-6]|7[0-9a-e])))", re.IGNORECASE)
"""A letter outside ASCII, or the DEL at its end, that need not have been escaped."""


@dataclass(frozen=True, slots=True)
class Style:
    """`colon` parts key and value. `lists_lined` and `maps_lined` say what a new value on a line of its own looks like.

    `escapes` says that letters outside ASCII are written as escapes.
    """

    eol: str = "\n"
    unit: str = "  "
    colon: str = ": "
    gap: str = " "
    list_pad: str = ""
    map_pad: str = ""
    lists_lined: bool = False
    maps_lined: bool = True
    trailing: bool = False
    escapes: bool = False


def line_end(text: str) -> str:
    """The line end that most lines have."""
    return "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"


def sniffed(bare: str, at: int, colon: re.Pattern[str], base: Style) -> Style:
    """The style around an offset, then that of the file's head, then `base`. Takes text without comments."""
    near, head = bare[at : at + _WINDOW], bare[:_WINDOW]

    def first(pattern: re.Pattern[str], group: int, otherwise: str) -> str:
        match = pattern.search(near) or pattern.search(head)
        return match[group] if match else otherwise

    found_colon = first(colon, 1, base.colon)
    lined, inline = _lists(near)
    if not lined and not inline:
        lined, inline = _lists(head)
    trailing = len(_TRAILING.findall(near)) > len(_PLAIN.findall(near))
    return Style(
        eol=line_end(head),
        unit=first(_UNIT, 2, base.unit),
        colon=found_colon,
        gap=first(_GAP, 1, "" if found_colon == ":" else base.gap),
        list_pad=first(_LIST_PAD, 1, base.list_pad),
        map_pad=first(_MAP_PAD, 1, base.map_pad),
        lists_lined=lined > inline,
        maps_lined=base.maps_lined,
        trailing=trailing,
        escapes=head.isascii() and _ESCAPE.search(head) is not None,
    )


def _lists(bare: str) -> tuple[int, int]:
    return len(_LINED_LIST.findall(bare)), len(_LIST_PAD.findall(bare))
