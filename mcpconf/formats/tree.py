"""Changing maps and lists in brackets, member by member, so that what stays equal keeps its bytes."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from mcpconf.canonical import same
from mcpconf.formats.splice import Box, Layout, Member, Source, Splice, insertion, removal, spliced
from mcpconf.formats.style import Style
from mcpconf.model.base import Json

_MEMBERS = 400
_CHARACTERS = 20_000_000
"""Containers with more members, or more characters read for them, are written anew: member by member is quadratic."""

_FITTING = 80
"""Characters of a new section that may stand on one line because the map beside it does."""


class Notation(Protocol):
    """A notation of nested maps and lists, as far as editing needs it."""

    def box(self, source: Source, start: int) -> Box:
        """The members of the map or list that begins at an offset."""

    def written(self, value: Json, style: Style, indent: str, *, lined: bool) -> str:
        """A value whose first line is indented by `indent`; `lined` allows line breaks in it."""

    def key(self, key: str, style: Style) -> str:
        """A key as it stands before the colon."""

    def again(self, old: str, value: Json) -> str | None:
        """A scalar in the spelling that `old` has, where the notation has several."""

    def breaks(self, content: Json) -> bool:
        """Whether a map or list like this may be broken into lines."""


class Tree:
    """A piece of text under edit, from the start of a line on."""

    def __init__(self, source: Source, notation: Notation, style: Style) -> None:
        self.source = source
        self.notation = notation
        self.style = style

    def _cut(self, splices: list[Splice]) -> None:
        self.source = self.source.without(splices)

    def remove(self, start: int, index: int) -> None:
        """Take one member out of the map or list that begins at `start`."""
        self._cut(removal(self.source, self.notation.box(self.source, start), index))

    def insert(self, start: int, index: int, member: tuple[str | None, Json], *, lined: bool) -> None:
        """Put a member (a key and value, or None and an element) into the map or list that begins at `start`.

        `lined` says whether that map or list, if empty, stands where line breaks are usual.
        """
        source, style = self.source, self.style
        key, value = member
        box = self.notation.box(source, start)
        model = box.members[min(index, len(box.members) - 1)] if box.members else None
        lined = self._lined(box, value, lined=lined, is_list=key is None)
        indent = source.indent(start) + style.unit
        if model is not None and source.line_break(model.start) is not None:
            indent = source.indent(model.start)
        entry = self._entry(model, key, value, indent, lined=lined)
        pad = style.list_pad if key is None else style.map_pad
        trailing = lined and style.trailing
        self._cut(insertion(source, box, index, entry, Layout(style.eol, indent, style.gap, pad, lined, trailing)))

    def _lined(self, box: Box, value: Json, *, lined: bool, is_list: bool) -> bool:
        source = self.source
        if not self.notation.breaks([] if is_list else {}):
            return False
        if box.members:
            last = box.members[-1]
            tail = source.tail(last.end)
            return source.line_break(last.start) is not None or (tail > last.end and source.ends_line(tail))
        inside = source.text[box.open + 1 : box.close]
        if "\n" in inside:
            return True
        return lined and not (is_list and not self.style.lists_lined and not isinstance(value, (dict, list)))

    def _entry(self, model: Member | None, key: str | None, value: Json, indent: str, *, lined: bool) -> str:
        text, style = self.source.text, self.style
        if model is not None and isinstance(value, type(model.content)) and model.content:
            shown = text[model.value : model.end]
            broken = "\n" in shown
            if isinstance(value, dict):
                lined = lined and (broken or self._outgrows(value))
            if isinstance(value, list):
                style = replace(style, lists_lined=broken)
        if key is None:
            return self.notation.written(value, style, indent, lined=lined)
        colon = style.colon
        if model is not None and not (spacing := text[model.key_end : model.value]).strip(" \t:="):
            colon = spacing
        return self.notation.key(key, style) + colon + self.notation.written(value, style, indent, lined=lined)

    def _outgrows(self, value: dict[str, Json]) -> bool:
        """Whether a map is too long for a line beside one on a single line: a new section, which holds maps alone."""
        flat = self.notation.written(value, self.style, "", lined=False)
        return len(flat) > _FITTING and all(isinstance(item, dict) for item in value.values())

    def change(self, member: Member, wanted: Json, *, lined: bool) -> None:
        """Make `wanted` the value of a member. `lined` says whether line breaks are usual where it stands."""
        old = member.content
        if same(old, wanted):
            return
        if isinstance(old, dict) and isinstance(wanted, dict) and _few(member, wanted):
            self._merge_map(member.value, old, wanted, lined=lined)
        elif isinstance(old, list) and isinstance(wanted, list) and _few(member, wanted):
            self._merge_list(member.value, old, wanted, lined=lined)
        else:
            self._rewrite(member, wanted, lined=lined)

    def _rewrite(self, member: Member, wanted: Json, *, lined: bool) -> None:
        shown = self.source.text[member.value : member.end]
        style = self.style
        if isinstance(member.content, (dict, list)) and member.content:
            lined = "\n" in shown
            style = replace(style, lists_lined=lined)
        new = self.notation.again(shown, wanted)
        if new is None:
            new = self.notation.written(wanted, style, self.source.indent(member.value), lined=lined)
        self._cut([(member.value, member.end, new)])

    def _merge_map(self, start: int, old: dict[str, Json], wanted: dict[str, Json], *, lined: bool) -> None:
        for key in old:
            if key not in wanted:
                self.remove(start, self._index(start, key))
        before = -1
        for key, value in wanted.items():
            if key in old:
                before = self._index(start, key)
                self._change_at(start, before, value)
            else:
                before += 1
                self.insert(start, before, (key, value), lined=lined)

    def _index(self, start: int, key: str) -> int:
        members = self.notation.box(self.source, start).members
        return next(index for index, member in enumerate(members) if member.key == key)

    def _change_at(self, start: int, index: int, value: Json) -> None:
        member = self.notation.box(self.source, start).members[index]
        self.change(member, value, lined=self.source.line_break(member.start) is not None)

    def _merge_list(self, start: int, old: list[Json], wanted: list[Json], *, lined: bool) -> None:
        """Elements that both lists begin or end with stay; between them, elements are replaced one by one."""
        head = shared(old, wanted)
        rest = min(len(old), len(wanted)) - head
        tail = shared(old[::-1][:rest], wanted[::-1][:rest])
        old, new = old[head : len(old) - tail], wanted[head : len(wanted) - tail]
        for index, value in enumerate(new[: len(old)]):
            self._change_at(start, head + index, value)
        for _ in old[len(new) :]:
            self.remove(start, head + len(new))
        for index, value in enumerate(new[len(old) :], head + len(old)):
            self.insert(start, index, (None, value), lined=lined)


def _few(member: Member, wanted: dict[str, Json] | list[Json]) -> bool:
    """Whether going member by member is not too much work: each step reads the container anew."""
    count = len(member.content) + len(wanted)
    return count <= _MEMBERS and count * (member.end - member.value) <= _CHARACTERS


def shared(one: list[Json], other: list[Json]) -> int:
    """How many elements both lists begin with."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if not same(left, right):
            break
        count += 1
    return count


def changed(tree: Tree, member: Member, wanted: Json, *, lined: bool) -> Splice:
    """The one splice that makes `wanted` the value of a member; works on a copy of that value's lines alone."""
    source = tree.source
    start = max(source.text.rfind("\n", 0, member.value), source.text.rfind("\r", 0, member.value)) + 1
    piece = Source(source.text[start : member.end], source.bare[start : member.end], source.comments)
    inner = Tree(piece, tree.notation, tree.style)
    shifted = Member(None, 0, 0, member.value - start, member.end - start, member.content)
    inner.change(shifted, wanted, lined=lined)
    return (member.value, member.end, inner.source.text[member.value - start :])


__all__ = ["Notation", "Tree", "changed", "spliced"]
