"""The edits of a YAML text: lines come and go as a person would write them; what stands in brackets changes in place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import Final

from mcpconf.canonical import same
from mcpconf.formats.splice import Member, Splice, spliced
from mcpconf.formats.style import line_end
from mcpconf.formats.tree import shared
from mcpconf.formats.yaml_nodes import Composed, Item, Node
from mcpconf.formats.yaml_notation import FlowNotation, flow_tree, inline, item_lines, lines_of, respelled
from mcpconf.formats.yaml_style import YamlStyle, column, line_start, style_of, survey
from mcpconf.model.base import Json

_BEGINNING = re.compile(r"^---", re.MULTILINE)
_COMMENT_LINE = re.compile(r"( *+)#[^\n]*+\n")

_REMOVED_SINGLY: Final = 20
"""More elements of one list in brackets are removed by writing the list anew, for each removal reads it again."""


class Editor:
    """Collects what to cut and what to write; `text` is the result. Every line of the page's text must end in a break.

    A slot is the item whose value is meant; that of the document itself has no key. `outer` is the outermost map or
    list in brackets around what is meant, where there is one. A comment on the line of a member goes with it, one on a
    line of its own stays.
    """

    def __init__(self, page: Composed) -> None:
        self._root = page.root
        self._stop = page.stop
        self._source = page.text
        self._splices: list[Splice] = []
        self._eol = line_end(page.text)
        self._survey = survey(page.text, page.root)

    @property
    def text(self) -> str:
        """Insertions at an offset come before what is cut there, and in the order in which they were made."""
        return spliced(self._source, sorted(self._splices, key=lambda splice: splice[:2]))

    def remove(self, slot: Item, indices: Sequence[int], outer: Node | None) -> None:
        """Take members out of the map or list in a slot; one that loses all of them stays, empty, in brackets."""
        box = slot.node
        if outer is not None and len(indices) > _REMOVED_SINGLY:
            gone = frozenset(indices)
            kept = [value for index, value in enumerate(box.value) if index not in gone]
            self.change(slot, kept, outer if outer is not box else None)
        elif outer is not None:
            tree, shift = flow_tree(self._source, outer, self._style(outer))
            for index in reversed(indices):
                tree.remove(box.body - shift, index)
            self._splices.append((outer.body, outer.end, tree.source.text[outer.body - shift :]))
        elif len(indices) < len(box.items):
            self._cut_items(box, frozenset(indices), [])
        elif box is self._root:
            self._cut_items(box, frozenset(indices), self._emptied(box))
        else:
            self._empty(slot)

    def add(self, slot: Item, key: str | None, value: Json, outer: Node | None) -> None:
        """Put a member (an element, without key) behind all others of the map or list in a slot."""
        box = slot.node
        style = self._style(box)
        if box.is_block:
            self._insert(self._behind(box, len(box.items) - 1), self._item_lines(box, key, value, style))
        elif outer is box and self._opens_up(slot):
            self._rewrite(slot, {key: value} if key is not None else [value], style)
        else:
            assert outer is not None
            tree, shift = flow_tree(self._source, outer, style)
            tree.insert(box.body - shift, len(box.items), (key, value), lined=box is self._root)
            self._splices.append((outer.body, outer.end, tree.source.text[outer.body - shift :]))

    def begin(self, value: Json) -> None:
        """Write a value into a document that has none."""
        style = self._style(None)
        text = None if value and isinstance(value, (dict, list)) else inline(value, style)
        self._insert(self._stop, lines_of(value, style, 0) if text is None else [text])

    def change(self, slot: Item, wanted: Json, outer: Node | None = None) -> None:
        """Make `wanted` the value of a slot; what is equal in both keeps its bytes."""
        node = slot.node
        old = node.value
        alike = bool(wanted) and _alike(old, wanted)
        if same(old, wanted):
            return
        if outer is not None:
            self._change_in_brackets(outer, node, wanted)
        elif node.is_block and not wanted and _alike(old, wanted) and node is not self._root:
            self._empty(slot)
        elif alike and node.style == "flow" and not self._opens_up(slot):
            self._change_in_brackets(node, node, wanted)
        elif alike and node.is_block and isinstance(wanted, list):
            self._merge_list(node, wanted)
        elif alike and node.is_block and old.keys() & wanted.keys():
            self._merge_map(node, wanted)
        else:
            self._rewrite(slot, wanted, self._style(node))

    def _style(self, near: Node | None) -> YamlStyle:
        return style_of(survey(self._source, near), self._survey, self._eol)

    def _insert(self, offset: int, lines: Sequence[str]) -> None:
        self._splices.append((offset, offset, "".join(line + self._eol for line in lines)))

    def _line_end(self, offset: int) -> int:
        """Behind the break of the line that holds the offset."""
        return self._source.find("\n", offset) + 1

    def _lines(self, item: Item) -> tuple[int, int]:
        """The lines of an item, from start to end."""
        return line_start(self._source, item.start), self._line_end(item.node.end)

    def _behind(self, box: Node, index: int) -> int:
        """Behind an item of a block map or list, and the comment lines below that are indented as parts of it."""
        offset = self._line_end(box.items[index].node.end)
        inner = column(self._source, box.items[0].start)
        while (comment := _COMMENT_LINE.match(self._source, offset)) and len(comment[1]) > inner:
            offset = comment.end()
        return offset

    def _item_lines(self, box: Node, key: str | None, value: Json, style: YamlStyle) -> list[str]:
        """A new member as lines: a map or list in brackets if all of the same kind beside it are, in lines if any is."""
        beside = {item.node.style for item in box.items if item.node.items and _alike(item.node.value, value)}
        in_brackets = "block" not in beside if beside & {"block", "flow"} else None
        return item_lines(key, value, style, column(self._source, box.items[0].start), in_brackets=in_brackets)

    def _starts_in_line(self, box: Node) -> bool:
        """Whether a block map or list begins behind a dash."""
        first = box.items[0].start
        return bool(self._source[line_start(self._source, first) : first].strip(" "))

    def _opens_up(self, slot: Item) -> bool:
        """Whether this is an empty pair of brackets that a person would replace by lines.

        Only one that is written as `_empty` writes it, so that it comes back when all members are gone.
        """
        node = slot.node
        plain = self._source[node.start : node.end] in ("{}", "[]")
        spaced = slot.key is None or self._source[slot.value : node.start] == " "
        return plain and spaced and node is not self._root

    def _change_in_brackets(self, outer: Node, node: Node, wanted: Json) -> None:
        tree, shift = flow_tree(self._source, outer, self._style(outer))
        start = node.body if node is outer else node.start
        member = Member(None, 0, 0, start - shift, node.end - shift, node.value)
        tree.change(member, wanted, lined="\n" in tree.source.text)
        self._splices.append((outer.body, outer.end, tree.source.text[outer.body - shift :]))

    def _merge_map(self, box: Node, wanted: dict[str, Json]) -> None:
        style = self._style(box)
        places = {item.key: index for index, item in enumerate(box.items)}
        front: list[str] = []
        before = None
        for key, value in wanted.items():
            if key in places:
                before = places[key]
                self.change(box.items[before], value)
            elif before is None:
                front += self._item_lines(box, key, value, style)
            else:
                self._insert(self._behind(box, before), self._item_lines(box, key, value, style))
        self._cut_items(box, frozenset(index for key, index in places.items() if key not in wanted), front)

    def _merge_list(self, box: Node, wanted: list[Json]) -> None:
        """Elements that both lists begin or end with stay; between them, elements are replaced one by one."""
        style = self._style(box)
        old: list[Json] = box.value
        head = shared(old, wanted)
        rest = min(len(old), len(wanted)) - head
        tail = shared(old[::-1][:rest], wanted[::-1][:rest])
        stop, new = len(old) - tail, wanted[head : len(wanted) - tail]
        for index, value in zip(range(head, stop), new, strict=False):
            self.change(box.items[index], value)
        more = [line for value in new[stop - head :] for line in self._item_lines(box, None, value, style)]
        if more and stop:
            self._insert(self._behind(box, stop - 1), more)
        self._cut_items(box, frozenset(range(head + len(new), stop)), [] if stop else more)

    def _emptied(self, root: Node) -> list[str]:
        """What stays of a document without members. Some readers refuse one that has an end and no beginning."""
        if isinstance(root.value, list):
            return ["[]"]
        ended = self._stop < len(self._source) and not _BEGINNING.search(self._source, 0, self._stop)
        return ["{}"] if ended else []

    def _cut_items(self, box: Node, gone: AbstractSet[int], front: list[str]) -> None:
        """Cut the lines of items, and write lines in front of all."""
        rest = set(gone)
        first = box.items[0]
        inner = " " * column(self._source, first.start)
        text = self._eol.join([*front, inner]).lstrip(" ") if front else ""
        if not self._starts_in_line(box):
            if front:
                self._insert(line_start(self._source, first.start), front)
        elif 0 in gone:
            rest -= self._move_up(box, gone, text)
        elif front:
            self._splices.append((first.start, first.start, text))
        self._splices += [(*self._lines(box.items[index]), "") for index in rest]

    def _move_up(self, box: Node, gone: AbstractSet[int], front: str) -> set[int]:
        """Cut the first item, which stands behind a dash, so that the next takes its place. Gives what is cut by that.

        Where a comment stands between, the dash stays alone on its line.
        """
        first = box.items[0]
        following = next(index for index in range(len(box.items)) if index not in gone)
        lines = [self._lines(item) for item in box.items[: following + 1]]
        between = "".join(self._source[end:start] for (_, end), (start, _) in pairwise(lines))
        if not between.strip():
            self._splices.append((first.start, box.items[following].start, front))
            return set(range(following))
        end = self._line_end(first.node.end) - len(self._eol)
        start = first.start if front else len(self._source[: first.start].rstrip(" "))
        self._splices.append((start, end, front.rstrip(" \r\n")))
        return {0}

    def _empty(self, slot: Item) -> None:
        box = slot.node
        brackets = "{}" if isinstance(box.value, dict) else "[]"
        if box.start != box.body:
            self._rewrite(slot, type(box.value)(), self._style(box))
            return
        rest = box.items
        if self._starts_in_line(box):
            self._splices.append((rest[0].start, rest[0].node.end, brackets))
            rest = rest[1:]
        else:
            self._splices.append((slot.value, slot.value, " " + brackets))
        self._splices += [(*self._lines(item), "") for item in rest]

    def _rewrite(self, slot: Item, wanted: Json, style: YamlStyle) -> None:
        """Write a value anew; its anchor and tag go with it."""
        node = slot.node
        text = self._inline(slot, wanted, style)
        blank = " " if node.start == slot.value else ""
        if node.is_block and node.start == node.body and not self._starts_in_line(node):
            self._rewrite_lines(slot, wanted, text, style)
        elif text is not None and not (node.is_block and slot.key is not None):
            self._splices.append((node.start, node.end, blank + text))
        elif text is not None:
            self._splices.append((slot.value, node.end, " " + text))
        elif slot.key is not None:
            self._splices.append((slot.value, node.end, ""))
            self._insert(self._line_end(node.end), lines_of(wanted, style, self._below(slot, wanted, style)))
        else:
            lines = lines_of(wanted, style, column(self._source, node.start) + len(blank))
            self._splices.append((node.start, node.end, blank + self._eol.join(lines).lstrip(" ")))

    def _rewrite_lines(self, slot: Item, wanted: Json, text: str | None, style: YamlStyle) -> None:
        """Replace a block map or list that begins on a line of its own."""
        node = slot.node
        start, end = line_start(self._source, node.items[0].start), self._line_end(node.end)
        if text is None:
            inner = column(self._source, node.items[0].start)
            if slot.key is not None and not isinstance(wanted, type(node.value)):
                inner = self._below(slot, wanted, style)
            self._insert(start, lines_of(wanted, style, inner))
        elif node is self._root:
            self._insert(start, [text])
        else:
            self._splices.append((slot.value, slot.value, " " + text))
        self._splices.append((start, end, ""))

    def _below(self, slot: Item, value: Json, style: YamlStyle) -> int:
        """The column of a map or list below its key."""
        return column(self._source, slot.start) + (style.unit if isinstance(value, dict) else style.list_unit)

    def _inline(self, slot: Item, value: Json, style: YamlStyle) -> str | None:
        """The value within its line, None if it takes lines; beside `---` and instead of brackets it stands in brackets."""
        node = slot.node
        if not isinstance(value, (dict, list)):
            return respelled(node, value, style.quotes, flow=False)
        beside = node is self._root and self._source[line_start(self._source, node.start) : node.start].strip()
        if beside or (node.style == "flow" and node.items):
            return FlowNotation(style.quotes).written(value, style.flow, "", lined=False)
        return inline(value, style)


def _alike(one: Json, other: Json) -> bool:
    return isinstance(one, (dict, list)) and isinstance(other, type(one))
