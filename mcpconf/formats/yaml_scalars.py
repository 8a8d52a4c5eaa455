"""The types of YAML scalars, and how a scalar is spelled so that every reader takes it for the same.

Plain words have the types of the core schema of YAML 1.2, as far as the readers of hosts agree on them (serde_yaml
0.9.34 `visit_untagged_scalar`, npm yaml 2.8 `schema/core`, both read 2026-11): `no`, `yes` and `on` are text. What they
disagree on is given as the text that is written: `012`, `0b1`, `-0x1`, numbers that are not finite.
"""

from __future__ import annotations

import re
from typing import Final

from mcpconf.formats.base import FormatError
from mcpconf.model.base import Json

_NAMED: Final[dict[str, Json]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"([-+]?(?:0|[1-9][0-9]*+))|0o([0-7]++)|0x([0-9a-fA-F]++)")
_FRACTION = re.compile(r"[-+]?(?:\.[0-9]++|[0-9]++(?:\.[0-9]*+)?)(?:[eE][-+]?[0-9]++)?")
_LONGEST_NUMBER: Final = 300
"""Characters; a longer one is beyond what a float holds, and is text."""
_LONGEST_KEY: Final = 1000
"""Characters; readers look 1,024 ahead for the colon behind a key."""

_ANY_YAML_TYPES_IT = re.compile(
    r"~|null|true|false|yes|no|on|off|y|n|=|<<|[-+]?\.?[0-9].*+|[-+]?\.(?:inf|nan)", re.IGNORECASE | re.DOTALL
)
"""Text that some reader takes for something else: null, booleans of YAML 1.1, merge keys, numbers, dates."""
_UNSAFE_START = re.compile(r"[?:,\[\]{}#&*!|>'\"%@`]|-(?:\s|$)|---|\.\.\.")
_UNSAFE_INSIDE = re.compile(r":(?:\s|$)|\s#|[\t\r\n]")
_FLOW_SIGN = re.compile(r"[,\[\]{}]")
_ESCAPED = re.compile('["\\\\\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]')
_NEEDS_ESCAPE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def typed(word: str) -> Json:
    """The value of a plain scalar."""
    if word in _NAMED:
        return _NAMED[word]
    if word[0] not in "0123456789-+." or len(word) > _LONGEST_NUMBER:
        return word
    if whole := _WHOLE.fullmatch(word):
        if whole[1]:
            return int(whole[1])
        return int(whole[2], 8) if whole[2] else int(whole[3], 16)
    if _FRACTION.fullmatch(word) and not word.lstrip("-+").isdigit():
        number = float(word)
        return number if number - number == 0 else word
    return word


def spelled(value: Json, quotes: str, *, flow: bool) -> str:
    """A scalar on one line. Text is plain where all readers agree on it; `quotes` are used where it cannot be.

    Raises FormatError for half of a surrogate pair.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value, quotes) if needs_quotes(value, flow=flow) else value
    written = repr(value)
    return written.replace("e", ".0e") if "e" in written and "." not in written else written


def key_spelled(key: str, quotes: str, *, flow: bool) -> str:
    """Raises FormatError for a key that is too long to be one."""
    written = spelled(key, quotes, flow=flow)
    if len(written) > _LONGEST_KEY:
        raise FormatError("container", f"a key of more than {_LONGEST_KEY} characters cannot be written in YAML")
    return written


def needs_quotes(text: str, *, flow: bool) -> bool:
    """Whether a text would mean something else without quotes; `flow` says that it stands between brackets."""
    return (
        not text
        or text != text.strip()
        or _ANY_YAML_TYPES_IT.fullmatch(text) is not None
        or _UNSAFE_START.match(text) is not None
        or _UNSAFE_INSIDE.search(text) is not None
        or (flow and _FLOW_SIGN.search(text) is not None)
        or needs_escapes(text)
        or _half_pair(text)
    )


def needs_escapes(text: str) -> bool:
    """Whether only double quotes can hold a text."""
    return _NEEDS_ESCAPE.search(text) is not None


def _half_pair(text: str) -> bool:
    if text.isascii():
        return False
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def quoted(text: str, quotes: str) -> str:
    """Text in quotes; in double ones where single ones cannot hold it."""
    if _half_pair(text):
        raise FormatError("encoding", "half of a surrogate pair cannot be written in YAML")
    if quotes == "'" and not needs_escapes(text):
        return "'" + text.replace("'", "''") + "'"
    return '"' + _ESCAPED.sub(lambda match: _SHORT.get(match[0]) or f"\\u{ord(match[0]):04x}", text) + '"'
