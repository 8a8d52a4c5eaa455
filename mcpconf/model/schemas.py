"""JSON Schemas that a policy holds servers against: what of JSON Schema 2020-12 they may say.

The keywords are a closed list, so that nothing is believed to be checked that is not. References lead to `$defs` of the
same schema alone, and patterns are those of `model.patterns`: no schema reaches the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mcpconf.model.base import Json
from mcpconf.model.patterns import PatternError, compiled
from mcpconf.model.written import Fault, shape, shown

MOST_SCHEMAS = 50
MOST_PARTS = 2000
"""Values in one schema."""

DEEPEST = 24
"""Maps and lists in each other, in a schema."""

NAMED = re.compile(r"(?!MCP)[A-Z][A-Z0-9_-]{0,31}")
"""Ids of schemas, under which findings are reported; those of rules begin with `MCP`."""

_ONE = ("not", "if", "then", "else", "items", "contains", "additionalProperties", "propertyNames")
_SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems")
_BY_KEY = ("properties", "patternProperties", "$defs", "dependentSchemas")
COUNTS = (
    *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
    *("minContains", "maxContains"),
)
NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_TEXTS = ("title", "description", "$comment")
_TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_HINTS = {
    "format": "it would not be checked; write a `pattern`",
    "$id": "a schema has no address here",
    "$dynamicRef": "write `$ref`, to something in `$defs`",
    "unevaluatedProperties": "write `additionalProperties`",
    "unevaluatedItems": "write `items`",
}
_REFERENCE = re.compile(r"#/\$defs/([^/~%]+)")
_COUNT = re.compile(r"[0-9]{1,6}")
_NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,6})?")

Path = tuple[str | int, ...]


class _Reading:
    """One walk through a schema whose scalars are all text: its faults, and the schema with numbers and words in place."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._parts = 0
        self._referred: list[tuple[str, Path]] = []

    def whole(self, schema: Json) -> Any:
        found = self.schema(schema, ())
        known = found.get("$defs", {}) if isinstance(found, dict) else {}
        for name, at in self._referred:
            if name not in known:
                self.fault(f"leads to nothing: {shown(name)} is not in `$defs`", "", at)
        return found

    def fault(self, message: str, hint: str, at: Path) -> None:
        self.faults.append(Fault(message, hint, at))

    def schema(self, value: Json, at: Path) -> Any:
        if value in ("true", "false", True, False):
            return value in ("true", True)
        if not isinstance(value, dict):
            self.fault(f"must be a map, `true` or `false`, not {shape(value)}", "", at)
            return True
        self._parts += 1 + len(value)
        if not self.small_enough(at):
            return True
        return {key: self.keyword(key, item, (*at, key)) for key, item in value.items()}

    def small_enough(self, at: Path) -> bool:
        if len(at) <= DEEPEST and self._parts <= MOST_PARTS:
            return True
        if not any(fault.at == () for fault in self.faults):
            self.fault(f"is too large: at most {MOST_PARTS:,} parts, {DEEPEST} in each other", "make two of it", ())
        return False

    def keyword(self, key: str, value: Json, at: Path) -> Any:
        if key in _ONE:
            return self.schema(value, at)
        if key in _SEVERAL:
            return [self.schema(item, (*at, index)) for index, item in enumerate(self.items(value, at))]
        if key in _BY_KEY:
            return self.by_key(key, value, at)
        if key in COUNTS or key in NUMBERS:
            return self.number(key, value, at)
        if key in ("enum", "const"):
            values = self.items(value, at) if key == "enum" else [value]
            return [form for item in values for form in _forms(item)]
        if key == "required":
            return [self.text(item, (*at, index)) for index, item in enumerate(self.items(value, at))]
        return self.word(key, value, at)

    def word(self, key: str, value: Json, at: Path) -> Any:
        if key == "type":
            for item in value if isinstance(value, list) else [value]:
                if item not in _TYPES:
                    self.fault(f"is no type: {shown(str(item))}", f"one of {', '.join(_TYPES)}", at)
            return value
        text = self.text(value, at) if key in (*_TEXTS, "pattern", "$ref", "$schema", "uniqueItems") else ""
        if key == "pattern":
            self.pattern(text, at)
        elif key == "$ref":
            match = _REFERENCE.fullmatch(text)
            self._referred += [(match[1], at)] if match else []
            if match is None:
                self.fault(f"leads out of the schema: {shown(text)}", "write `#/$defs/NAME`", at)
        elif key == "uniqueItems":
            return text == "true"
        elif key == "$schema":
            if text.rstrip("#") != _DIALECT:
                self.fault("is not the one that is read", f"leave it out, or write `{_DIALECT}`", at)
        elif key not in _TEXTS:
            self.fault("is no keyword that is checked here", _HINTS.get(key, "leave it out"), at)
        return text

    def by_key(self, key: str, value: Json, at: Path) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.fault(f"must be a map, not {shape(value)}", "", at)
            return {}
        for name in value if key == "patternProperties" else ():
            self.pattern(name, (*at, name))
        return {name: self.schema(item, (*at, name)) for name, item in value.items()}

    def pattern(self, text: str, at: Path) -> None:
        try:
            compiled(text)
        except PatternError as error:
            self.fault(f"{error}: {shown(text)}", "such a pattern could take for ever; write a simpler one", at)

    def number(self, key: str, value: Json, at: Path) -> float:
        text = str(value)
        if not (_COUNT if key in COUNTS else _NUMBER).fullmatch(text):
            self.fault(f"must be a number, not {shown(text)}", "", at)
            return 0
        return float(text) if key in NUMBERS else int(text)

    def items(self, value: Json, at: Path) -> list[Json]:
        if not isinstance(value, list):
            self.fault(f"must be a list, not {shape(value)}", "", at)
            return []
        self._parts += len(value)
        return value if self.small_enough(at) else []

    def text(self, value: Json, at: Path) -> str:
        if not isinstance(value, (str, bool)):
            self.fault(f"must be text, not {shape(value)}", "", at)
            return ""
        return str(value).lower() if isinstance(value, bool) else value


def _forms(value: Json) -> list[Json]:
    """What a manifest writes without quotes may mean a word, a switch or a number: all of them count."""
    forms: list[Json] = [value]
    if isinstance(value, str):
        forms += [value == "true"] if value in ("true", "false") else []
        forms += [float(value)] if _NUMBER.fullmatch(value) else []
    return forms


def typed(schema: Json) -> Any:
    """A schema without faults, with numbers and switches in place of the texts that a manifest holds for them."""
    return _Reading().whole(schema)


def schema_faults(schema: Json) -> Iterator[Fault]:
    """What of a schema cannot be checked, by its place in it."""
    reading = _Reading()
    reading.whole(schema)
    yield from reading.faults
