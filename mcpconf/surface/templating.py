"""Texts that differ from probe to probe, such as the time zone in a description: what the manifest lets move in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mcpconf.model.base import ABSENT, Json
from mcpconf.model.patterns import compiled
from mcpconf.model.surface import Surface
from mcpconf.surface.digests import pointer_to

MARKER = "${templated}"
"""Stands where a pattern fitted."""

LONGEST = 16 * 1024
"""Characters of a text that patterns are tried on; a longer one stays as it is."""


def templated(value: Json, pointer: str, patterns: Mapping[str, str]) -> Json:
    """An item, which is at `pointer`, with MARKER for whatever a pattern for a text in it fits. A new value if any does."""
    for place, pattern in patterns.items():
        if place == pointer or place.startswith(f"{pointer}/"):
            steps = place.removeprefix(pointer).split("/")[1:]
            value = _changed(value, [item.replace("~1", "/").replace("~0", "~") for item in steps], pattern)
    return value


def _changed(value: Json, steps: list[str], pattern: str) -> Json:
    if not steps:
        return _marked(value, pattern) if isinstance(value, str) and len(value) <= LONGEST else value
    head, *rest = steps
    if isinstance(value, dict) and head in value:
        return {**value, head: _changed(value[head], rest, pattern)}
    if isinstance(value, list) and head.isdecimal() and head.isascii() and int(head[:9]) < len(value):
        index = int(head[:9])
        return [*value[:index], _changed(value[index], rest, pattern), *value[index + 1 :]]
    return value


def _marked(text: str, pattern: str) -> str:
    return compiled(pattern).sub(lambda found: MARKER if found[0] else "", text)


def untemplated(surface: Surface, patterns: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each pointer of the manifest that changed nothing, and why: "leads to nothing"."""
    for place in sorted(patterns):
        reasons = [_reason(listing, place) for listing in (surface, surface.gated)]
        if "" not in reasons:
            yield place, min(reasons, key=_REASONS.index)


_REASONS = ("does not fit the text there", "leads to something else than text", "leads to nothing")


def _reason(listing: Surface | Json, place: str) -> str:
    for kind, name, item in listing.items():
        pointer = pointer_to(kind, name)
        if place == pointer or place.startswith(f"{pointer}/"):
            found = at(item.value, place.removeprefix(pointer))
            if found is ABSENT:
                return _REASONS[2]
            return (_REASONS[0] if MARKER not in found else "") if isinstance(found, str) else _REASONS[1]
    return _REASONS[2]


def at(value: Json, pointer: str) -> Json:
    """The value at a JSON pointer (RFC 6901), or ABSENT."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            value = value[int(key)] if key.isascii() and key.isdecimal() and int(key[:9]) < len(value) else ABSENT
        else:
            value = value.get(key, ABSENT) if isinstance(value, dict) else ABSENT
    return value
