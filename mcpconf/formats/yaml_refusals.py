"""What of YAML is not edited: what an edit in one place would change in another, and what we cannot write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from mcpconf.formats.base import FormatError, place
from mcpconf.formats.yaml_nodes import Composed, Item, Node

REPEATED: Final = "remove one of them; which one counts differs between readers"
_WRITE_OUT: Final = "write the value out in place of the alias first"


def outermost_brackets(trail: Sequence[Item]) -> Node | None:
    """The outermost map or list in brackets on a way."""
    return next((item.node for item in trail if item.node.style == "flow"), None)


def allow_adding(page: Composed, trail: Sequence[Item]) -> None:
    """A trail leads from the slot of the document to the one meant. Raises FormatError, as the others here do."""
    _allow_way(page, trail, trail)


def allow_removing(page: Composed, trail: Sequence[Item]) -> None:
    _allow_way(page, trail, trail[:-1])
    start, end = trail[-1].start, trail[-1].node.end
    _allow_anchors(page, (start, end), lambda alias: not start <= alias < end)


def allow_renaming(page: Composed, trail: Sequence[Item]) -> None:
    _allow_way(page, trail[:-1], trail[:-1])
    item = trail[-1]
    _allow_key(page, item)
    if page.text[item.start] in "&!" or item.key == "<<":
        raise _refused(page, item.start, "the key has an anchor or tag, or merges", "write a plain key")


def allow_changing(page: Composed, trail: Sequence[Item]) -> None:
    _allow_way(page, trail, trail[:-1])
    node = trail[-1].node
    _allow_anchors(page, (node.start, node.end), lambda _: True)
    _allow_inside(page, node)
    for _, key, offset in page.repeated:
        if node.start <= offset < node.end:
            at = place(page.text, offset)
            raise FormatError("duplicate-key", f"`{key}` stands twice in one map", at=at, hint=REPEATED)


def _allow_way(page: Composed, trail: Sequence[Item], through: Sequence[Item]) -> None:
    anchored = {id(node) for _, node in page.aliases}
    for item in trail:
        if id(item.node) in anchored:
            raise _refused(page, item.start, "an alias elsewhere stands for this value", _WRITE_OUT)
        _allow_key(page, item)
    for item in through:
        if item.node.style == "*":
            raise _refused(page, item.start, "an alias stands here", _WRITE_OUT)
        if item.key == "<<":
            hint = "write the keys out in its place first"
            raise _refused(page, item.start, "a merge key stands here, on which readers disagree", hint)
    if (outer := outermost_brackets(through)) is not None:
        _allow_inside(page, outer)


def _allow_key(page: Composed, item: Item) -> None:
    if not item.regular:
        raise _refused(page, item.start, "a key behind `?`, or without a colon, stands here", "write `key: value`")
    if item.node.style == "pair":
        raise _refused(page, item.start, "a map without brackets stands in a list", "put `{` and `}` around it")


def _allow_inside(page: Composed, node: Node) -> None:
    """Members in brackets are read one by one while they change, without what stands elsewhere."""
    for item, in_brackets in _inside(node, in_brackets=node.style == "flow"):
        _allow_key(page, item)
        if in_brackets and item.node.style == "*":
            raise _refused(page, item.start, "an alias stands in brackets", _WRITE_OUT)


def _inside(node: Node, *, in_brackets: bool) -> Iterator[tuple[Item, bool]]:
    for item in node.items if node.style != "*" else ():
        yield item, in_brackets
        yield from _inside(item.node, in_brackets=in_brackets or item.node.style == "flow")


def _allow_anchors(page: Composed, span: tuple[int, int], loses: Callable[[int], bool]) -> None:
    """No alias may lose what it stands for."""
    for alias, anchored in page.aliases:
        if span[0] <= anchored.start < span[1] and loses(alias):
            message = f"an alias elsewhere stands for `&{anchored.anchor}`, which is part of this value"
            raise _refused(page, anchored.start, message, _WRITE_OUT)


def _refused(page: Composed, offset: int, message: str, hint: str) -> FormatError:
    return FormatError("container", message, at=place(page.text, offset), hint=hint)
