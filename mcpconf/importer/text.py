"""A manifest as text that people like to read: maps in blocks, short lists in a line, comments beside what they tell of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from mcpconf.model.base import Json
from mcpconf.secrets import escape

WIDTH = 110
"""A list or map that would be longer has a line for each of its members."""

Path: TypeAlias = tuple[str | int, ...]

_PLAIN = re.compile(r"[A-Za-z0-9_./~+@-](?:[A-Za-z0-9_./@+~= -]|:(?! ))*")
_PLAIN_IN_FLOW = re.compile(r"[A-Za-z0-9_./~+-][A-Za-z0-9_./@+~=-]*")
_OTHERWISE_READ = re.compile(
    r"(?:true|false|yes|no|on|off|y|n|null|~|[-+]?[0-9.][0-9._:e+-]*|0[xo][0-9a-f]+|[-+]?\.(?:inf|nan)"
    r"|-|---.*|\.\.\..*|- .*|@.*|.* |.*:|=|\d{4}-\d\d?-\d\d?.*)",
    re.IGNORECASE,
)
"""Text that other programs would take for a number, a truth, a date or a mark."""

_INVISIBLE = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


@dataclass(slots=True)
class Comments:
    """`above` and `beside` a key, by its path; `spaced` paths have an empty line before them, `top` and `end` stand alone."""

    top: list[str] = field(default_factory=list)
    above: dict[Path, list[str]] = field(default_factory=dict)
    beside: dict[Path, str] = field(default_factory=dict)
    end: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Layout:
    """`blocks`: patterns of paths that are always written as blocks. `spaced`: those with an empty line before them.

    `*` stands for any one step.
    """

    blocks: tuple[tuple[str, ...], ...]
    spaced: tuple[tuple[str, ...], ...]

    def is_block(self, path: Path) -> bool:
        return any(_fits(pattern, path) for pattern in self.blocks)

    def is_spaced(self, path: Path) -> bool:
        return any(_fits(pattern, path) for pattern in self.spaced)


def _fits(pattern: Sequence[str], path: Path) -> bool:
    return len(pattern) == len(path) and all(word in ("*", step) for word, step in zip(pattern, path, strict=True))


def render(document: Mapping[str, Json], comments: Comments, layout: Layout) -> str:
    """A document that reads back as `document`, every scalar as its text."""
    lines = [*map(_comment, comments.top), *_Writer(comments, layout).members(document, (), 0)]
    if comments.end:
        lines += ["", *map(_comment, comments.end)]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _comment(text: str) -> str:
    return f"# {escape(text)}" if text else "#"


class _Writer:
    def __init__(self, comments: Comments, layout: Layout) -> None:
        self._comments = comments
        self._layout = layout

    def members(self, value: Mapping[str, Json], path: Path, indent: int) -> Iterator[str]:
        for number, (key, inner) in enumerate(value.items()):
            yield from self._heading((*path, key), indent, first=not number and bool(path))
            yield from self._member(f"{' ' * indent}{scalar(str(key))}:", inner, (*path, key), indent)

    def _heading(self, path: Path, indent: int, *, first: bool) -> Iterator[str]:
        if self._layout.is_spaced(path) and not first:
            yield ""
        for text in self._comments.above.get(path, ()):
            yield f"{' ' * indent}{_comment(text)}" if text else ""

    def _member(self, head: str, value: Json, path: Path, indent: int) -> Iterator[str]:
        beside = self._comments.beside.get(path)
        note = f"  {_comment(beside)}" if beside else ""
        in_line = f"{head} {flow(value, block=True)}"
        short = len(in_line) <= WIDTH and not self._layout.is_block(path)
        if not isinstance(value, (dict, list)) or not value or short:
            yield f"{in_line}{note}"
        elif isinstance(value, dict):
            yield f"{head}{note}"
            yield from self.members(value, path, indent + 2)
        else:
            yield f"{head}{note}"
            for index, inner in enumerate(value):
                yield from self._element(inner, (*path, index), indent + 2)

    def _element(self, value: Json, path: Path, indent: int) -> Iterator[str]:
        lead = f"{' ' * indent}- "
        yield from self._heading(path, indent, first=path[-1] == 0)
        whole = f"{lead}{flow(value, block=True)}"
        if not isinstance(value, dict) or not value or (len(whole) <= WIDTH and not self._layout.is_block(path)):
            yield whole
            return
        lines = list(self.members(value, path, indent + 2))
        yield f"{lead}{lines[0].lstrip()}"
        yield from lines[1:]


def flow(value: Json, *, block: bool = False) -> str:
    """A value in one line. `block`: it does not stand inside brackets."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(str(key), flow=True)}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return scalar(value, flow=not block) if isinstance(value, str) else str(value)


def scalar(text: str, *, flow: bool = False) -> str:
    """Text without quotes where no program takes it for anything else, else in double quotes."""
    pattern = _PLAIN_IN_FLOW if flow else _PLAIN
    if pattern.fullmatch(text) and not _OTHERWISE_READ.fullmatch(text):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _INVISIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)
