"""Keywords of JSON Schema that have no schemas below them: what changed, and whether more can be said than before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mcpconf.model.base import ABSENT, Json
from mcpconf.surface.change import Place, Said
from mcpconf.surface.digests import jcs
from mcpconf.surface.parameters import shown
from mcpconf.surface.sentences import text_changes

Handler = Callable[[Any, Any, Place], Iterator[Said]]

_MOST_NAMED = 12


def changed(key: str, old: Json, new: Json, place: Place) -> Iterator[Said]:
    yield place.other(f"`{key[:80]}` {shown(old)}  ->  {shown(new)}")


def cosmetic(place: Place, words: str) -> Said:
    return Said(place.pointer, "cosmetic", "same", f"{place.label}: {words}" if place.label else words)


def text(old: Json, new: Json, place: Place) -> Iterator[Said]:
    key = place.pointer.rpartition("/")[2]
    before, after = ("" if side is ABSENT else side for side in (old, new))
    if not isinstance(before, str) or not isinstance(after, str):
        yield from changed(key, old, new, place)
        return
    label = f"{place.label}, {key}" if place.label else key
    if before == after:
        yield cosmetic(place, f"`{key}` is empty where it was not there, or the other way round")
    yield from text_changes(before, after, Place(place.pointer, label))


def values(old: Json, new: Json, place: Place) -> Iterator[Said]:
    """`enum`: a list of all that can be said."""
    if not isinstance(old, list) or not isinstance(new, list):
        yield from presence(old, new, place)
        return
    before, after = ({jcs(item): item for item in side} for side in (old, new))
    yield from _sets(before, after, place, "enum")


def types(old: Json, new: Json, place: Place) -> Iterator[Said]:
    if old is ABSENT or new is ABSENT:
        yield from presence(old, new, place)
    else:
        yield from _sets(_types(old), _types(new), place, "type")


def _types(value: Json) -> dict[bytes, Json]:
    """By their forms. A number may be a whole one."""
    found = {jcs(item): item for item in (value if isinstance(value, list) else [value])}
    return {b'"integer"': "integer", **found} if b'"number"' in found else found


def _sets(before: Mapping[bytes, Json], after: Mapping[bytes, Json], place: Place, key: str) -> Iterator[Said]:
    more = [after[form] for form in after if form not in before]
    less = [before[form] for form in before if form not in after]
    if more:
        yield place.wider(f"{key} grew by {_listed(more)}")
    if less:
        yield place.narrower(f"{key} lost {_listed(less)}")
    if not more and not less:
        yield cosmetic(place, f"`{key}` is written otherwise")


def _listed(values: list[Json]) -> str:
    text = ", ".join(shown(item) for item in values[:_MOST_NAMED])
    return text if len(values) <= _MOST_NAMED else f"{text} and {len(values) - _MOST_NAMED} more"


def presence(old: Json, new: Json, place: Place) -> Iterator[Said]:
    """What restricts, wherever it stands: without it more can be said."""
    key = place.pointer.rpartition("/")[2]
    if new is ABSENT:
        yield place.wider(f"any value: `{key}` {shown(old)} is gone")
    elif old is ABSENT:
        yield place.narrower(f"`{key}` {shown(new)} is new")
    else:
        yield from changed(key, old, new, place)


def bound(least: bool) -> Handler:  # noqa: FBT001 - one of two kinds of bounds
    def handle(old: Json, new: Json, place: Place) -> Iterator[Said]:
        numbers = all(isinstance(side, (int, float)) and not isinstance(side, bool) for side in (old, new))
        if not numbers:
            yield from presence(old, new, place)
            return
        key = place.pointer.rpartition("/")[2]
        grows = (new < old) if least else (new > old)
        yield (place.wider if grows else place.narrower)(f"{key} {shown(old)}  ->  {shown(new)}")

    return handle
