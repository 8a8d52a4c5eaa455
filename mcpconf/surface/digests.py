"""The canonical form of what a server shows, and its digests: RFC 8785 (JSON Canonicalization Scheme, 2020) and SHA-256.

`mcpconf.canonical` tells 1 and 1.0 apart, for in a host's file they are two things. In RFC 8785 they are one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator

from mcpconf.model.base import Json
from mcpconf.model.surface import Surface

SAFE = 2**53 - 1
"""The greatest whole number that every JSON reader keeps exactly."""

_DOMAIN = b"mcpconf/surface/v1\0"
_PLACES = 21
"""ECMAScript writes out numbers of as many digits, and longer ones with an exponent."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=True).encode
_PECULIAR = re.compile(r"[:,\[]-?[0-9]+(?:[.e]|(?<=[0-9]{16}))")
"""A number in a list or map that Python may write otherwise than ECMAScript, or something like it in a text."""


def jcs(value: Json) -> bytes:
    """RFC 8785. Raises ValueError for what has no such form: whole numbers beyond `SAFE`, infinity, lone surrogates."""
    if isinstance(value, (int, float)):
        return _written(value).encode()
    text = _encode(value)
    return (_written(value) if not text.isascii() or _PECULIAR.search(text) else text).encode()


def _written(value: Json) -> str:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_encode(key)}:{_written(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, int) and abs(value) > SAFE:
        raise ValueError("a whole number that not every reader of JSON keeps")
    return _encode(value)


def number(value: float) -> str:
    """As ECMAScript writes it (ECMA-262, Number::toString): the shortest digits that give the number again."""
    if value == 0:
        return "0"
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(digits) - len(fraction) + int(exponent or 0)
    digits = digits.rstrip("0")
    return ("-" if value < 0 else "") + _placed(digits, point)


def _placed(digits: str, point: int) -> str:
    """The number 0.DIGITS times ten to the power of `point`."""
    if len(digits) <= point <= _PLACES:
        return digits.ljust(point, "0")
    if 0 < point <= _PLACES:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"


def item_digest(kind: str, name: str, value: Json) -> str:
    """No canonical form holds a NUL, so that a name cannot be taken for a part of one."""
    return item_digest_of(kind, name, jcs(value))


def item_digest_of(kind: str, name: str, form: bytes) -> str:
    """Of a value whose canonical form is known."""
    return "sha256:" + hashlib.sha256(_DOMAIN + f"{kind}\0{name}\0".encode() + form).hexdigest()


def surface_digest(named: dict[str, str]) -> str:
    """Of what `Surface.named` gives."""
    return item_digest("surface", "", named)


def contradictions(surface: Surface) -> Iterator[str]:
    """Pointers to what in a surface has not the digest that stands beside it: somebody edited it."""
    for gated, listing in (("", surface), ("/gated", surface.gated)):
        for kind, name, item in listing.items():
            try:
                fits = item_digest(kind, name, item.value) == item.digest
            except ValueError:
                fits = False
            if not fits:
                yield gated + pointer_to(kind, name)
    if surface_digest(surface.named()) != surface.digest:
        yield "/digest"


_FOLDERS = {"tool": "tools", "prompt": "prompts", "template": "templates", "resource": "resources"}


def pointer_to(kind: str, name: str) -> str:
    """Where an item is in a surface, as a JSON pointer: `/tools/search`, `/instructions`."""
    return f"/{_FOLDERS[kind]}/{step(name)}" if kind in _FOLDERS else f"/{kind}"


def step(key: object) -> str:
    """A key as a step of a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")
