"""From a YAML text to its nodes.

PyYAML only splits the text into events; no tag ever constructs an object. Merge keys are not merged: `<<` is a key like
any other for serde_yaml (`from_str`) and npm yaml (without `merge: true`), which are the readers of hosts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, cast

import yaml

from mcpconf.errors import ProblemKind
from mcpconf.formats.base import MAXIMUM_DEPTH, FormatError, place, too_deep
from mcpconf.formats.yaml import LOADER, advice
from mcpconf.formats.yaml_nodes import Composed, Item, Node, Style
from mcpconf.formats.yaml_scalars import typed
from mcpconf.model.written import shown

MAXIMUM_NODES: Final = 500_000
"""Values in one document, those that aliases repeat included."""

GAP = re.compile(r"(?>(?:[ \t\r\n]++|#[^\n]*+)*)")
_FLOW_GAP = re.compile(r"(?>(?:[ \t\r\n,]++|#[^\n]*+)*)")
_PROPERTIES = re.compile(r"(?>(?:[&!][^ \t\r\n,\[\]{}]*+(?>(?:[ \t\r\n]++|#[^\n]*+)*))*)")
_BLANKS = re.compile(r"[ \t]*+")
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]|\r(?!\n)")
"""What YAML forbids, and what some readers take for line ends and others do not (U+0085, U+2028, U+2029, a lone CR)."""
_BY_HAND: Final = "correct the file by hand; it was not changed"
_Content: TypeAlias = yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent
_STANDARD: dict[str, type[_Content]] = {
    "tag:yaml.org,2002:str": yaml.ScalarEvent,
    "tag:yaml.org,2002:seq": yaml.SequenceStartEvent,
    "tag:yaml.org,2002:map": yaml.MappingStartEvent,
}


def compose(text: str) -> Composed:
    """Raises FormatError: `malformed`, or `oversized` for more than MAXIMUM_NODES values."""
    if found := _UNREADABLE.search(text):
        hint = "remove it" if found[0] == "\r" else "remove it, or write it as an escape in double quotes"
        message = f"the character U+{ord(found[0]):04X} is in the text, on which readers disagree"
        raise FormatError("malformed", message, at=place(text, found.start()), hint=hint)
    return _Composer(text).composed()


@dataclass(slots=True)
class _Open:
    """A map or list that is not closed yet; `key` is the item whose value comes next, None while a key is awaited."""

    node: Node
    path: tuple[str | int, ...]
    key: Item | None = None


class _Composer:
    """Builds the tree from events, without recursion."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.levels: list[_Open] = []
        self.anchors: dict[str, Node] = {}
        self.aliases: list[tuple[int, Node]] = []
        self.repeated: list[tuple[tuple[str | int, ...], str, int]] = []
        self.root: Node | None = None
        self.stop = len(text)
        self.nodes = 0
        self.documents = 0

    def composed(self) -> Composed:
        for event in self._events():
            if isinstance(event, yaml.NodeEvent):
                self._node(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                self._document(event)
            elif isinstance(event, yaml.DocumentEndEvent) and event.explicit:
                self.stop = _start(event)
        root = self.root
        if root is not None and self.aliases and too_deep(root.value):
            raise self._wrong("malformed", f"maps and lists nest deeper than {MAXIMUM_DEPTH}", root.start)
        if root is not None and root.is_left_out:
            root = None
        return Composed(self.text, root, self.stop, tuple(self.aliases), tuple(self.repeated))

    def _wrong(self, kind: ProblemKind, message: str, offset: int, hint: str = _BY_HAND) -> FormatError:
        return FormatError(kind, message, at=place(self.text, offset), hint=hint)

    def _events(self) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(self.text, Loader=LOADER)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = min((mark.line + 1, mark.column + 1), place(self.text, len(self.text))) if mark else (1, 1)
            hint = advice(str(error.problem), self.text, at) or _BY_HAND
            raise FormatError("malformed", str(error.problem), at=at, hint=hint) from None
        except (yaml.YAMLError, ValueError, OverflowError):
            raise FormatError("malformed", "an escape names no character", at=(1, 1), hint=_BY_HAND) from None

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        offset = _start(event)
        self.documents += 1
        if self.documents > 1:
            raise self._wrong("malformed", "a second document starts here", offset, "keep one document in a file")
        if event.version or event.tags:
            raise self._wrong("malformed", "a directive stands above the document", offset, "remove the `%` line")

    def _node(self, event: yaml.NodeEvent) -> None:
        level = self.levels[-1] if self.levels else None
        if level is not None and isinstance(level.node.value, dict) and level.key is None:
            level.key = self._key(level, event)
            return
        node = self._made(event)
        self.nodes += node.weight
        if self.nodes > MAXIMUM_NODES:
            raise self._wrong("oversized", f"there are more than {MAXIMUM_NODES:,} values", node.start)
        path = self._put(level, node)
        if isinstance(event, yaml.CollectionStartEvent):
            if len(self.levels) == MAXIMUM_DEPTH:
                raise self._wrong("malformed", f"maps and lists nest deeper than {MAXIMUM_DEPTH}", node.start)
            self.levels.append(_Open(node, path))

    def _made(self, event: yaml.NodeEvent) -> Node:
        if not isinstance(event, _Content):
            return self._alias(event)
        start, end = _start(event), _stop(event)
        self._check_tag(event)
        body = start if event.anchor is None and event.tag is None else _end(_PROPERTIES, self.text, start)
        if isinstance(event, yaml.ScalarEvent):
            node = self._scalar(event, min(body, end))
        else:
            is_map = isinstance(event, yaml.MappingStartEvent)
            bracket = self.text.startswith("{" if is_map else "[", body)
            style: Style = "flow" if bracket else "pair" if event.flow_style else "block"
            node = Node({} if is_map else [], style, start, body, end)
        if event.anchor is not None:
            node.anchor = event.anchor
            self.anchors[event.anchor] = node
        return node

    def _check_tag(self, event: _Content) -> None:
        if event.tag is not None and not isinstance(event, _STANDARD.get(event.tag, ())):
            hint = "write the value without the tag; text that looks like something else goes in quotes"
            raise self._wrong("malformed", f"the tag {shown(event.tag)} is not read", _start(event), hint)

    def _alias(self, event: yaml.NodeEvent) -> Node:
        start, end = _start(event), _stop(event)
        anchored = self.anchors.get(event.anchor or "")
        name = shown(f"*{event.anchor}")
        if anchored is None:
            raise self._wrong("malformed", f"the alias {name} stands for nothing", start)
        if any(level.node is anchored for level in self.levels):
            raise self._wrong("malformed", f"the alias {name} stands inside what it stands for", start)
        self.aliases.append((start, anchored))
        return Node(anchored.value, "*", start, start, end, anchored.items, weight=anchored.weight)

    def _scalar(self, event: yaml.ScalarEvent, body: int) -> Node:
        start, end = _start(event), _stop(event)
        style = cast("Style", event.style or "plain")
        plain = style == "plain" and event.tag is None
        if style in "|>":
            if self.levels and (not start or self.text[start - 1] == "\n"):
                raise self._wrong("malformed", "a block text begins where no value may, at the start of a line", start)
            end = self._block_text_end(body, end)
        return Node(typed(event.value) if plain else event.value, style, start, body, end)

    def _block_text_end(self, body: int, end: int) -> int:
        """Blank lines behind a block text are no part of it, unless its first line says `+`."""
        written = self.text[body:end]
        header = written.partition("\n")[0].partition("#")[0]
        kept = written.removesuffix("\n").removesuffix("\r") if "+" in header else written.rstrip(" \t\r\n")
        return body + len(kept)

    def _key(self, level: _Open, event: yaml.NodeEvent) -> Item:
        offset = _start(event)
        if not isinstance(event, yaml.ScalarEvent):
            raise self._wrong("malformed", "a key must be text", offset, "put the text in quotes")
        self._check_tag(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = replace(self._scalar(event, offset), anchor=event.anchor)
        key = event.value
        if key in level.node.value:
            self.repeated.append((level.path, key, offset))
        start = self._item_start(level.node)
        regular = start == offset or not self.text.startswith("?", start)
        key_end = _stop(event)
        return Item(key, start if not regular else offset, key_end, key_end, level.node, regular=regular)

    def _item_start(self, box: Node) -> int:
        """Where the next item of a map or list begins: behind the last one, the comma, comments and blanks."""
        before = box.items[-1].node.end if box.items else box.body + (1 if box.style == "flow" else 0)
        return _end(GAP if box.is_block else _FLOW_GAP, self.text, before)

    def _put(self, level: _Open | None, node: Node) -> tuple[str | int, ...]:
        if level is None:
            self.root = node
            return ()
        box = level.node
        if isinstance(box.value, list):
            path = (*level.path, len(box.items))
            box.value.append(node.value)
            box.items.append(self._element(box, node))
            return path
        item = level.key
        assert item is not None
        level.key = None
        self._join(item, node)
        box.value[item.key] = node.value
        box.items.append(item)
        return (*level.path, item.key or "")

    def _element(self, box: Node, node: Node) -> Item:
        start = node.start
        value = start
        if box.is_block:
            start = self._item_start(box)
            value = start + 1
        if node.is_left_out:
            node.start = node.body = node.end = value
        return Item(None, start, value, value, node)

    def _join(self, item: Item, node: Node) -> None:
        """Find the colon of a member; a value that is not there begins right behind it."""
        gap = _BLANKS if item.regular else GAP
        colon = _end(gap, self.text, item.key_end)
        if self.text.startswith(":", colon):
            item.value = colon + 1
        else:
            item.regular = False
        if node.is_left_out:
            node.start = node.body = node.end = item.value
        item.node = node

    def _close(self, event: yaml.Event) -> None:
        level = self.levels.pop()
        node = level.node
        node.end = node.items[-1].node.end if node.style in ("block", "pair") else _stop(event)
        node.weight = 1 + sum(item.node.weight for item in node.items)


def _start(event: yaml.Event) -> int:
    assert event.start_mark is not None
    return event.start_mark.index


def _stop(event: yaml.Event) -> int:
    assert event.end_mark is not None
    return event.end_mark.index


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start
