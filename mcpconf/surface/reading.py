"""The front door for what servers answer: nothing ambiguous, endless or unwritable goes on to a digest.

Readers of JSON differ in all that is refused here, and what two readers take for different things has no digest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mcpconf.model.base import Json
from mcpconf.surface.digests import SAFE, step

MAXIMUM_DEPTH = 64
MAXIMUM_ITEM = 256 * 1024
"""Bytes of one item in canonical form."""

MAXIMUM_ITEMS = 5_000
"""Of one list, all its pages together."""

MOST_VIOLATIONS = 20
"""More are not told."""

BIG = "$mcpconf:int"
"""The only key of the map that stands for a whole number beyond what every reader of JSON keeps, written out."""

_SAFE_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Violation:
    """What makes a surface impossible to lock. `pointer` leads to it, by names: `/tools/search/inputSchema`."""

    pointer: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Refused:
    """Stands in a tree where something is that cannot be taken."""

    reason: str


def parsed(data: bytes, pointer: str) -> Json | Violation:
    """JSON as it is, with whole numbers beyond `SAFE` as maps (see `BIG`), and 1.0 as 1. Yet to be looked through."""
    try:
        return json.loads(
            data.decode(),
            object_pairs_hook=_map,
            parse_constant=lambda word: _Refused(f"is {word}, which is no number of JSON"),
            parse_int=_whole,
            parse_float=_fraction,
        )
    except UnicodeDecodeError:
        return Violation(pointer, "is no UTF-8 text")
    except json.JSONDecodeError as error:
        return Violation(pointer, f"is no JSON: {error.msg} at character {error.pos}")
    except RecursionError:
        return Violation(pointer, f"is nested deeper than {MAXIMUM_DEPTH} levels")


def _map(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if BIG in found:
        return _Refused(f"has the key `{BIG}`, which stands for something else here")
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return _Refused(f"has the key `{twice[:80]}` twice")
    return found


def _whole(text: str) -> Json:
    if len(text) <= _SAFE_DIGITS + 1 and abs(value := int(text)) <= SAFE:
        return value
    return {BIG: text}


def _fraction(text: str) -> Json:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        return _Refused("is a number that is too great for any reader")
    return int(value) if value.is_integer() and abs(value) <= SAFE else value


def violations(value: Json, pointer: str) -> Iterator[Violation]:
    """What must not be in one item, the first MOST_VIOLATIONS of it."""
    waiting: list[tuple[str, Json, int]] = [(pointer, value, 1)]
    told = 0
    while waiting and told < MOST_VIOLATIONS:
        at, inner, depth = waiting.pop()
        reason = _wrong(inner, depth)
        if reason:
            told += 1
            yield Violation(at, reason)
        elif isinstance(inner, dict):
            waiting += [(f"{at}/{step(key)}", child, depth + 1) for key, child in reversed(inner.items())]
        elif isinstance(inner, list):
            waiting += [(f"{at}/{index}", child, depth + 1) for index, child in reversed([*enumerate(inner)])]


def _wrong(value: Json, depth: int) -> str:
    if isinstance(value, _Refused):
        return value.reason
    if depth > MAXIMUM_DEPTH:
        return f"is nested deeper than {MAXIMUM_DEPTH} levels"
    texts = [value] if isinstance(value, str) else value if isinstance(value, dict) else ()
    return "has half a character in it" if any(map(_is_torn, texts)) else ""


def _is_torn(text: str) -> bool:
    """Whether it holds one half of a pair of surrogates: JSON can spell it, and nothing else can."""
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
