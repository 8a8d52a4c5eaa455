"""Writing JSON and JSONC: one value changes, every other byte stays."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Final

from mcpconf.canonical import same
from mcpconf.formats.base import BYTE_ORDER_MARK, FormatError, UnsafeEditError, place, pointer
from mcpconf.formats.json_notation import COLON, COMMENTS, JsonNotation, first_character
from mcpconf.formats.json_text import Dialect, JsonText, duplicates, prepared, shared_value
from mcpconf.formats.path import Steps, after_put, after_rename, built, checked, locate, nameable, named
from mcpconf.formats.splice import Box, Member, Source, spliced
from mcpconf.formats.style import Style, line_end, sniffed
from mcpconf.formats.tree import Tree, changed
from mcpconf.model.base import ABSENT, Absence, Json, KeyPath

_REPEATED: Final = "remove one of them; which one counts differs between readers"

_REMOVED_SINGLY: Final = 20
"""More elements of one list are removed by writing the list anew, for each removal reads it again."""


class _Page:
    """A text under edit, and the way through it."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        self.text: JsonText = prepared(text, dialect)
        self.value: Json = shared_value(text, dialect)
        self.notation = JsonNotation(self.text, dialect)
        self.source = Source(self.text.text, self.text.bare, COMMENTS)
        self.start = first_character(self.text.blank)
        self._keys: dict[int, dict[str | None, list[int]]] = {}

    def _named(self, box: Box, key: str) -> list[int]:
        """Where a key stands in a map; made once per map, for one map may be asked for each of its keys."""
        if box.open not in self._keys:
            keys: dict[str | None, list[int]] = {}
            for index, member in enumerate(box.members):
                keys.setdefault(member.key, []).append(index)
            self._keys[box.open] = keys
        return self._keys[box.open].get(key, [])

    def trail(self, steps: Steps) -> list[tuple[Box, int]]:
        """The box and the index in it for each step. Raises FormatError where the key of a step stands twice."""
        start = self.start
        trail: list[tuple[Box, int]] = []
        for count, step in enumerate(steps):
            box = self.notation.box(self.source, start)
            found = [step] if isinstance(step, int) else self._named(box, step)
            if len(found) > 1:
                raise FormatError(
                    "duplicate-key",
                    f"`{pointer(steps[: count + 1])}` stands {len(found)} times",
                    at=place(self.text.text, box.members[found[1]].start),
                    hint=_REPEATED,
                )
            trail.append((box, found[0]))
            start = box.members[found[0]].value
        return trail

    def place(self, steps: Steps) -> tuple[int, int]:
        if not steps:
            return place(self.text.text, self.start)
        box, index = self.trail(steps)[-1]
        return place(self.text.text, box.members[index].start)

    def locate(self, path: KeyPath) -> tuple[Steps, KeyPath]:
        return locate(self.value, path, self.place)

    def style(self, trail: list[tuple[Box, int]]) -> Style:
        """The style where the trail ends; the indentation is that of the innermost box that shows one."""
        innermost = _member(self, trail)
        boxes = [box for box, _ in trail]
        if isinstance(innermost.content, (dict, list)) and innermost.content:
            boxes.append(self.notation.box(self.source, innermost.value))
        style = sniffed(self.source.bare, boxes[-1].open if boxes else 0, COLON, Style())
        for box in reversed(boxes):
            unit = self.source.indent(box.members[0].start).removeprefix(self.source.indent(box.open))
            if unit and self.source.line_break(box.members[0].start) is not None:
                return replace(style, unit=unit)
        return style

    def root(self) -> Member:
        end = len(self.text.blank.rstrip(" \t\r\n"))
        return Member(None, self.start, self.start, self.start, end, self.value)


@lru_cache(maxsize=2)
def _page(text: str, dialect: Dialect) -> _Page:
    """Of one text many positions are asked for, one after the other."""
    return _Page(text, dialect)


def position(text: str, path: KeyPath, dialect: Dialect) -> tuple[int, int] | None:
    page = _page(text, dialect)
    try:
        steps, missing = page.locate(path)
    except FormatError as error:
        if error.kind != "container":
            raise
        return None
    return None if missing else page.place(steps)


