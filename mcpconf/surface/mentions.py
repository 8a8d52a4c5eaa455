"""What of one server the texts of another name. Only exact names of two words or more: `search` is everybody's word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mcpconf.model.base import Json
from mcpconf.model.surface import Surface
from mcpconf.surface.digests import pointer_to

_NAME = re.compile(r"@?[A-Za-z0-9]+(?:[._:/-]+[A-Za-z0-9]+)+|(?<![A-Za-z0-9])[a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)+")
"""Words that hang together, and `camelCase`."""

_PART = re.compile(r"[.:/]|__")
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+")


def is_distinctive(name: str) -> bool:
    return len(_WORD.findall(name)) > 1


def names_of(server: str, surface: Surface, package: str = "") -> Iterator[str]:
    """What somebody means who writes it: this server, or a tool of it."""
    yield from filter(is_distinctive, (server, package))
    for name in (*surface.tools, *surface.gated.tools):
        if is_distinctive(name):
            yield name
        yield from (f"{server}{sign}{name}" for sign in (":", ".", "/", "_", "__"))
        yield from (f"mcp{sign}{server}{sign}{name}" for sign in ("_", "__"))


def mentions(surface: Surface) -> Mapping[str, str]:
    """Every such name in the texts of a server, with a pointer to the first item that has it; but what it has itself."""
    found: dict[str, str] = {}
    own: set[str] = set()
    for kind, name, item in (*surface.items(), *surface.gated.items()):
        own.add(name)
        for text in _texts(item.value, own):
            for match in _NAME.finditer(text):
                for word in (match[0], *_PART.split(match[0])):
                    found.setdefault(word, pointer_to(kind, name))
    return {word: pointer for word, pointer in found.items() if word not in own and is_distinctive(word)}


def _texts(value: Json, keys: set[str]) -> Iterator[str]:
    """Every text in an item; `keys` gets the names that it gives to things."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, list):
            left += item
        elif isinstance(item, dict):
            keys.update(item)
            left += item.values()
