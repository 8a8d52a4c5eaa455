"""What every format shares: the error with a place in the text, what parsing gives, and what a format can do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, compress

from mcpconf.errors import ProblemKind
from mcpconf.model.base import Absence, Element, Json, KeyPath, Step

MAXIMUM_DEPTH = 100
"""Maps and lists in one another; no host nests deeper than 20, and the recursive walks of readers stay safe."""


class FormatError(ValueError):
    """A text that cannot be read, or cannot be edited at this place. `line` and `column` count from 1, in characters."""

    def __init__(self, kind: ProblemKind, message: str, *, at: tuple[int, int] | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.kind: ProblemKind = kind
        self.message = message
        self.line: int | None = at[0] if at else None
        self.column: int | None = at[1] if at else None
        self.hint = hint


class UnsafeEditError(RuntimeError):
    """An edit that would have changed more or less than asked. A bug of ours; nothing was written."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A key that stands twice in one map. `path` leads to the map; the place is that of the second occurrence."""

    path: tuple[str | int, ...]
    key: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document's value. Of duplicate keys the last one wins, as in JavaScript, Python and Go; all are listed."""

    value: Json
    duplicates: tuple[Duplicate, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """How one kind of text is read and edited.

    All but `name` and `empty` raise FormatError for a text that is not of this format. `put` gives the text in which
    exactly the value at the path differs; it raises FormatError where a step meets the wrong kind of value or a
    duplicate key. `rename` gives the key at the end of a path another name, in its place; it raises FormatError where
    there is none, or the other one already. `position` gives the line and column of a key or element, None where there is none.
    `empty` is the smallest document. `null_is_empty`: people write a key with nothing behind it for a map or list
    without members, and `put` fills it like one.
    """

    name: str
    empty: str
    parse: Callable[[str], Parsed]
    put: Callable[[str, KeyPath, Json | Absence], str]
    rename: Callable[[str, KeyPath, str], str]
    position: Callable[[str, KeyPath], tuple[int, int] | None]
    null_is_empty: bool = False


BYTE_ORDER_MARK = "\ufeff"


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1. A byte order mark takes no column."""
    return next(places(text, (offset,)))


def places(text: str, offsets: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The places of many offsets, given in order; reads the text once."""
    line, begin, position = 1, int(text.startswith(BYTE_ORDER_MARK)), 0
    for offset in offsets:
        line += text.count("\n", position, offset)
        begin = max(begin, text.rfind("\n", position, offset) + 1)
        position = offset
        yield line, max(offset - begin, 0) + 1


def pointer(path: tuple[Step | int, ...]) -> str:
    """RFC 6901 text of a path; an element is `=value` or `key=value`, the place behind the last element is `-`."""
    return "".join("/" + _part(step).replace("~", "~0").replace("/", "~1") for step in path) or "/"


def _part(step: Step | int) -> str:
    if isinstance(step, (str, int)):
        return str(step)
    return f"{step.key}={step.text}" if isinstance(step, Element) else "-"


_CONTAINERS = frozenset({dict, list})


def too_deep(value: Json) -> bool:
    """Whether maps and lists nest deeper than MAXIMUM_DEPTH. Does not recurse."""
    level = [value]
    for _ in range(MAXIMUM_DEPTH + 1):
        level = list(compress(level, map(_CONTAINERS.__contains__, map(type, level))))
        if not level:
            return False
        level = list(chain.from_iterable(each.values() if isinstance(each, dict) else each for each in level))
    return True
