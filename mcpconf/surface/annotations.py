"""Hints of a tool about itself. They prove nothing; that one changes is worth knowing, for hosts ask less where they trust them.

A hint that is not there has the meaning that the protocol gives it (2025-03-26 and later): it may change things, destroy
things, and reach out of its own world.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mcpconf.model.base import ABSENT, Json
from mcpconf.permissions.change import Verdict
from mcpconf.surface.change import Place, Said
from mcpconf.surface.parameters import shown
from mcpconf.surface.sentences import text_changes


class _Hint(NamedTuple):
    """`default` is what holds where it is not said, `safe` the value that promises more."""

    default: bool
    safe: bool
    wider: str
    narrower: str


_HINTS: Mapping[str, _Hint] = {
    "readOnlyHint": _Hint(False, True, "it may now change things", "it says that it changes nothing"),
    "destructiveHint": _Hint(True, False, "it may now destroy things", "it says that it destroys nothing"),
    "idempotentHint": _Hint(False, True, "calling it again may now do more", "it says that calling it again does nothing more"),
    "openWorldHint": _Hint(True, False, "it may now reach other systems", "it says that it reaches no other system"),
}  # fmt: skip


def annotation_changes(old: Json, new: Json, place: Place) -> Iterator[Said]:
    before, after = ({} if side is ABSENT else side for side in (old, new))
    if not isinstance(before, dict) or not isinstance(after, dict):
        yield _said(place, "both", f"{shown(old)}  ->  {shown(new)}")
        return
    if not before and not after:
        yield Said(
            place.pointer, "cosmetic", "same", "annotations: empty where they were not there, or the other way round"
        )
    for key in sorted(before.keys() | after.keys()):
        yield from _change(key, before.get(key, ABSENT), after.get(key, ABSENT), place.at(key, label=key[:80]))


def _change(key: str, old: Json, new: Json, place: Place) -> Iterator[Said]:
    if type(old) is type(new) and old == new:
        return
    hint = _HINTS.get(key)
    if (
        key == "title"
        and all(side is ABSENT or isinstance(side, str) for side in (old, new))
        and (old or "") != (new or "")
    ):
        before, after = ("" if side is ABSENT else side for side in (old, new))
        yield from text_changes(before, after, Place(place.pointer, "title"))
    elif hint is None:
        yield _said(place, "both", f"{place.label} {shown(old)}  ->  {shown(new)}")
    else:
        yield _flip(hint, old, new, place)


def _flip(hint: _Hint, old: Json, new: Json, place: Place) -> Said:
    before, after = (hint.default if side is ABSENT else side for side in (old, new))
    words = f"{place.label} {shown(old)}  ->  {shown(new)}"
    if not isinstance(before, bool) or not isinstance(after, bool):
        return _said(place, "both", words)
    if before == after:
        return Said(place.pointer, "cosmetic", "same", f"{words}: means the same")
    return _said(
        place,
        "narrower" if after is hint.safe else "wider",
        f"{words}: {hint.narrower if after is hint.safe else hint.wider}",
    )


def _said(place: Place, direction: Verdict, words: str) -> Said:
    return Said(place.pointer, "annotation-flip", direction, words)


def holds(tool: Json, name: str) -> bool:
    """What a hint of a tool says, or what it means that it says nothing."""
    hints = tool.get("annotations") if isinstance(tool, dict) else None
    said = hints.get(name) if isinstance(hints, dict) else None
    return said if isinstance(said, bool) else _HINTS[name].default


def nature(tool: Json) -> str:
    """What a tool says of itself, in words: "may destroy, reaches other systems"."""
    if holds(tool, "readOnlyHint"):
        does = "says it only reads"
    elif holds(tool, "destructiveHint"):
        does = "may destroy"
    else:
        does = "may write"
    return (
        f"{does}, may reach other systems"
        if holds(tool, "openWorldHint")
        else f"{does}, says it stays within its own world"
    )
