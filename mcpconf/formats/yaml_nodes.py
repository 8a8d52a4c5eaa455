"""A YAML text as a tree of nodes, each with its value and the offsets of what is written for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from mcpconf.model.base import Json

Style = Literal["block", "flow", "pair", "plain", "'", '"', "|", ">", "*"]
"""`pair`: a map without brackets in a list in brackets, `[a: 1]`. `*`: an alias."""


@dataclass(slots=True)
class Node:
    """A value by its offsets: `start` is that of its anchor and tag, if it has some, `body` that of the value itself.

    A block map or list ends where its last value ends, a block text with its last line that is not blank (`|+`: with
    all its lines); none holds the line break behind it. `weight` counts the values in it.
    The items of an alias are those of what it stands for.
    """

    value: Json
    style: Style
    start: int
    body: int
    end: int
    items: list[Item] = field(default_factory=list)
    anchor: str = ""
    weight: int = 1

    @property
    def is_block(self) -> bool:
        """Whether this is a map or list in lines, without brackets."""
        return self.style == "block"

    @property
    def is_left_out(self) -> bool:
        """Whether nothing is written for the value, which makes it null."""
        return self.style == "plain" and self.start == self.end


@dataclass(slots=True)
class Item:
    """A member of a map (a key and a value) or an element of a list (no key).

    It begins at its key, its dash, or where its value does in brackets; `value` is where the value may begin, behind
    colon or dash. `regular` is false for keys behind `?` and keys without a colon.
    """

    key: str | None
    start: int
    key_end: int
    value: int
    node: Node
    regular: bool = True


@dataclass(frozen=True, slots=True)
class Composed:
    """A text (without byte order mark) and its tree; `root` is None in a document without content.

    `stop` is where the document ends. `aliases` are the offsets of aliases with what they stand for; `repeated` the
    keys that stand twice, as the path of the map, the key, and the offset of the later one.
    """

    text: str
    root: Node | None
    stop: int
    aliases: tuple[tuple[int, Node], ...]
    repeated: tuple[tuple[tuple[str | int, ...], str, int], ...]

    @property
    def value(self) -> Json:
        return {} if self.root is None else self.root.value
