"""How a YAML file is written: indentation, quotes, and where maps and lists stand in lines or in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mcpconf.formats.style import Style
from mcpconf.formats.yaml_nodes import Node
from mcpconf.formats.yaml_scalars import needs_escapes
from mcpconf.model.base import Json

_WINDOW = 5_000
"""Values looked at; the style of a file shows long before that."""
_SPACES = re.compile(r" *+")


@dataclass(frozen=True, slots=True)
class YamlStyle:
    """`unit` indents a map below its key, `list_unit` a list (often not at all). `quotes` are those of text that needs some.

    `lists_flow` and `maps_flow` say that lists and maps of scalars stand in brackets; `flow` how these look.
    """

    unit: int
    list_unit: int
    quotes: str
    lists_flow: bool
    maps_flow: bool
    flow: Style

    def in_brackets(self, value: Json) -> bool:
        """Whether a new map or list is written in brackets."""
        items = value.values() if isinstance(value, dict) else value
        flow = self.maps_flow if isinstance(value, dict) else self.lists_flow
        return not value or (flow and not any(isinstance(item, (dict, list)) and item for item in items))


@dataclass(slots=True)
class Survey:
    """What the nodes of one part of a document show; None and 0 where they show nothing."""

    text: str
    unit: int | None = None
    list_unit: int | None = None
    gap: str | None = None
    pads: dict[type, str] = field(default_factory=dict)
    in_lines: dict[type, int] = field(default_factory=lambda: {dict: 0, list: 0})
    in_brackets: dict[type, int] = field(default_factory=lambda: {dict: 0, list: 0})
    quotes: dict[str, int] = field(default_factory=lambda: {"'": 0, '"': 0})

    def look(self, node: Node) -> None:
        if node.style in self.quotes:
            self.quotes[node.style] += not needs_escapes(node.value)
        elif node.style == "block":
            self._block(node)
        elif node.style == "flow" and node.items:
            self._flow(node)

    def _block(self, node: Node) -> None:
        kind = type(node.value)
        if not _nests(node):
            self.in_lines[kind] += 1
        for item in node.items if kind is dict else ():
            if item.node.is_block:
                step = column(self.text, item.node.body) - column(self.text, item.start)
                if isinstance(item.node.value, dict):
                    self.unit = self.unit or step
                elif self.list_unit is None:
                    self.list_unit = step

    def _flow(self, node: Node) -> None:
        kind = type(node.value)
        if not _nests(node):
            self.in_brackets[kind] += 1
        self.pads.setdefault(kind, self._spaces(node.body + 1))
        if self.gap is None and len(node.items) > 1:
            comma = self.text.find(",", node.items[0].node.end)
            self.gap = self._spaces(comma + 1)

    def _spaces(self, offset: int) -> str:
        match = _SPACES.match(self.text, offset)
        return match[0] if match else ""


def column(text: str, offset: int) -> int:
    """Characters between the start of the line and the offset."""
    return offset - line_start(text, offset)


def line_start(text: str, offset: int) -> int:
    return text.rfind("\n", 0, offset) + 1


def survey(text: str, node: Node | None) -> Survey:
    """What a node and those in it show, the first few thousand."""
    found = Survey(text)
    for each in _nodes(node):
        found.look(each)
    return found


def style_of(close: Survey, far: Survey, eol: str) -> YamlStyle:
    """The style that one part of a file shows; where it shows none, that of the file."""
    unit = close.unit or far.unit or 2
    list_unit = far.list_unit if close.list_unit is None else close.list_unit
    single, double = far.quotes["'"], far.quotes['"']
    quotes = "'" if single > double or (single == double and list_unit == 0) else '"'
    gap = far.gap if close.gap is None else close.gap
    pads = far.pads | close.pads
    return YamlStyle(
        unit=unit,
        list_unit=(0 if single > double else unit) if list_unit is None else list_unit,
        quotes=quotes,
        lists_flow=_in_brackets(close, far, list),
        maps_flow=_in_brackets(close, far, dict),
        flow=Style(
            eol=eol,
            unit=" " * unit,
            gap=" " if gap is None else gap,
            list_pad=pads.get(list, ""),
            map_pad=pads.get(dict, ""),
        ),
    )


def _in_brackets(close: Survey, far: Survey, kind: type) -> bool:
    shown = close if close.in_brackets[kind] + close.in_lines[kind] else far
    return shown.in_brackets[kind] > shown.in_lines[kind]


def _nests(node: Node) -> bool:
    return any(isinstance(item.node.value, (dict, list)) and item.node.value for item in node.items)


def _nodes(root: Node | None) -> Iterator[Node]:
    """A node and what is in it, outermost first; an alias shows nothing of its own."""
    waiting = [] if root is None else [root]
    for _ in range(_WINDOW):
        if not waiting:
            return
        node = waiting.pop()
        yield node
        if node.style != "*":
            waiting.extend(item.node for item in reversed(node.items))
