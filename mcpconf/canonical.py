"""The only definition of "the same": canonical JSON bytes, their digest, the keyed digest for what may be secret, the seal."""

from __future__ import annotations

import hashlib
import hmac
import json
from functools import lru_cache
from typing import Literal

from mcpconf.model.base import Json


def canonical(value: Json) -> bytes:
    """RFC 8785 form for what our documents hold: maps with text keys, lists, text, whole numbers, booleans, null.

    Numbers with a fraction are written as Python writes them, which agrees with RFC 8785 between 1e-6 and 1e16.
    Unlike `==`, tells `1`, `True` and `1.0` apart. Raises ValueError for NaN and infinity.
    """
    text = _encode(value)
    return (text if text.isascii() else _encode_unsorted(_ordered(value))).encode("utf-8", "surrogatepass")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=True).encode
"""Sorts keys by code points, which is the order of RFC 8785 (UTF-16 units) as long as all is ASCII."""

_encode_unsorted = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def _ordered(value: Json) -> Json:
    if isinstance(value, dict):
        return {
            key: _ordered(value[key]) for key in sorted(value, key=lambda k: k.encode("utf-16-be", "surrogatepass"))
        }
    if isinstance(value, (list, tuple)):
        return [_ordered(item) for item in value]
    return value


def digest(value: Json) -> str:
    """`sha256:HEX` of the canonical form. Only for values that hold no secret: a short secret can be guessed from it."""
    return digest_bytes(canonical(value))


def digest_bytes(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def keyed(key: bytes, value: Json) -> str:
    """`keyed:HEX`: HMAC-SHA-256 under this machine's key. Hides a value from whoever lacks the key, and proves nothing.

    Plans show it of whatever lies in a host's file, so anyone who writes there can have it of a value of their choice.
    """
    return "keyed:" + _authenticated(key, canonical(value))


def seal(key: bytes, purpose: Literal["installation", "saved plan"], value: Json) -> str:
    """`sealed:HEX`: proof that a value was written by whoever has this machine's key, for one purpose.

    No canonical form holds a NUL, so no keyed digest and no seal for another purpose is ever the same.
    """
    return "sealed:" + _authenticated(key, purpose.encode() + b"\0" + canonical(value))


def key_name(key: bytes) -> str:
    """Tells two keys apart without telling the key."""
    return digest_bytes(b"mcpconf key name\0" + key).removeprefix("sha256:")[:16]


@lru_cache(maxsize=4096)
def _authenticated(key: bytes, data: bytes) -> str:
    return hmac.digest(key, data, "sha256").hex()


def same(one: Json, other: Json) -> bool:
    return canonical(one) == canonical(other)