def put(text: str, path: KeyPath, wanted: Json | Absence, dialect: Dialect) -> str:
    checked(path, wanted)
    page = _Page(text, dialect)
    steps, missing = page.locate(path)
    if wanted is ABSENT and not path:
        raise FormatError("container", "the whole document cannot be removed; delete the file instead", at=(1, 1))
    trail = page.trail(steps)
    if wanted is ABSENT:
        new = text if missing else _without(page, trail, path)
    elif page.text.empty:
        new = _created(page, path, wanted)
    elif missing:
        new = _with(page, trail, missing, wanted)
    else:
        new = _changed(page, trail, wanted)
    if new != text:
        verify(shared_value(new, dialect), after_put(page.value, path, wanted), path)
    return new


def rename(text: str, path: KeyPath, name: str, dialect: Dialect) -> str:
    page = _Page(text, dialect)
    steps = nameable(page.value, path, name, page.place)
    trail = page.trail(steps)
    box, index = trail[-1]
    member = box.members[index]
    key = page.notation.key(name, page.style(trail))
    new = spliced(page.text.text, [(member.start, member.key_end, key)])
    verify(shared_value(new, dialect), after_rename(page.value, steps, name), path)
    return new


def _created(page: _Page, path: KeyPath, wanted: Json) -> str:
    """A document where there was none: behind the comments, if the text has some."""
    head = page.text.text.rstrip(" \t\r\n")
    eol = line_end(page.text.text)
    value = page.notation.written(after_put({}, path, wanted), Style(eol=eol), "", lined=True)
    return head + (eol if head.strip(BYTE_ORDER_MARK) else "") + value + eol


def _stands_lined(page: _Page, trail: list[tuple[Box, int]]) -> bool:
    """Whether the value at the end of the trail begins on a line of its own, as the document itself does."""
    if not trail:
        return True
    box, index = trail[-1]
    return page.source.line_break(box.members[index].start) is not None


def _member(page: _Page, trail: list[tuple[Box, int]]) -> Member:
    return trail[-1][0].members[trail[-1][1]] if trail else page.root()


def _without(page: _Page, trail: list[tuple[Box, int]], path: KeyPath) -> str:
    box, index = trail[-1]
    contents = [member.content for member in box.members]
    indices = named(contents, path[-1]) or [index]
    if len(indices) > _REMOVED_SINGLY:
        gone = frozenset(indices)
        return _changed(page, trail[:-1], [item for at, item in enumerate(contents) if at not in gone])
    tree = Tree(page.source, page.notation, page.style(trail))
    for each in reversed(indices):
        tree.remove(box.open, each)
    return tree.source.text


def _with(page: _Page, trail: list[tuple[Box, int]], missing: KeyPath, wanted: Json) -> str:
    member = _member(page, trail)
    tree = Tree(page.source, page.notation, page.style(trail))
    key = missing[0] if isinstance(missing[0], str) else None
    last = len(page.notation.box(page.source, member.value).members)
    tree.insert(member.value, last, (key, built(missing, wanted)), lined=_stands_lined(page, trail))
    return tree.source.text


def _changed(page: _Page, trail: list[tuple[Box, int]], wanted: Json) -> str:
    member = _member(page, trail)
    if same(member.content, wanted):
        return page.text.text
    inside = page.text.blank[member.value : member.end]
    repeated = duplicates(JsonText(inside, inside, inside)) if isinstance(member.content, (dict, list)) else ()
    if repeated:
        first = repeated[0]
        before = page.text.text[: member.value]
        raise FormatError(
            "duplicate-key", f"`{first.key}` stands twice in one map", at=place(before, len(before)), hint=_REPEATED
        )
    tree = Tree(page.source, page.notation, page.style(trail))
    return spliced(page.text.text, [changed(tree, member, wanted, lined=_stands_lined(page, trail))])


def verify(value: Json, expected: Json, path: KeyPath) -> None:
    """Raises UnsafeEditError unless the new text says what was asked."""
    if not (value == expected):
        raise UnsafeEditError(f"the edit at `{pointer(path)}` would have changed something else")
