"""Reading JSON and JSONC (JSON with comments and trailing commas).

An empty text is malformed JSON: `JSON.parse("")` throws, and so do the hosts that use it. An empty JSONC text is an
empty map: the parser of VS Code gives nothing there, and its callers take that for no settings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, NoReturn

from mcpconf.formats.base import (
    BYTE_ORDER_MARK,
    MAXIMUM_DEPTH,
    Duplicate,
    Format,
    FormatError,
    Parsed,
    place,
    places,
    too_deep,
)
from mcpconf.model.base import Absence, Json, KeyPath

Dialect = Literal["json", "jsonc"]

# `(?>(?:...)*)` and never `(?:...)*+`: Python 3.11.2, which Debian 12 has, leaves the place of a failed last round
# (https://github.com/python/cpython/issues/100061).
STRING = r'"(?>(?:[^"\\]++|\\.)*)"'
COMMENT = r"//[^\r\n]*+|/\*(?>(?:[^*]++|\*(?!/))*)\*/"
_COMMENT = re.compile(COMMENT)
_TO_COMMENT = re.compile(rf'(?>(?:[^"/]++|{STRING})*)', re.DOTALL)
_TO_TRAILING_COMMA = re.compile(rf'(?>(?:[^",]++|{STRING}|,(?![ \t\r\n]*+[\]}}]))*)', re.DOTALL)
_TRAILING_COMMA = re.compile(r",[ \t\r\n]*+[\]}]")
_TOKEN = re.compile(rf'{STRING}|[{{}}\[\],:]|[^\s{{}}\[\],:"]++', re.DOTALL)
_SPACE = " \t\r\n"
_BY_HAND: Final = "correct the file by hand; it was not changed"


@dataclass(frozen=True, slots=True)
class JsonText:
    """A text, and the same with comments (`bare`) and also trailing commas (`blank`) replaced by as many spaces.

    `plain` says that it is strict JSON.
    """

    text: str
    bare: str
    blank: str
    plain: bool = True

    @property
    def empty(self) -> bool:
        return not self.bare.strip(_SPACE)


@lru_cache(maxsize=4)
def prepared(text: str, dialect: Dialect) -> JsonText:
    bare = " " + text[1:] if text.startswith(BYTE_ORDER_MARK) else text
    if dialect == "json" or _is_strict(text):
        return JsonText(text, bare, bare)
    bare = _without_comments(bare)
    return JsonText(text, bare, without_trailing_commas(bare), plain=False)


def _is_strict(text: str) -> bool:
    """Most JSONC files are plain JSON, which is found out faster than comments are looked for."""
    try:
        shared_value(text, "json")
    except FormatError:
        return False
    return True


@lru_cache(maxsize=4)
def shared_value(text: str, dialect: Dialect) -> Json:
    """The value of a text, `{}` of an empty one. It is shared: never change it."""
    shown = prepared(text, dialect)
    if dialect == "jsonc" and shown.plain:
        return shared_value(text, "json")
    return {} if shown.empty else _loaded(shown, dict)


def parsed(text: str, dialect: Dialect) -> Parsed:
    shown = prepared(text, dialect)
    if shown.empty and dialect == "json":
        raise FormatError(
            "malformed", "the file is empty, which is not JSON", at=(1, 1), hint="write `{}` into it, or delete it"
        )
    if shown.empty:
        return Parsed({})
    repeated = False

    def collected(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        nonlocal repeated
        made = dict(pairs)
        repeated = repeated or len(made) != len(pairs)
        return made

    value = _loaded(shown, collected)
    return Parsed(value, duplicates(shown) if repeated else ())


def _without_comments(text: str) -> str:
    pieces: list[str] = []
    position = 0
    while (stop := _end(_TO_COMMENT, text, position)) < len(text) and text[stop] == "/":
        comment = _COMMENT.match(text, stop)
        if comment is None:
            if text.startswith("/*", stop):
                raise FormatError(
                    "malformed", "the comment never ends", at=place(text, stop), hint="close it with `*/`"
                )
            break
        end = comment.end()
        if text.startswith("//", stop) and text.startswith("\r", end) and not text.startswith("\r\n", end):
            raise FormatError(
                "malformed",
                "a lone carriage return in a comment: readers disagree on where the comment ends",
                at=place(text, end),
                hint="remove the carriage return",
            )
        pieces += text[position:stop], " " * (end - stop)
        position = end
    return "".join((*pieces, text[position:]))


@lru_cache(maxsize=4)
def without_trailing_commas(bare: str) -> str:
    """Blank the commas that stand before a closing bracket, but not those that follow nothing, as in `[,]`."""
    if not _TRAILING_COMMA.search(bare):
        return bare
    pieces: list[str] = []
    position = 0
    while (stop := _end(_TO_TRAILING_COMMA, bare, position)) < len(bare) and bare[stop] == ",":
        before = stop
        while before > position and bare[before - 1] in _SPACE:
            before -= 1
        if before and bare[before - 1] in "[{":
            break
        pieces += bare[position:stop], " "
        position = stop + 1
    return "".join((*pieces, bare[position:]))


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


class _NumberError(ValueError):
    """A number, as spelled, that readers do not agree on."""


def _no_number(spelling: str) -> NoReturn:
    raise _NumberError(spelling)


def _finite(spelling: str) -> float:
    number = float(spelling)
    return number if number - number == 0 else _no_number(spelling)


def _loaded(shown: JsonText, collected: Callable[[list[tuple[str, Json]]], Json]) -> Json:
    text, blank = shown.text, shown.blank
    hook = None if collected is dict else collected
    try:
        value = json.loads(blank, parse_constant=_no_number, parse_float=_finite, object_pairs_hook=hook)
    except json.JSONDecodeError as error:
        message = f"{error.msg[:1].lower()}{error.msg[1:]}"
        raise FormatError("malformed", message, at=place(text, error.pos), hint=_hint(text, error.pos)) from None
    except _NumberError as error:
        raise _bad_number(text, blank, str(error)) from None
    except RecursionError:
        raise _nested() from None
    except ValueError:  # int() of more digits than Python converts
        spelling = max(_TOKEN.findall(blank), key=lambda token: len(token) if token[0] in "-0123456789" else 0)
        raise _bad_number(text, blank, spelling) from None
    if too_deep(value):
        raise _nested()
    return value


def _nested() -> FormatError:
    return FormatError("malformed", f"maps and lists nest deeper than {MAXIMUM_DEPTH}", at=(1, 1), hint=_BY_HAND)


def _bad_number(text: str, blank: str, spelling: str) -> FormatError:
    offset = next(match.start() for match in _TOKEN.finditer(blank) if match[0].startswith(spelling))
    shown = spelling if len(spelling) <= 20 else f"{spelling[:20]}..."
    message = f"`{shown}` is no number that JSON readers agree on"
    return FormatError("malformed", message, at=place(text, offset), hint="write another number, or a text, there")


def _hint(text: str, offset: int) -> str:
    if "{{" in text[: offset + 2]:
        return "this looks like a template; run it through its tool first"
    if text.startswith(("//", "/*", "#"), offset):
        return "comments are not allowed in this file"
    return _BY_HAND


@dataclass(slots=True)
class _Frame:
    """An open map or list while looking for duplicate keys; `key` is the member at hand, None before the first."""

    path: tuple[str | int, ...]
    is_map: bool
    key: str | int | None
    seen: set[str]


def duplicates(shown: JsonText) -> tuple[Duplicate, ...]:
    found: list[tuple[tuple[str | int, ...], str, int]] = []
    frames: list[_Frame] = []
    for match in _TOKEN.finditer(shown.blank):
        part, top = match[0], frames[-1] if frames else None
        if part in "{[":
            path = () if top is None or top.key is None else (*top.path, top.key)
            frames.append(_Frame(path, part == "{", None if part == "{" else 0, set()))
        elif part in "}]":
            frames.pop()
        elif part == "," and top is not None:
            top.key = None if isinstance(top.key, str) else (top.key or 0) + 1
        elif top is not None and top.is_map and top.key is None:
            key: str = json.loads(part)
            if key in top.seen:
                found.append((top.path, key, match.start()))
            top.key = key
            top.seen.add(key)
    offsets = places(shown.text, (offset for _, _, offset in found))
    return tuple(Duplicate(path, key, *at) for (path, key, _), at in zip(found, offsets, strict=True))


def _format(dialect: Dialect) -> Format:
    def parse(text: str) -> Parsed:
        return parsed(text, dialect)

    def put(text: str, path: KeyPath, value: Json | Absence) -> str:
        from mcpconf.formats import json_edit

        return json_edit.put(text, path, value, dialect)

    def rename(text: str, path: KeyPath, name: str) -> str:
        from mcpconf.formats import json_edit

        return json_edit.rename(text, path, name, dialect)

    def position(text: str, path: KeyPath) -> tuple[int, int] | None:
        from mcpconf.formats import json_edit

        return json_edit.position(text, path, dialect)

    return Format(dialect, "{}\n", parse, put, rename, position)


JSON = _format("json")
JSONC = _format("jsonc")
