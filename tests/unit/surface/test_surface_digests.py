"""RFC 8785: the numbers of its appendix B, its sample, the order of its keys; then what our digests are of."""

from __future__ import annotations

import hashlib
import json
import struct

import pytest

from mcpconf.surface.digests import contradictions, item_digest, jcs, number
from tests.shown import old_era, surface, tool, tools

APPENDIX_B = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


@pytest.mark.parametrize(("bits", "text"), APPENDIX_B.items())
def test_numbers_of_appendix_b(bits: str, text: str):
    value = struct.unpack(">d", bytes.fromhex(bits))[0]
    assert number(value) == text
    assert jcs([value]) == f"[{text}]".encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 2**53, -(2**53), "\ud83d", {"\udead": 1}])
def test_what_has_no_form(value: object):
    with pytest.raises(ValueError):
        jcs({"a": [value]})


def test_the_sample_of_section_3_2():
    text = r"""{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }"""
    canonical = (
        r'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        r'"string":"€$\u000f\nA' + "'" + r'B\"\\\\\"/"}'
    )
    assert jcs(json.loads(text)) == canonical.encode()
    assert jcs(json.loads(text)).startswith(
        bytes.fromhex("7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c")
    )


def test_keys_in_the_order_of_utf_16_units():
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    order = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert [*json.loads(jcs(value))] == order


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ({"a": {}, "b": []}, '{"a":{},"b":[]}'),
        ([56, {"d": True, "10": None, "1": []}], '[56,{"1":[],"10":null,"d":true}]'),
        ({"1": {"f": {"f": "hi", "F": 5}, "\n": 56}, "": "empty"}, '{"":"empty","1":{"\\n":56,"f":{"F":5,"f":"hi"}}}'),
        ({"peach": 1, "péché": 2, "pêche": 3, "sin": 4}, '{"peach":1,"péché":2,"pêche":3,"sin":4}'),
        ({"A\u030a": "A\u030a"}, '{"A\u030a":"A\u030a"}'),
        ("\x7f\u2028\x00\b\f\t", '"\x7f\u2028\\u0000\\b\\f\\t"'),
        ({"text": "default:1.50, [1e9", "n": 1.5}, '{"n":1.5,"text":"default:1.50, [1e9"}'),
        ([1.0, 1e15, 123456789012345680.0, 1e-6, 1e-7], "[1,1000000000000000,123456789012345680,0.000001,1e-7]"),
        (9007199254740991, "9007199254740991"),
    ],
)
def test_structures(value: object, form: str):
    assert jcs(value) == form.encode()


def test_the_digest_of_an_item_is_of_its_kind_name_and_form():
    own = b'mcpconf/surface/v1\0tool\0search\0{"name":"search"}'
    assert item_digest("tool", "search", {"name": "search"}) == "sha256:" + hashlib.sha256(own).hexdigest()


def test_an_edited_surface_is_found_where_it_was_edited():
    found = surface(old_era(tools(tool("a/b"), tool("c"))))
    assert [*contradictions(found)] == []
    item = found.tools["a/b"]
    edited = found.model_copy(
        update={"tools": {**found.tools, "a/b": item.model_copy(update={"value": tool("a/b", x=1)})}}
    )
    assert [*contradictions(edited)] == ["/tools/a~1b"]
    assert [*contradictions(found.model_copy(update={"tools": {"c": found.tools["c"]}}))] == ["/digest"]
    moved = found.model_copy(update={"gated": found.model_copy(update={"instructions": None}), "tools": {}})
    assert [*contradictions(moved)] == ["/digest"]
    huge = found.model_copy(update={"tools": {"c": found.tools["c"].model_copy(update={"value": 2**60})}})
    assert [*contradictions(huge)] == ["/tools/c", "/digest"]
