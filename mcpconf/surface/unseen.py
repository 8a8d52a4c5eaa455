"""Characters that nobody sees and a model reads.

Some scripts need some of them: Arabic and Indic letters are joined and parted by U+200D and U+200C, Thai and Khmer words
are parted by U+200B, texts from right to left are told their direction, emoji are joined to one. Those are let be where
they stand in such a text (Unicode 16, chapters 9, 12, 16 and 23; UTS 51 for emoji).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

PADDING = 100
"""So many blanks in a row move what follows out of sight."""

UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_PADDING = re.compile(rf"\s{{{PADDING},}}")
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{2,6}\U000e007f")
"""Of a part of a country, such as Scotland."""

_TAG = 0xE0000
_JOINING = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u0f00-\u0fff\u1000-\u109f\u1700-\u18af\u1a20-\u1cff\ua840-\ua8ff\ua900-\ua9ff\uaa00-\uabff"
    "\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00010fff\U00011000-\U00011fff\U0001e900-\U0001e95f]"
)
_UNSPACED = re.compile("[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u1aaf\ua9e0-\ua9ff\uaa60-\uaadf]")
"""Scripts without spaces between words."""

_EMOJI = re.compile(
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\ud7b0-\ud7ff\uffa0-\uffdc]")
_BRAILLE = re.compile("[\u2801-\u28ff]")


class _Around(NamedTuple):
    """Where a character stands: what is before and after it, "" at an end.

    `turned`: anything in its text runs from right to left. `braille`: anything in it is a letter of Braille.
    """

    before: str
    after: str
    turned: bool
    braille: bool


class Unseen(NamedTuple):
    """`sorts` counts what was found by its name in the plural; `spelled` is what tag characters spell, `first` the first place."""

    sorts: Mapping[str, int]
    spelled: str
    first: int


def unseen(text: str) -> Unseen | None:
    """None if there is nothing that a reader of the script would miss."""
    sorts: Counter[str] = Counter()
    first, spelled = -1, []
    for index, sort in _hidden(text):
        sorts[sort] += 1
        first = index if first < 0 else min(first, index)
        if sort == _TAGS:
            spelled.append(chr(ord(text[index]) - _TAG))
    return Unseen(sorts, "".join(filter(str.isprintable, spelled)), first) if sorts else None


def _hidden(text: str) -> Iterator[tuple[int, str]]:
    padded = _PADDING.search(text.strip())
    if padded is not None:
        yield text.find(padded[0]), _PADDED
    if text.isprintable() and text.isascii():
        return
    flags = {place for flag in _FLAG.finditer(text) for place in range(*flag.span())}
    turned = any(unicodedata.bidirectional(char) in ("R", "AL") for char in text)
    braille = _BRAILLE.search(text) is not None
    for found in UNSEEN.finditer(text):
        index = found.start()
        sort, fits = _sort(found[0])
        around = _Around(text[index - 1 : index], text[index + 1 : index + 2], turned, braille)
        if index not in flags and not fits(around):
            yield index, sort


_Fits = Callable[[_Around], bool]
_PADDED = "runs of blanks that move text out of sight"
_TAGS = "tag characters"
_ZERO = "characters without width"
_TURNING = "characters that turn the direction of the text"
_SELECTORS = "variation selectors that select nothing"
_CONTROLS = "control characters"
_BLANK = "letters that print as nothing"


def _sort(char: str) -> tuple[str, _Fits]:
    """What it is, and where it belongs."""
    if char in _KNOWN:
        return _KNOWN[char]
    if "\ufe00" <= char <= "\ufe0f":
        return _SELECTORS, _selects
    if "\U000e0100" <= char <= "\U000e01ef":
        return _SELECTORS, lambda around: _is_ideograph(around.before)
    if char >= "\U000e0000":
        return _TAGS, _never
    if "\u180b" <= char <= "\u180f":
        return _SELECTORS, lambda around: "\u1800" <= around.before <= "\u18af"
    return (_CONTROLS if unicodedata.category(char) == "Cc" else _ZERO), _never


def _never(_around: _Around) -> bool:
    return False


def _joins(around: _Around) -> bool:
    """Joins or parts two letters of a script that does so; or two emoji, or an emoji and its selector."""
    if _JOINING.match(around.before):
        return not UNSEEN.match(around.after)
    return bool(_EMOJI.match(around.before) or around.before == "\ufe0f") and bool(_EMOJI.match(around.after))


def _parts_words(around: _Around) -> bool:
    return bool(_UNSPACED.match(around.before) or _UNSPACED.match(around.after)) and not UNSEEN.match(around.after)


def _hyphenates(around: _Around) -> bool:
    return around.before.isalpha() and around.after.isalpha()


def _selects(around: _Around) -> bool:
    """After a character that has forms, and not after another selector. No letter of ASCII has."""
    before = around.before
    return (
        bool(before)
        and not UNSEEN.match(before)
        and not before.isspace()
        and not (before.isascii() and before.isalpha())
    )


def _is_ideograph(char: str) -> bool:
    return bool(char) and unicodedata.name(char, "").startswith("CJK ")


_KNOWN: Mapping[str, tuple[str, _Fits]] = {
    **dict.fromkeys("\u200c\u200d", (_ZERO, _joins)),
    "\u200b": (_ZERO, _parts_words),
    "\ufeff": (_ZERO, lambda around: not around.before),  # the mark of an encoding, at the beginning
    "\u00ad": (_ZERO, _hyphenates),
    "\u034f": (_ZERO, lambda around: around.before.isalpha() and not around.before.isascii()),
    **dict.fromkeys("\u061c\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069", (_TURNING, lambda around: around.turned)),
    **dict.fromkeys("\u202d\u202e", (_TURNING, _never)),
    **dict.fromkeys("\u115f\u1160\u3164\uffa0", (_BLANK, lambda around: bool(_HANGUL.match(around.before) or _HANGUL.match(around.after)))),
    **dict.fromkeys("\u17b4\u17b5", (_BLANK, lambda around: "\u1780" <= around.before <= "\u17ff")),
    "\u2800": (_BLANK, lambda around: around.braille),
}  # fmt: skip
