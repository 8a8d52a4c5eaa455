"""Whatever a server shows: surfaces that differ have a change that says so, equal ones have none."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mcpconf.artifacts import UNSET
from mcpconf.documents.lock import load_lock, render_lock
from mcpconf.model.lock import Lock, LockedServer
from mcpconf.model.surface_wish import SurfaceWish
from mcpconf.surface.comparing import surface_changes
from mcpconf.surface.digests import contradictions, jcs
from mcpconf.surface.snapshot import surface_of
from mcpconf.surface.soundness import unsound
from tests.shown import STDIO, answer, old_era, surface

KEYS = st.sampled_from(
    [
        "title",
        "description",
        "$comment",
        "type",
        "enum",
        "const",
        "properties",
        "required",
        "items",
        "additionalProperties",
        "anyOf",
        "oneOf",
        "allOf",
        "not",
        "$ref",
        "$defs",
        "default",
        "x-mcp-header",
        "minimum",
        "maxLength",
        "pattern",
        "format",
        "prefixItems",
        "patternProperties",
        "propertyNames",
        "if",
        "then",
        "else",
        "dependentRequired",
        "uniqueItems",
        "unknown",
        "examples",
        "a",
        "b",
    ]
)
WORDS = st.sampled_from(
    ["", "a", "b", "string", "number", "integer", "A. B.", "A.  B.", "A. C. B.", "https://x/y", "\u200b"]
)
LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False, allow_infinity=False) | WORDS
SCHEMAS = st.recursive(
    LEAVES | st.dictionaries(KEYS, LEAVES, max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
ANNOTATIONS = st.dictionaries(
    st.sampled_from(["readOnlyHint", "destructiveHint", "openWorldHint", "title", "x"]), LEAVES, max_size=4
)
TOOLS = st.fixed_dictionaries(
    {"name": st.sampled_from("ab")},
    optional={
        "title": LEAVES,
        "description": LEAVES,
        "inputSchema": SCHEMAS,
        "outputSchema": SCHEMAS,
        "annotations": ANNOTATIONS | LEAVES,
        "icons": SCHEMAS,
        "_meta": SCHEMAS,
        "execution": SCHEMAS,
        "zzz": SCHEMAS,
    },
)
ARGUMENTS = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from("ab")}, optional={"required": LEAVES, "description": LEAVES, "z": LEAVES}
    ),
    max_size=3,
)
PROMPTS = st.fixed_dictionaries(
    {"name": st.sampled_from("ab")}, optional={"arguments": ARGUMENTS | LEAVES, "title": LEAVES}
)
TEMPLATES = st.fixed_dictionaries(
    {"uriTemplate": st.sampled_from("ab")}, optional={"mimeType": LEAVES, "annotations": ANNOTATIONS}
)
CAPABILITIES = st.dictionaries(
    st.sampled_from(["tools", "resources", "extensions", "experimental", "logging", "a/b"]),
    st.recursive(
        LEAVES, lambda inner: st.dictionaries(st.sampled_from(["listChanged", "subscribe", "x"]), inner, max_size=2)
    ),
    max_size=3,
)
RESOURCES = st.lists(st.fixed_dictionaries({"uri": st.sampled_from(["file:///a", "note:b", "c"])}), max_size=2)


def _named(items: st.SearchStrategy[Any], key: str) -> st.SearchStrategy[list[Any]]:
    return st.lists(items, max_size=2, unique_by=lambda item: item[key])


SHOWN = st.fixed_dictionaries(
    {
        "tools": _named(TOOLS, "name"),
        "prompts": _named(PROMPTS, "name"),
        "resourceTemplates": _named(TEMPLATES, "uriTemplate"),
        "resources": RESOURCES,
        "instructions": st.none() | WORDS,
        "capabilities": CAPABILITIES,
    }
)
METHODS = {
    "tools": "tools/list",
    "prompts": "prompts/list",
    "resourceTemplates": "resources/templates/list",
    "resources": "resources/list",
}


def _transcript(shown: dict[str, Any], client: Any = "bare"):
    answers = [answer(method, {key: shown[key]}) for key, method in METHODS.items()]
    return old_era(*answers, client=client, instructions=shown["instructions"], capabilities=shown["capabilities"])


@given(SHOWN, SHOWN, SHOWN)
@settings(max_examples=400)
def test_surfaces_differ_exactly_if_a_change_says_so(one: dict[str, Any], two: dict[str, Any], able: dict[str, Any]):
    old = surface(_transcript(one), _transcript(able, "able"))
    new = surface(_transcript(two), _transcript(able, "able"))
    assert [*contradictions(old)] == []
    changes = surface_changes(old, new)
    assert bool(changes) == (old.digest != new.digest) == (_content(old) != _content(new))
    told = {(item.kind, item.name) for item in changes if not item.gated}
    for kind, name, item in [*old.items(), *new.items()]:
        changed = any(
            item.digest != other.digest
            for other_kind, other_name, other in new.items()
            if (kind, name) == (other_kind, other_name)
        )
        if changed:
            assert (kind, name) in told, (kind, name, changes)
    for change in changes:
        assert change.words
        assert "\n" not in change.words or change.change in ("text", "added", "capability", "schema-widening")
        assert len(change.words) < 2_000
    assert len({*changes}) == len(changes)


def _content(found: Any) -> bytes:
    kept = found.model_dump(exclude={"digest", "context", "about"})
    return jcs(kept)


@given(TOOLS, st.data())
@settings(max_examples=400)
def test_no_value_of_a_tool_changes_unnamed(tool: dict[str, Any], data: st.DataObject):
    """One value anywhere in it is replaced, added or removed."""
    changed = copy.deepcopy(tool)
    places = [*_places(changed)]
    holder, key = data.draw(st.sampled_from(places))
    if data.draw(st.booleans()) and (isinstance(holder, list) or key != "name"):
        del holder[key]
    elif key != "name" or holder is not changed:
        holder[key] = data.draw(SCHEMAS)
    if isinstance(holder, dict) and data.draw(st.booleans()):
        holder["more"] = data.draw(LEAVES)
    old, new = (surface(_transcript({**EMPTY, "tools": [item]})) for item in (tool, changed))
    changes = surface_changes(old, new)
    assert bool(changes) == (old.digest != new.digest), json.dumps([tool, changed])
    for change in changes:
        assert change.kind == "tool"
        assert change.pointer.startswith("/tools/")


EMPTY: dict[str, Any] = {
    "tools": [],
    "prompts": [],
    "resourceTemplates": [],
    "resources": [],
    "instructions": None,
    "capabilities": {},
}


def _places(value: Any):
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(inner, (dict, list)):
            yield from _places(inner)


@given(SHOWN)
def test_a_first_surface_names_every_item(shown: dict[str, Any]):
    found = surface(_transcript(shown))
    told = {(item.kind, item.name) for item in surface_changes(None, found)}
    assert {(kind, name) for kind, name, item in found.items() if item.value not in ({}, "")} <= told
    assert surface_changes(found, found) == ()


NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=8) | st.characters(categories=["Cs", "Cc", "Co"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)
ANSWERS = ANYTHING.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=40)
LISTED = st.dictionaries(
    st.sampled_from(
        ["tools", "prompts", "resources", "resourceTemplates", "nextCursor", "capabilities", "instructions"]
    ),
    st.lists(TOOLS | ANYTHING, max_size=3) | ANYTHING,
    max_size=4,
)


@given(
    st.lists(st.tuples(st.sampled_from([*METHODS.values(), "initialize"]), ANSWERS | LISTED), max_size=5), st.booleans()
)
@settings(max_examples=400)
def test_whatever_is_answered_is_a_surface_or_told(answers: list[tuple[str, Any]], resources: Any):
    """And a surface comes back from a lock as it went in."""
    said = [answer(method, result) for method, result in answers]
    found = surface_of([old_era(*said)], STDIO, SurfaceWish(resources=resources))
    if isinstance(found, tuple):
        assert found
        assert all(fault.reason and not fault.pointer.startswith("None") for fault in found)
        return
    locked = Lock(servers={"a": LockedServer(input_digest=UNSET, surface=found)})
    again = load_lock(render_lock(locked), "lock")
    assert again == locked
    assert again.servers["a"].surface is not None
    assert [*contradictions(again.servers["a"].surface)] == []
    assert surface_changes(again.servers["a"].surface, found) == ()


@given(SCHEMAS, SCHEMAS)
def test_looking_at_any_schema_ends_well(one: Any, two: Any):
    found = surface(_transcript({**EMPTY, "tools": [{"name": "a", "inputSchema": one, "outputSchema": two}]}))
    assert all(fault.pointer.startswith("/tools/a") and fault.reason for fault in unsound(found))
