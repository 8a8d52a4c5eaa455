"""Writing YAML: one value changes, every other byte stays.

A key whose value is left out (`extensions:`) counts as an empty map or list for what is put below it; when all of that
is removed again, `{}` or `[]` stays.
"""

from __future__ import annotations

from functools import lru_cache

from mcpconf.canonical import same
from mcpconf.formats.base import BYTE_ORDER_MARK, FormatError, UnsafeEditError, place, pointer
from mcpconf.formats.path import Steps, after_put, after_rename, built, checked, locate, nameable, named
from mcpconf.formats.style import line_end
from mcpconf.formats.yaml_blocks import Editor
from mcpconf.formats.yaml_compose import compose
from mcpconf.formats.yaml_nodes import Composed, Item
from mcpconf.formats.yaml_notation import renamed_key
from mcpconf.formats.yaml_refusals import (
    REPEATED,
    allow_adding,
    allow_changing,
    allow_removing,
    allow_renaming,
    outermost_brackets,
)
from mcpconf.model.base import ABSENT, Absence, Json, KeyPath


@lru_cache(maxsize=4)
def composed(text: str) -> Composed:
    """Of one text the value, many positions and an edit are asked for. The tree is shared: never change it."""
    return compose(text.removeprefix(BYTE_ORDER_MARK))


def position(text: str, path: KeyPath) -> tuple[int, int] | None:
    page = composed(text)
    try:
        steps, missing = locate(page.value, path, lambda steps: _place(page, steps))
    except FormatError as error:
        if error.kind != "container":
            raise
        return None
    return None if missing else _place(page, steps)


def put(text: str, path: KeyPath, wanted: Json | Absence) -> str:
    checked(path, wanted)
    page = composed(text)
    if (length := _nothing_at(page.value, path)) is not None:
        return text if wanted is ABSENT else put(text, path[:length], _around(path[length:], wanted))
    steps, missing = locate(page.value, path, lambda steps: _place(page, steps))
    if not path:
        _allow_whole(page, wanted)
    trail = _trail(page, steps)
    expected = after_put(page.value, path, wanted)
    if same(page.value, expected):
        return text
    body = _whole_lines(page)
    new = _edited(body, _trail(body, steps) if body is not page else trail, (path, missing), wanted)
    return text[: text.startswith(BYTE_ORDER_MARK)] + _as_ended(new, body.text != page.text, expected, path)


def rename(text: str, path: KeyPath, name: str) -> str:
    page = composed(text)
    steps = nameable(page.value, path, name, lambda steps: _place(page, steps))
    trail = _trail(page, steps)
    allow_renaming(page, trail)
    item = trail[-1]
    in_brackets = outermost_brackets(trail[:-1]) is not None
    key = renamed_key(page.text[item.start : item.key_end], name, flow=in_brackets, touching=not _spaced(page, item))
    new = page.text[: item.start] + key + page.text[item.key_end :]
    if not _says(new, after_rename(page.value, steps, name)):
        raise UnsafeEditError(f"the new name at `{pointer(path)}` would have changed something else")
    return text[: text.startswith(BYTE_ORDER_MARK)] + new


def _spaced(page: Composed, item: Item) -> bool:
    """Whether a blank stands behind the colon, without which only keys in quotes end there."""
    return page.text[item.value : item.value + 1] in ("", " ", "\t", "\r", "\n")


def _allow_whole(page: Composed, wanted: Json | Absence) -> None:
    if wanted is ABSENT:
        raise FormatError("container", "the whole document cannot be removed; delete the file instead", at=(1, 1))
    if page.value is not None and not isinstance(page.value, (dict, list)):
        raise FormatError("container", "the document is neither a map nor a list", at=_place(page, ()))


def _nothing_at(value: Json, path: KeyPath) -> int | None:
    """How many steps lead to a null where the path goes on."""
    for length, step in enumerate(path):
        if value is None:
            return length
        if isinstance(step, str):
            value = value.get(step, ABSENT) if isinstance(value, dict) else ABSENT
        else:
            indices = named(value, step) if isinstance(value, list) else []
            value = value[indices[0]] if indices else ABSENT
    return None


def _around(path: KeyPath, wanted: Json) -> Json:
    value = built(path, wanted)
    return {path[0]: value} if isinstance(path[0], str) else [value]


def _whole_lines(page: Composed) -> Composed:
    """The page with a break behind its last line. Raises FormatError if that would change the text of the last value."""
    if not page.text or page.text.endswith("\n"):
        return page
    ended = compose(page.text + line_end(page.text))
    if not same(ended.value, page.value):
        at = place(page.text, len(page.text))
        raise FormatError("container", "the file ends within a block text", at=at, hint="add a line break at its end")
    return ended


def _as_ended(new: str, unended: bool, expected: Json, path: KeyPath) -> str:  # noqa: FBT001 - a fact, not a switch
    """The new text without the break that the old one did not have. Raises UnsafeEditError unless it says what was asked."""
    texts = [new.removesuffix("\n").removesuffix("\r"), new] if unended else [new]
    for text in texts:
        if _says(text, expected):
            return text
    raise UnsafeEditError(f"the edit at `{pointer(path)}` would have changed something else")


def _says(text: str, expected: Json) -> bool:
    try:
        return same(composed(text).value, expected)
    except FormatError:
        return False


def _edited(page: Composed, trail: list[Item], way: tuple[KeyPath, KeyPath], wanted: Json | Absence) -> str:
    """The edited text; of the way, the second part is what is missing."""
    path, missing = way
    editor = Editor(page)
    if page.root is None:
        editor.begin(after_put({}, path, wanted))
    elif missing:
        allow_adding(page, trail)
        key = missing[0] if isinstance(missing[0], str) else None
        editor.add(trail[-1], key, built(missing, wanted), outermost_brackets(trail))
    elif wanted is ABSENT:
        allow_removing(page, trail)
        box = trail[-2].node
        indices = named(box.value, path[-1]) if isinstance(box.value, list) else [box.items.index(trail[-1])]
        editor.remove(trail[-2], indices, outermost_brackets(trail[:-1]))
    else:
        allow_changing(page, trail)
        editor.change(trail[-1], wanted, outermost_brackets(trail[:-1]))
    return editor.text


def _trail(page: Composed, steps: Steps) -> list[Item]:
    """The slot of the document, and that of each step. Raises FormatError where the key of a step stands twice."""
    if page.root is None:
        return []
    slot = Item(None, 0, 0, -1, page.root)
    trail = [slot]
    for count, step in enumerate(steps):
        items = slot.node.items
        found = [items[step]] if isinstance(step, int) else [item for item in items if item.key == step]
        if len(found) > 1:
            raise FormatError(
                "duplicate-key",
                f"`{pointer(steps[: count + 1])}` stands {len(found)} times",
                at=place(page.text, found[1].start),
                hint=REPEATED,
            )
        slot = found[0]
        trail.append(slot)
    return trail


def _place(page: Composed, steps: Steps) -> tuple[int, int]:
    if not steps:
        return place(page.text, page.root.body if page.root else 0)
    item = _trail(page, steps)[-1]
    return place(page.text, item.node.start if item.key is None else item.start)
