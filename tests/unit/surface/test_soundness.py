"""What clients may read in different ways."""

from __future__ import annotations

from typing import Any

import pytest

from mcpconf.surface.soundness import unsound
from tests.surfaces import surface, tool


def faults(schema: Any, name: str = "read") -> list[tuple[str, str]]:
    found = surface(tools={name: tool(inputSchema=schema)})
    return [(fault.pointer.removeprefix("/tools/read"), fault.reason) for fault in unsound(found)]


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    ("schema", "pointer", "word"),
    [
        ({"type": "string"}, "/inputSchema", "object"),
        ([], "/inputSchema", "object"),
        ({"type": "object", "properties": []}, "/inputSchema/properties", "map of schemas"),
        ({"type": "object", "required": ["a", 1]}, "/inputSchema/required", "list of names"),
        ({"type": "object", "allOf": {}}, "/inputSchema/allOf", "list of schemas"),
        (of(a=7), "/inputSchema/properties/a", "no schema"),
        (of(a={"type": []}), "/inputSchema/properties/a/type", "name of a type"),
        (of(a={"enum": "x"}), "/inputSchema/properties/a/enum", "a list"),
        (of(a={"maximum": True}), "/inputSchema/properties/a/maximum", "a number"),
        (of(a={"maximum": {"x": "1"}}), "/inputSchema/properties/a/maximum", "a number"),
        (of(a={"minLength": -1}), "/inputSchema/properties/a/minLength", "whole number"),
        (of(a={"not": []}), "/inputSchema/properties/a/not", "no schema"),
        (of(a={"items": [{}, {"type": "x"}]}), "/inputSchema/properties/a/items/1/type", "name of a type"),
        (of(a={"anyOf": [{"$ref": "https://x.example/s"}]}), "/inputSchema/properties/a/anyOf/0/$ref", "whoever answers"),
        (of(a={"$ref": "//x.example/s"}), "/inputSchema/properties/a/$ref", "whoever answers"),
        (of(a={"type": "string", "x-mcp-header": 5}), "/inputSchema/properties/a/x-mcp-header", "no name"),
        (of(a={"x-mcp-header": "A"}), "/inputSchema/properties/a/x-mcp-header", "neither text"),
        (of(a=of(b={"type": "string", "x-mcp-header": ""})), "/inputSchema/properties/a/properties/b/x-mcp-header", "no name"),
        (of(a={"then": {"type": "string", "x-mcp-header": "A"}}), "/inputSchema/properties/a/then/x-mcp-header", "do not look"),
        (of(token={"type": "string", "x-mcp-header": "A"}), "/inputSchema/properties/token/x-mcp-header", "secret"),
    ],
    ids=range(20),
)  # fmt: skip
def test_what_is_unsound(schema: Any, pointer: str, word: str):
    ((found, reason),) = faults(schema)
    assert found == pointer
    assert word in reason


@pytest.mark.parametrize(
    "schema",
    [
        of(),
        of(a=True, b={"type": ["string", "null"], "maxLength": 3}, c={"items": {"type": "integer"}}),
        of(
            a={"default": {"type": 7, "$ref": "https://x.example"}, "examples": [{"required": 1}], "const": {"enum": 1}}
        ),
        of(a={"$ref": "#/$defs/x"}, b={"$ref": "other.json#/x"}, c={"maximum": {"$mcpconf:int": "9007199254740993"}}),
        of(a=of(b={"type": "boolean", "x-mcp-header": "Region"})),
        {**of(properties={"type": "string"}, required={"type": "string"}), "unknown": 7},
    ],
    ids=range(6),
)
def test_what_is_sound(schema: Any):
    assert faults(schema) == []


@pytest.mark.parametrize("name", ["read file", "", "a" * 129, "käse", "a/b", "a\n"])
def test_names_that_not_every_client_can_call(name: str):
    assert [reason.split(":")[0] for _, reason in faults(of(), name)] == ["has a name that not every client can call"]


def test_what_a_result_holds_is_looked_at_too():
    found = surface(tools={"read": tool(outputSchema={"type": "object", "properties": {"a": {"type": "text"}}})})
    assert [fault.pointer for fault in unsound(found)] == ["/tools/read/outputSchema/properties/a/type"]
