"""How YAML is spelled: new values in lines and in brackets, and the members of what stands in brackets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mcpconf.formats.splice import Box, Member, Source
from mcpconf.formats.style import Style
from mcpconf.formats.toml_notation import COMMENTS
from mcpconf.formats.tree import Tree
from mcpconf.formats.yaml_compose import compose
from mcpconf.formats.yaml_nodes import Node
from mcpconf.formats.yaml_scalars import key_spelled, needs_quotes, quoted, spelled
from mcpconf.formats.yaml_style import YamlStyle
from mcpconf.model.base import Json

_LONGEST_LINE: Final = 100
"""Characters of a map or list in brackets; a longer one takes lines, unless those beside it are in brackets too."""


def respelled(old: Node, value: Json, quotes: str, *, flow: bool) -> str:
    """A scalar in place of another: text keeps the quotes that the old one had without need."""
    if isinstance(value, str) and old.style in ("'", '"') and not needs_quotes(str(old.value), flow=flow):
        return quoted(value, old.style)
    return spelled(value, quotes, flow=flow)


def renamed_key(old: str, name: str, *, flow: bool, touching: bool) -> str:
    """A key in place of another. It keeps quotes that the old one had without need, or that its colon needs (`touching`)."""
    if old[0] in "'\"" and (touching or not needs_quotes(str(compose(old).value), flow=flow)):
        return quoted(name, old[0])
    return key_spelled(name, '"', flow=flow)


def lines_of(value: Json, style: YamlStyle, column: int) -> list[str]:
    """A map or list in lines that begin at a column, without line ends."""
    items = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    return [line for key, item in items for line in item_lines(key, item, style, column)]


def item_lines(
    key: str | None, value: Json, style: YamlStyle, column: int, *, in_brackets: bool | None = None
) -> list[str]:
    """A key and its value, or an element, in lines that begin at a column. `in_brackets` None leaves it to the style."""
    head = " " * column + ("-" if key is None else key_spelled(key, style.quotes, flow=False) + ":")
    inner = inline(value, style, in_brackets=in_brackets)
    if inner is not None:
        return [f"{head} {inner}"]
    if key is None:
        first, *rest = lines_of(value, style, column + 2)
        return [f"{head} {first.lstrip(' ')}", *rest]
    return [head, *lines_of(value, style, column + (style.unit if isinstance(value, dict) else style.list_unit))]


def inline(value: Json, style: YamlStyle, *, in_brackets: bool | None = None) -> str | None:
    """A value within its line; None for a map or list that takes lines of its own."""
    if not isinstance(value, (dict, list)):
        return spelled(value, style.quotes, flow=False)
    if value and not (style.in_brackets(value) if in_brackets is None else in_brackets):
        return None
    text = FlowNotation(style.quotes).written(value, style.flow, "", lined=False)
    return text if in_brackets or len(text) <= _LONGEST_LINE else None


class FlowNotation:
    """Maps and lists in brackets as their editor sees them."""

    def __init__(self, quotes: str) -> None:
        self._quotes = quotes
        self._known: tuple[str, dict[int, Box]] | None = None

    def box(self, source: Source, start: int) -> Box:
        if self._known is None or self._known[0] is not source.text:
            root = compose(source.text).root
            self._known = source.text, {node.body: _box(node) for node in _flows(root)}
        return self._known[1][start]

    def written(self, value: Json, style: Style, indent: str, *, lined: bool) -> str:
        if not isinstance(value, (dict, list)):
            return spelled(value, self._quotes, flow=True)
        if not value:
            return "{}" if isinstance(value, dict) else "[]"
        inner = indent + style.unit
        nested = any(isinstance(item, (dict, list)) for item in value)
        lined = lined and (isinstance(value, dict) or style.lists_lined or nested)
        parts = (
            [self.key(key, style) + ": " + self.written(item, style, inner, lined=lined) for key, item in value.items()]
            if isinstance(value, dict)
            else [self.written(item, style, inner, lined=lined) for item in value]
        )
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        if not lined:
            pad = style.map_pad if isinstance(value, dict) else style.list_pad
            return opening + pad + ("," + style.gap).join(parts) + pad + closing
        return f"{opening}{style.eol}{inner}" + f",{style.eol}{inner}".join(parts) + f"{style.eol}{indent}{closing}"

    def key(self, key: str, style: Style) -> str:  # noqa: ARG002 - the same in every style
        return key_spelled(key, self._quotes, flow=True)

    def again(self, old: str, value: Json) -> str | None:
        if isinstance(value, (dict, list)):
            return None
        if not old:  # a key with a colon and no value
            return " " + spelled(value, self._quotes, flow=True)
        root = compose(old).root if old[0] in "'\"" else None
        return None if root is None else respelled(root, value, self._quotes, flow=True)

    def breaks(self, content: Json) -> bool:  # noqa: ARG002 - lines break anywhere between brackets
        return True


def _flows(root: Node | None) -> Iterator[Node]:
    waiting = [] if root is None else [root]
    while waiting:
        node = waiting.pop()
        if node.style == "flow":
            yield node
        waiting += [item.node for item in node.items]


def _box(node: Node) -> Box:
    """The key counts as running up to its value, so that no member takes over the missing blank of `{"a":1}`."""
    members = [
        Member(item.key, item.start, item.start, item.node.start, item.node.end, item.node.value) for item in node.items
    ]
    return Box(node.body, node.end - 1, tuple(members))


def flow_tree(text: str, node: Node, style: YamlStyle) -> tuple[Tree, int]:
    """What stands in brackets, ready to be edited, and what to take from its offsets in `text`.

    It works on a copy that begins with the indentation of its line.
    """
    indent = Source(text, text, COMMENTS).indent(node.body)
    piece = indent + text[node.body : node.end]
    source = Source(piece, without_comments(text, node, indent), COMMENTS)
    return Tree(source, FlowNotation(style.quotes), style.flow), node.body - len(indent)


def without_comments(text: str, node: Node, indent: str) -> str:
    """The text of what stands in brackets with comments replaced by as many blanks."""
    pieces: list[str] = [indent]
    position = node.body
    for start, end in _spans(node):
        pieces += _blanked(text[position:start]), text[start:end]
        position = end
    return "".join((*pieces, _blanked(text[position : node.end])))


def _blanked(gap: str) -> str:
    return "\n".join(line if "#" not in line else _blank_from(line, line.index("#")) for line in gap.split("\n"))


def _blank_from(line: str, hash_sign: int) -> str:
    kept = "\r" if line.endswith("\r") else ""
    return line[:hash_sign] + " " * (len(line) - hash_sign - len(kept)) + kept


def _spans(node: Node) -> Iterator[tuple[int, int]]:
    """Where keys and scalars stand, in order."""
    for item in node.items:
        if item.key is not None:
            yield item.start, item.key_end
        if item.node.style in ("flow", "pair"):
            yield from _spans(item.node)
        else:
            yield item.node.start, item.node.end
