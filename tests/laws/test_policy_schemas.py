"""Schemas of a policy: what fits is what JSON Schema says, no schema takes long, and no word of it is a value."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mcpconf.model.schemas import schema_faults
from mcpconf.rules.fitting import MOST_MISFITS, TooMuchError, check_of

KEYS = st.sampled_from(["owner", "env", "args", "url", "A", "B"])
TEXTS = st.sampled_from(["", "a", "ab", "https://a.example/x", "${env:A}", "secretvalue"])
VALUES = st.recursive(
    st.one_of(TEXTS, st.booleans(), st.floats(0, 9).map(round).map(float)),
    lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(KEYS, below, max_size=3)),
    max_leaves=8,
)
PATTERNS = st.sampled_from(["^a", "b$", "^https://", "[a-z]{2}", "x|y", r"\."])
COUNTS = st.integers(0, 4)
LEAVES = st.one_of(
    st.booleans(),
    st.fixed_dictionaries({"type": st.sampled_from(["string", "object", "array", "boolean", "number"])}),
    st.fixed_dictionaries({"pattern": PATTERNS}),
    st.fixed_dictionaries({"minLength": COUNTS, "maxLength": COUNTS}),
    st.fixed_dictionaries({"minimum": COUNTS}),
    st.fixed_dictionaries({"minItems": COUNTS, "maxProperties": COUNTS}),
    st.fixed_dictionaries({"required": st.lists(KEYS, unique=True, max_size=2)}),
    st.fixed_dictionaries({"uniqueItems": st.just(True)}),
    st.fixed_dictionaries({"enum": st.lists(TEXTS, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"$ref": st.just("#/$defs/one")}),
)


def _around(below: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(
        st.dictionaries(KEYS, below, max_size=3).map(lambda found: {"properties": found}),
        st.tuples(st.dictionaries(KEYS, below, max_size=2), below).map(
            lambda found: {"properties": found[0], "additionalProperties": found[1]}
        ),
        st.dictionaries(PATTERNS, below, min_size=1, max_size=2).map(lambda found: {"patternProperties": found}),
        st.lists(below, min_size=1, max_size=3).flatmap(
            lambda found: st.sampled_from(["allOf", "anyOf", "oneOf", "prefixItems"]).map(lambda key: {key: found})
        ),
        below.flatmap(
            lambda found: st.sampled_from(["not", "items", "contains", "propertyNames"]).map(lambda key: {key: found})
        ),
        st.tuples(below, below, below).map(lambda three: dict(zip(("if", "then", "else"), three, strict=True))),
    )


SCHEMAS = st.recursive(LEAVES, _around, max_leaves=8)
DEFINITION = {"type": "string", "maxLength": 3}


def written(value: object) -> object:
    """As a manifest gives it: scalars are text."""
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case list():
            return [written(item) for item in value]
        case dict():
            return {key: written(item) for key, item in value.items()}
    return value


@settings(max_examples=150, deadline=None)
@given(schema=SCHEMAS, value=VALUES)
def test_what_fits_is_what_json_schema_says(schema, value):
    whole = {"$defs": {"one": DEFINITION}, "allOf": [schema]}
    text = written(whole)
    assert list(schema_faults(text)) == []
    fits = Draft202012Validator(whole).is_valid(value)
    found = check_of(text)(value)
    assert (found == ()) == fits
    assert len(found) <= MOST_MISFITS
    assert "secretvalue" not in "".join(misfit.words for misfit in found).replace(str(written(schema)), "")


BOMB = {f"d{number}": {"allOf": [{"$ref": f"#/$defs/d{number + 1}"}] * 8} for number in range(16)}
HOSTILE = {
    "refers to itself": {"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
    "refers in a circle": {
        "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/b"}]}, "b": {"not": {"$ref": "#/$defs/a"}}},
        "$ref": "#/$defs/a",
    },
    "doubles": {"$defs": {**BOMB, "d16": {"maxLength": "3"}}, "$ref": "#/$defs/d0"},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_takes_too_long_is_stopped(name):
    schema = HOSTILE[name]
    assert list(schema_faults(schema)) == []
    check, begun = check_of(schema), time.process_time()
    for _ in range(3):
        with pytest.raises(TooMuchError):
            check({"owner": "a"})
    assert time.process_time() - begun < 5


@settings(max_examples=200, deadline=None)
@given(pattern=st.text(st.sampled_from("ab+*()|?{}[]^$.\\1,:"), max_size=12))
def test_no_pattern_is_taken_that_could_take_for_ever(pattern):
    """What is taken means what Python means by it, on texts where no going back is needed."""
    schema = {"pattern": pattern}
    if any(schema_faults(schema)):
        return
    begun = time.process_time()
    check_of(schema)("a" * 50_000 + "!")
    assert time.process_time() - begun < 2
    re.compile(pattern)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"required": ["owner", "reason"]}, ["has no `reason`"]),
        ({"description": "say who owns it", "required": ["reason"]}, ["say who owns it"]),
        ({"properties": {"owner": {"maxLength": "3"}}}, ["does not keep to `maxLength: 3`"]),
        ({"additionalProperties": "false"}, ["is not allowed"]),
        ({"properties": {"owner": "false"}}, ["is not allowed"]),
        ({"anyOf": [{"required": ["x"]}, "false"]}, ["does not fit `anyOf`"]),
        ({"type": "array"}, ["does not fit `type`"]),
        ({"properties": {"owner": {"const": "secretvalue"}}}, ["is none of the values that are allowed"]),
    ],
)
def test_what_is_said_holds_no_value(schema, words):
    assert [misfit.words for misfit in check_of(schema)({"owner": "hunter2"})] == words


@pytest.mark.parametrize("value", ["true", True, "30", 30.0])
def test_a_text_stands_for_a_switch_and_a_number(value):
    assert check_of({"enum": ["true", "30"]})(value) == ()
    assert check_of({"enum": ["false", "31"]})(value) != ()
