"""Every text of a surface, which a model reads as it is, and the plain form that wordings are looked for in."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from mcpconf.model.base import Json
from mcpconf.model.surface import ItemKind, Surface
from mcpconf.secrets.escape import escape
from mcpconf.surface.digests import pointer_to, step
from mcpconf.surface.unseen import UNSEEN

_SHOWN = 100
"""Characters of a text around what is found in it."""

_BEFORE = 30


class Text(NamedTuple):
    """`pointer` leads to it from the surface on. `is_key`: it is a name that the item gives to something."""

    kind: ItemKind
    item: str
    pointer: str
    text: str
    is_key: bool = False


def texts(surface: Surface) -> Iterator[Text]:
    """What every client sees, then what is gated; pictures are left out."""
    for gated, listing in (("", surface), ("/gated", surface.gated)):
        for kind, name, item in listing.items():
            yield from _texts(kind, name, f"{gated}{pointer_to(kind, name)}", item.value)


def _texts(kind: ItemKind, name: str, pointer: str, value: Json) -> Iterator[Text]:
    left = [(value, pointer)]
    while left:
        found, at = left.pop()
        if isinstance(found, str):
            yield Text(kind, name, at, found)
        elif isinstance(found, list):
            left += [(inner, f"{at}/{index}") for index, inner in reversed([*enumerate(found)])]
        elif isinstance(found, dict):
            for key in found:
                yield Text(kind, name, f"{at}/{step(key)}", key, is_key=True)
            left += [(inner, f"{at}/{step(key)}") for key, inner in reversed(found.items()) if key != "icons"]


def plain(text: str) -> str:
    """One line, with letters in place of what only looks like them, and without what is not seen."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", UNSEEN.sub("", text))
    return " ".join(text.split())


def excerpt(text: str, start: int) -> str:
    """What stands around a place of a text, in quotes, safe to print."""
    first = max(0, start - _BEFORE)
    head, tail = "..." if first else "", "..." if len(text) > first + _SHOWN else ""
    return f'"{head}{escape(text[first : first + _SHOWN])}{tail}"'
