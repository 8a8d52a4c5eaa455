"""Reading TOML 1.0. What JSON cannot say is given as text: dates and times as in RFC 3339, `inf` and `nan` by name."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Final

from mcpconf.formats.base import BYTE_ORDER_MARK, MAXIMUM_DEPTH, Format, FormatError, Parsed, place, too_deep
from mcpconf.model.base import Absence, Json, KeyPath

_BY_HAND: Final = "correct the file by hand; it was not changed"
_WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_LONG_NUMBER = re.compile(r"(?<![\d_])[\d_]{4000,}")
_LONG_KEY = re.compile(rf"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{MAXIMUM_DEPTH}}}""")


def parse(text: str) -> Parsed:
    """The value of a text, `{}` of an empty one. TOML itself forbids duplicate keys: they are malformed."""
    return Parsed(loaded(text))


def loaded(text: str) -> Json:
    import tomllib

    body = text.removeprefix(BYTE_ORDER_MARK)
    if long := _LONG_KEY.search(text):
        at = place(text, long.start())
        raise FormatError("malformed", f"a key has more than {MAXIMUM_DEPTH} parts", at=at, hint=_BY_HAND)
    try:
        value = tomllib.loads(body)
    except RecursionError:
        raise _nested() from None
    except ValueError as error:
        raise _malformed(text, str(error)) from None
    if too_deep(value):
        raise _nested()
    return _plain(value)


def _nested() -> FormatError:
    return FormatError("malformed", f"tables and arrays nest deeper than {MAXIMUM_DEPTH}", at=(1, 1), hint=_BY_HAND)


def _malformed(text: str, message: str) -> FormatError:
    where = _WHERE.search(message)
    if where is None:  # int() of more digits than Python converts
        digits = _LONG_NUMBER.search(text)
        at = place(text, digits.start()) if digits else (1, 1)
        return FormatError("malformed", "a number has too many digits", at=at, hint=_BY_HAND)
    at = (int(where[1]), int(where[2])) if where[1] else place(text, len(text))
    message = message[: where.start()]
    return FormatError("malformed", message[:1].lower() + message[1:], at=at, hint=_BY_HAND)


def _plain(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, float) and value - value != 0:
        return str(value)
    return value


def _put(text: str, path: KeyPath, value: Json | Absence) -> str:
    from mcpconf.formats import toml_edit

    return toml_edit.put(text, path, value)


def _rename(text: str, path: KeyPath, name: str) -> str:
    from mcpconf.formats import toml_edit

    return toml_edit.rename(text, path, name)


def _position(text: str, path: KeyPath) -> tuple[int, int] | None:
    from mcpconf.formats import toml_edit

    return toml_edit.position(text, path)


TOML = Format("toml", "", parse, _put, _rename, _position)
