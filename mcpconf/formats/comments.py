"""What is commented out in a text: lines that a reader passes over, as they would be without their signs."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import NamedTuple

from mcpconf.formats import FORMATS
from mcpconf.formats.base import FormatError, places
from mcpconf.formats.json_text import COMMENT, STRING
from mcpconf.formats.toml_notation import STRING as TOML_STRING
from mcpconf.model.base import Json

_JSONC = re.compile(rf"{STRING}|({COMMENT})", re.DOTALL)
_TOML = re.compile(rf"{TOML_STRING}|(#[^\r\n]*+)", re.DOTALL)
_YAML = re.compile(r"^[ \t]*+(#[^\r\n]*+)", re.MULTILINE)
_MOST_LINES = 300
_WORDS_BEFORE = 8
"""Lines of plain words that may stand in front of a value in one comment."""

_SIGN = re.compile(r"^[ \t]*+(?://|#)", re.MULTILINE)


class CommentedOut(NamedTuple):
    """`line` is that of its first line, from 1."""

    line: int
    text: str


def commented_out(text: str, notation: str) -> Iterator[CommentedOut]:
    """Comments on lines of their own, neighbours together. The text need not be of the notation. JSON has none."""
    if notation in _FINDERS:
        found = [(line, comment) for line, comment in _FINDERS[notation](text) if comment.strip()]
        groups = groupby(enumerate(found), key=lambda item: item[1][0] - item[0])
        for _, group in groups:
            lines = [comment for _, comment in group]
            yield CommentedOut(lines[0][0], textwrap.dedent("\n".join(body for _, body in lines)))


def value_of(text: str, notation: str) -> tuple[int, Json]:
    """What a comment would say, and how many lines of words stand before it; None where it says nothing."""
    lines = text.split("\n")[:_MOST_LINES]
    for start in range(min(_WORDS_BEFORE, len(lines))):
        rest = "\n".join(lines[start:])
        for candidate in _in_braces(rest) if notation == "jsonc" else (rest,):
            try:
                value = FORMATS[notation].parse(candidate).value
            except FormatError:
                continue
            if isinstance(value, dict) and value:
                return start, value
    return 0, None


def _in_braces(text: str) -> tuple[str, ...]:
    plain = text.strip().strip(",").strip()
    return (plain, f"{{{plain}}}") if plain.startswith("{") else (f"{{{plain}}}",)


def _jsonc(text: str) -> Iterator[tuple[int, str]]:
    for line, comment in _own_lines(text, _JSONC):
        if comment.startswith("//"):
            yield line, comment[2:]
        else:
            yield from enumerate(comment[2:-2].split("\n"), line)


def _toml(text: str) -> Iterator[tuple[int, str]]:
    yield from ((line, comment[1:]) for line, comment in _own_lines(text, _TOML))


def _own_lines(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    found = [match for match in pattern.finditer(text) if match[1] and _begins_line(text, match.start(1))]
    starts = [match.start(1) for match in found]
    for (line, _), match in zip(places(text, starts), found, strict=True):
        yield line, match[1]


def _begins_line(text: str, offset: int) -> bool:
    return not text[text.rfind("\n", 0, offset) + 1 : offset].strip()


def _yaml(text: str) -> Iterator[tuple[int, str]]:
    """In a text of several lines a line may begin with `#` too: it is told like a comment, and means as little."""
    found = [*_YAML.finditer(text)]
    for (line, _), match in zip(places(text, [match.start(1) for match in found]), found, strict=True):
        yield line, _SIGN.sub("", match[0])


_FINDERS: dict[str, Callable[[str], Iterator[tuple[int, str]]]] = {"jsonc": _jsonc, "toml": _toml, "yaml": _yaml}
