"""Patterns that people write for text of others: regular expressions that take linear time, whatever the text.

A repeated piece takes all that it can and gives nothing back, a group takes its first alternative that fits, and what is
repeated is one character or class, at most MOST times. So no text makes a search slow, and the meaning is as in Python
wherever a pattern needs no going back.
"""

from __future__ import annotations

import re

LONGEST = 500
"""Characters of a pattern."""

MOST = 200
"""Times that a piece repeats: `*` and `+` end there."""

_TOKEN = re.compile(
    r"(?P<group>\((?:\?:)?)|(?P<plain>[)|^$])|(?P<times>[*+?]|\{(?P<least>[0-9]{1,3})(?P<comma>,(?P<most>[0-9]{0,3}))?\})"
    r"|(?P<atom>\\[dDwWsS]|\\[^a-zA-Z0-9\s]|\[\^?\]?(?:\\[dDwWsS]|\\[^a-zA-Z0-9\s]|[^\]\[\\])*\]|[^\\\[\](){}|*+?^$])"
)
_DOUBLED = re.compile(r"--|&&|~~|\|\|")
"""Inside a class, they mean something else in later versions of Python."""


class PatternError(ValueError):
    """Continues a sentence that begins with the pattern: "repeats a group"."""


def compiled(pattern: str) -> re.Pattern[str]:
    """Raises PatternError."""
    if len(pattern) > LONGEST:
        raise PatternError(f"has more than {LONGEST} characters")
    pieces, before, at = [], "", 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            raise PatternError(f"has something at character {at + 1} that these patterns do not know")
        pieces.append(_piece(token, before))
        before, at = token.lastgroup or "", token.end()
    try:
        return re.compile("".join(pieces), re.DOTALL)
    except re.error as error:
        raise PatternError(f"cannot be read: {error.msg}") from None


def _piece(token: re.Match[str], before: str) -> str:
    text = token[0]
    match token.lastgroup:
        case "group":
            return "(?>"
        case "times" if before != "atom":
            raise PatternError("repeats a group, or a repetition" if before else "repeats nothing")
        case "times":
            return _times(token)
        case "atom" if text.startswith("[") and _DOUBLED.search(text):
            raise PatternError("has a doubled character in a class")
    return text


def _times(token: re.Match[str]) -> str:
    if token["least"] is None:
        return {"*": f"{{0,{MOST}}}+", "+": f"{{1,{MOST}}}+", "?": "?+"}[token[0]]
    least = int(token["least"])
    most = least if token["comma"] is None else int(token["most"] or MOST)
    if not least <= most <= MOST:
        raise PatternError(f"repeats more than {MOST} times, or less than nothing")
    return f"{{{least},{most}}}+"
