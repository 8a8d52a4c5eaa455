"""What of a surface clients may read in different ways: names, schemas, references, headers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mcpconf.model.base import Json
from mcpconf.model.surface import ItemKind, Surface
from mcpconf.secrets.names import secret_named
from mcpconf.surface.digests import pointer_to, step
from mcpconf.surface.parameters import is_network_reference
from mcpconf.surface.reading import BIG, Violation

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")
"""Of a tool, by the revisions from 2025-11-25 on (SEP-986)."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER = "x-mcp-header"
_CARRIED = frozenset({"string", "integer", "number", "boolean"})
"""What can travel in a header (SEP-2243); `number` by the official clients, though not by the text."""

_Carrier = tuple[str, dict[str, Json]]
"""A schema with `x-mcp-header` and the pointer to it."""

_TYPES = frozenset({"string", "integer", "number", "boolean", "array", "object", "null"})


def unsound(surface: Surface) -> Iterator[Violation]:
    """By pointer into the surface, what every client sees before what is gated."""
    for gated, listing in (("", surface), ("/gated", surface.gated)):
        for kind, name, item in listing.items():
            for fault in _faults(kind, name, item.value):
                yield Violation(f"{gated}{pointer_to(kind, name)}{fault.pointer}", fault.reason)


def _faults(kind: ItemKind, name: str, value: Json) -> Iterator[Violation]:
    if kind != "tool" or not isinstance(value, dict):
        return
    if not _NAME.fullmatch(name):
        yield Violation("", "has a name that not every client can call: letters, digits, `_`, `-` and `.`, at most 128")
    schema = value.get("inputSchema")
    if not isinstance(schema, dict) or schema.get("type") != "object":
        yield Violation("/inputSchema", "is no schema of type `object`, which the protocol asks for")
    carriers: list[_Carrier] = []
    for key in ("inputSchema", "outputSchema"):
        if key in value and (key == "outputSchema" or isinstance(schema, dict)):
            yield from _schema(value[key], f"/{key}", carriers)
    if carriers:
        yield from _headers(schema, carriers)


def _schema(schema: Json, pointer: str, carriers: list[_Carrier]) -> Iterator[Violation]:
    """A schema and all below it. Only what is a schema is looked into: a `default` may hold anything.

    What has the keyword `x-mcp-header` is added to `carriers`.
    """
    waiting = [(schema, pointer)]
    while waiting:
        found, at = waiting.pop()
        if isinstance(found, bool):
            continue
        if not isinstance(found, dict):
            yield Violation(at, "is no schema: neither a map nor `true` or `false`")
            continue
        if _HEADER in found:
            carriers.append((at, found))
        below: list[tuple[Json, str]] = []
        for key, value in found.items():
            expected = _EXPECTED.get(key)
            if expected is not None and not expected[1](value):
                yield Violation(f"{at}/{step(key)}", f"must be {expected[0]}")
            elif key == "$ref" and is_network_reference(value):
                yield Violation(f"{at}/$ref", "leads out of the schema: whoever answers there decides what it means")
            elif key in _HOLDERS:
                below += ((inner, f"{at}/{step(key)}{more}") for inner, more in _below(key, value))
        waiting += reversed(below)


def _below(key: str, value: Json) -> Iterator[tuple[Json, str]]:
    if key in _MANY or (key == "items" and isinstance(value, list)):
        yield from ((inner, f"/{index}") for index, inner in enumerate(value))
    elif key in _NAMED:
        yield from ((inner, f"/{step(name)}") for name, inner in value.items())
    else:
        yield value, ""


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    """Also one that stands as a map (see `reading.BIG`)."""
    return [*value] == [BIG] if isinstance(value, dict) else type(value) in (int, float)


def _is_type(value: Any) -> bool:
    names = value if isinstance(value, list) else [value]
    return bool(names) and all(isinstance(item, str) and item in _TYPES for item in names)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is(*kinds: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kinds)


_ONE = frozenset(
    {"items", "additionalItems", "unevaluatedItems", "contains", "additionalProperties", "unevaluatedProperties"}
    | {"propertyNames", "not", "if", "then", "else"}
)
_MANY = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_HOLDERS = _ONE | _MANY | _NAMED
_EXPECTED: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    **dict.fromkeys(_MANY, ("a list of schemas", _is(list))),
    **dict.fromkeys(_NAMED, ("a map of schemas", _is(dict))),
    **dict.fromkeys(("title", "description", "$comment", "pattern", "format", "$ref"), ("text", _is(str))),
    **dict.fromkeys(
        ("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "multipleOf"), ("a number", _is_number)
    ),
    **dict.fromkeys(
        ("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"),
        ("a whole number", _is_count),
    ),
    "type": ("the name of a type, or a list of such", _is_type),
    "enum": ("a list", _is(list)),
    "required": ("a list of names", _is_names),
    "uniqueItems": ("`true` or `false`", _is(bool)),
}


def _headers(schema: Json, carriers: list[_Carrier]) -> Iterator[Violation]:
    """A header is named once, by a parameter of a plain type that is found by way of `properties` alone."""
    reached = frozenset(_properties(schema, "/inputSchema"))
    seen: set[str] = set()
    for pointer, carrier in carriers:
        named, at = carrier[_HEADER], f"{pointer}/{_HEADER}"
        if not isinstance(named, str) or not _TOKEN.fullmatch(named):
            yield Violation(at, "is no name of a header")
        elif named.lower() in seen:
            yield Violation(at, "names a header that another parameter has")
        elif pointer not in reached:
            yield Violation(at, "stands where clients do not look for it")
        elif not isinstance(carrier.get("type"), str) or carrier["type"] not in _CARRIED:
            yield Violation(at, "is of a parameter that is neither text, number nor `true` or `false`")
        elif secret_named(pointer.rpartition("/")[2]):
            yield Violation(at, "makes a secret travel in a header, where those in between read it")
        if isinstance(named, str):
            seen.add(named.lower())


def _properties(schema: Json, pointer: str) -> Iterator[str]:
    found = schema.get("properties") if isinstance(schema, dict) else None
    for name, inner in found.items() if isinstance(found, dict) else ():
        at = f"{pointer}/properties/{step(name)}"
        yield at
        yield from _properties(inner, at)
