"""Writing TOML: one value changes, every other byte stays.

New maps become `[tables]` behind their siblings, or inline tables where the siblings are inline. The one exception to
byte-faithfulness: an inline table with dotted keys (`{a.b = 1}`) that must change is written anew without them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from mcpconf.canonical import same
from mcpconf.formats.base import BYTE_ORDER_MARK, FormatError, UnsafeEditError, place, pointer
from mcpconf.formats.path import Steps, after_put, after_rename, built, checked, locate, nameable, named
from mcpconf.formats.toml_blocks import Editor
from mcpconf.formats.toml_notation import DottedKeyError
from mcpconf.formats.toml_page import Page
from mcpconf.formats.toml_text import loaded
from mcpconf.model.base import ABSENT, Absence, Json, KeyPath

_REMOVED_SINGLY: Final = 20
"""More equal elements of a list are taken out by writing the list anew: each removal reads the document again."""


def put(text: str, path: KeyPath, wanted: Json | Absence) -> str:
    checked(path, wanted)
    if not path and not isinstance(wanted, dict):
        raise FormatError("container", "a TOML document is a map", at=(1, 1))
    value = loaded(text)
    editor = Editor(Page(text.removeprefix(BYTE_ORDER_MARK)))
    locate(value, path, lambda steps: _place(editor, steps))
    expected = after_put(value, path, wanted)
    if same(value, expected):
        return text
    _edit(editor, path, wanted)
    new = text[: text.startswith(BYTE_ORDER_MARK)] + editor.page.text
    verify(loaded(new), expected, path, wanted)
    return new


def rename(text: str, path: KeyPath, name: str) -> str:
    value = loaded(text)
    editor = Editor(Page(text.removeprefix(BYTE_ORDER_MARK)))
    steps = nameable(value, path, name, lambda steps: _place(editor, steps))
    while True:
        try:
            editor.rename(steps, name)
        except DottedKeyError as error:
            editor.undot(error.offset)
        else:
            break
    new = text[: text.startswith(BYTE_ORDER_MARK)] + editor.page.text
    if not same(loaded(new), after_rename(value, steps, name)):
        raise UnsafeEditError(f"the new name at `{pointer(path)}` would have changed something else")
    return new


def _edit(editor: Editor, path: KeyPath, wanted: Json | Absence) -> None:
    """Edit, and again after each inline table with dotted keys that stood in the way."""
    while True:
        value = loaded(editor.page.text)
        steps, missing = locate(value, path, lambda _: None)
        try:
            if missing:
                key = missing[0] if isinstance(missing[0], str) else None
                editor.add(steps, key, built(missing, wanted))
            elif wanted is ABSENT:
                _remove(editor, value, path, steps)
            else:
                editor.change(steps, _at(value, steps), wanted)
        except DottedKeyError as error:
            editor.undot(error.offset)
        else:
            return


def _remove(editor: Editor, value: Json, path: KeyPath, steps: Steps) -> None:
    held = _at(value, steps[:-1])
    indices = named(held, path[-1]) if isinstance(held, list) else []
    if len(indices) > _REMOVED_SINGLY:
        gone = frozenset(indices)
        editor.change(steps[:-1], held, [item for at, item in enumerate(held) if at not in gone])
        return
    for each in reversed(indices):
        editor.remove((*steps[:-1], each))
    if not indices:
        editor.remove(steps)


def _at(value: Json, steps: Steps) -> Json:
    for step in steps:
        value = value[step]
    return value


def verify(value: Json, expected: Json, path: KeyPath, wanted: Json | Absence) -> None:
    """Raises UnsafeEditError unless the new text says what was asked.

    A table, or array of tables, that only its removed members had defined is gone with them.
    """
    if not same(value, expected) and not (wanted is ABSENT and _without_hollow(value, expected, path)):
        raise UnsafeEditError(f"the edit at `{pointer(path)}` would have changed something else")


def _without_hollow(value: Json, expected: Json, path: KeyPath) -> bool:
    """Whether the two, which differ, do so only in empty tables on the path that `value` lacks."""
    step = path[0] if path else None
    if (
        not isinstance(step, str)
        or not isinstance(value, dict)
        or not isinstance(expected, dict)
        or step not in expected
    ):
        return False
    rest = {key: item for key, item in value.items() if key != step}
    if not same(rest, {key: item for key, item in expected.items() if key != step}):
        return False
    return _without_hollow(value[step], expected[step], path[1:]) if step in value else _hollow(expected[step])


def _hollow(value: Json) -> bool:
    return all(map(_hollow, value.values())) if isinstance(value, dict) else value == []


def _place(editor: Editor, steps: Steps) -> tuple[int, int]:
    try:
        offset = editor.place(steps) if steps else 0
    except DottedKeyError as error:
        offset = error.offset
    return place(editor.page.text, offset)


@lru_cache(maxsize=2)
def _page(text: str) -> tuple[Json, Editor]:
    """Of one text many positions are asked for, one after the other."""
    return loaded(text), Editor(Page(text.removeprefix(BYTE_ORDER_MARK)))


def position(text: str, path: KeyPath) -> tuple[int, int] | None:
    value, editor = _page(text)
    try:
        steps, missing = locate(value, path, lambda steps: _place(editor, steps))
    except FormatError as error:
        if error.kind != "container":
            raise
        return None
    return None if missing else _place(editor, steps)
