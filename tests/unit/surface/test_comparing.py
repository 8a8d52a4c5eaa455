"""Each difference between two surfaces, in the words in which a person reads it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from mcpconf.model.patterns import PatternError, compiled
from mcpconf.surface.change import Place
from mcpconf.surface.comparing import surface_changes
from mcpconf.surface.parameters import is_shaped
from mcpconf.surface.sentences import text_changes
from tests.surfaces import surface, tool


def told(old: Any, new: Any, key: str = "inputSchema") -> list[tuple[str, str, str]]:
    one, two = (surface(tools={"read": tool(**{key: side})}) for side in (old, new))
    return [(item.change, item.direction, item.words) for item in surface_changes(one, two)]


def of(required: list[str] | None = None, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


TEXT = {"type": "string"}
WIDER, NARROWER = "schema-widening wider ", "schema-narrowing narrower "


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (of(), of(path=TEXT), WIDER + "+ optional parameter `path` (text)"),
        (of(), of(["n"], n={"type": "integer", "description": "How many. Or none."}), WIDER + '+ required parameter `n` (whole number): "How many."'),
        (of(path=TEXT), of(), NARROWER + "- parameter `path`"),
        (of(["path"], path=TEXT), of(path=TEXT), WIDER + "parameter `path`: required  ->  optional"),
        (of(path=TEXT), of(["path"], path=TEXT), NARROWER + "parameter `path`: optional  ->  required"),
        (of(m={"enum": ["a"]}), of(m={"enum": ["a", "b"]}), WIDER + 'parameter `m`: enum grew by "b"'),
        (of(m={"enum": ["a", "b"]}), of(m={"enum": ["b"]}), NARROWER + 'parameter `m`: enum lost "a"'),
        (of(m={"enum": ["a"]}), of(m={}), WIDER + 'parameter `m`: any value: `enum` ["a"] is gone'),
        ({**of(), "additionalProperties": False}, of(), WIDER + "additionalProperties opened: also takes what it does not name"),
        (of(), {**of(), "additionalProperties": False}, NARROWER + "additionalProperties closed: takes only what it names"),
        (of(n={"maximum": 3}), of(n={"maximum": 9}), WIDER + "parameter `n`: maximum 3  ->  9"),
        (of(n={"minLength": 3}), of(n={"minLength": 9}), NARROWER + "parameter `n`: minLength 3  ->  9"),
        (of(n={"maxItems": 3}), of(n={}), WIDER + "parameter `n`: any value: `maxItems` 3 is gone"),
        (of(n={"pattern": "^a"}), of(n={"pattern": "^b"}), 'schema-widening both parameter `n`: `pattern` "^a"  ->  "^b"'),
        (of(n={"type": "integer"}), of(n={"type": "number"}), WIDER + 'parameter `n`: type grew by "number"'),
        (of(n={"type": "string"}), of(n={"type": ["string", "null"]}), WIDER + 'parameter `n`: type grew by "null"'),
        (of(n={"not": {"maximum": 3}}), of(n={"not": {"maximum": 2}}), WIDER + "parameter `n`: maximum 3  ->  2"),
        (of(n={"anyOf": [TEXT]}), of(n={"anyOf": [TEXT, {"type": "null"}]}), WIDER + "parameter `n`: `anyOf` has one more: nothing"),
        (of(n={"allOf": [TEXT]}), of(n={"allOf": [TEXT, {"type": "null"}]}), NARROWER + "parameter `n`: `allOf` has one more: nothing"),
        (of(o=of(a=TEXT)), of(o=of(a=TEXT, b=TEXT)), WIDER + "parameter `o`: + optional parameter `b` (text)"),
        (of(n={"default": True}), of(n={"default": False}), "schema-widening both parameter `n`: default true  ->  false: what happens where nothing is said"),
        (of(n={"description": "A."}), of(n={"description": "B."}), 'text same parameter `n`, description: "A."  ->  "B."'),
        (of(n=TEXT), of(n={**TEXT, "x-mcp-header": "N"}), WIDER + 'parameter `n`: x-mcp-header nothing  ->  "N": what is said here also travels in that HTTP header'),
        (of(n={"zzz": 1}), of(n={"zzz": 2}), "schema-widening both parameter `n`: `zzz` 1  ->  2"),
        (of(["a", "b"], a=TEXT, b=TEXT), of(["b", "a"], a=TEXT, b=TEXT), "cosmetic same `required` is written otherwise"),
        (of(n={"type": ["null", "string"]}), of(n={"type": ["string", "null"]}), "cosmetic same parameter `n`: `type` is written otherwise"),
    ],
    ids=range(26),
)  # fmt: skip
def test_schemas_in_words(old: Any, new: Any, words: str):
    assert [" ".join(item) for item in told(old, new)] == [words]


def test_what_comes_back_is_no_privilege_of_the_tool():
    (change,) = told(of(), of(path=TEXT), "outputSchema")
    assert change == ("schema-widening", "same", "result: + optional field `path` (text)")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            {"readOnlyHint": True},
            {"readOnlyHint": False},
            "wider readOnlyHint true  ->  false: it may now change things",
        ),
        ({"readOnlyHint": True}, {}, "wider readOnlyHint true  ->  nothing: it may now change things"),
        ({"destructiveHint": False}, {}, "wider destructiveHint false  ->  nothing: it may now destroy things"),
        (
            {},
            {"openWorldHint": False},
            "narrower openWorldHint nothing  ->  false: it says that it reaches no other system",
        ),
        ({}, {"destructiveHint": True}, "same destructiveHint nothing  ->  true: means the same"),
        ({"idempotentHint": True}, {"idempotentHint": "x"}, 'both idempotentHint true  ->  "x"'),
        ({"title": "A"}, {"title": "B"}, 'same title: "A"  ->  "B"'),
        ({}, {"zzz": 1}, "both zzz nothing  ->  1"),
    ],
)
def test_annotations_in_words(old: Any, new: Any, words: str):
    assert [f"{direction} {text}" for _, direction, text in told(old, new, "annotations")] == [words]


def test_other_keys_are_what_a_host_may_act_on():
    assert told({"ui": 1}, {"ui": 2}, "_meta") == [
        ("capability", "both", '_meta: {"ui": 1}  ->  {"ui": 2}; a host may act on it')
    ]
    assert told([{"src": "a"}], [{"src": "b"}], "icons")[0][0] == "cosmetic"


BEFORE = {"description": "Reads a file.", "annotations": {"readOnlyHint": True}, "inputSchema": of(path=TEXT)}


@pytest.mark.parametrize(
    ("instructions", "more", "words"),
    [
        ("Be kind. Call read first.", {}, 'instructions: + "Call read first."'),
        ("Be kind.", {"description": "Reads a file. Tells me."}, 'tool `read`: description: + "Tells me."'),
        ("Be kind.", {"annotations": {}}, "tool `read`: readOnlyHint true  ->  nothing: it may now change things"),
        ("Be kind.", {"inputSchema": of(path=TEXT, to=TEXT)}, "tool `read`: + optional parameter `to` (text)"),
    ],
)
def test_one_thing_alone_is_caught_and_said(instructions: str, more: dict[str, Any], words: str):
    old = surface("Be kind.", tools={"read": BEFORE, "list": tool("Lists.")})
    new = surface(instructions, tools={"read": {**BEFORE, **more}, "list": tool("Lists.")})
    assert [item.line for item in surface_changes(old, new)] == [words]


LONG = "It reads files. " * 100


@pytest.mark.parametrize(
    ("old", "new", "passages"),
    [
        ("A. B. C.", "A. X. C.", ['"B."  ->  "X."']),
        ("A. B.", "A. B. First call it.", ['+ "First call it."']),
        ("A. B. C.", "A. C.", ['- "B."']),
        ("A. B. C. D. E.", "A. X. C. Y. E.", ['"B."  ->  "X."', '"D."  ->  "Y."']),
        ("A. B.", "A.  B.", ['only white space differs: "A. B."  ->  "A.  B."']),
        (LONG + "End.", LONG + "First call it. End.", ['+ "First call it."']),
        ("x" * 1000 + "1" + "y" * 500, "x" * 1000 + "2" + "y" * 500, ['"...' + "x" * 40 + "1" + "y" * 40 + '..."  ->  "...' + "x" * 40 + "2" + "y" * 40 + '..."']),
        ("", "Hidden.", ['+ "Hidden."']),
        ("Read it.", "Re\u0430d it.", ['"Read it."  ->  "Re\u0430d it." (U+0061  ->  U+0430)']),
        ("Caf\u00e9.", "Cafe\u0301.", ['"Caf\u00e9."  ->  "Cafe\u0301." (U+00E9  ->  U+0065)']),
    ],
)  # fmt: skip
def test_the_sentence_that_changed(old: str, new: str, passages: list[str]):
    assert [said.words for said in text_changes(old, new, Place("/x"))] == passages


def test_many_passages_are_counted_and_long_ones_cut():
    old = " ".join(f"Same {index}. Old {index}." for index in range(30))
    said = [*text_changes(old, old.replace("Old", "New"), Place("/x"))]
    assert len(said) == 9
    assert said[-1].words == "22 more passages differ"
    (cut,) = text_changes("", "a" * 1000, Place("/x"))
    assert cut.words == f'+ "{"a" * 240}..." (1000 characters)'


def test_a_hostile_text_takes_no_time():
    one, two = ("".join(f"{word}{index % 7}. " for index in range(60_000)) for word in "ab")
    begun = time.process_time()
    assert len([*text_changes(one, two, Place("/x"))]) == 1
    assert [*text_changes(one, "c. " + one + "d.", Place("/x"))]
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    "name",
    [
        "sidenote",
        "sideNote",
        "context",
        "conversation",
        "user_feedback",
        "chatHistory",
        "conversation_so_far",
        "systemPrompt",
    ],
)
def test_names_that_invite_to_tell_everything(name: str):
    assert is_shaped(name, {"type": "string"})
    assert is_shaped(name, {})
    assert is_shaped(name, True)
    assert not is_shaped(name, {"type": "integer"})
    assert not is_shaped(name, {"enum": ["a"]})


@pytest.mark.parametrize(
    "name", ["contextual", "context_lines", "conversation_id", "note", "history", "prompt", "path", ""]
)
def test_names_that_do_not(name: str):
    assert not is_shaped(name, {"type": "string"})


def test_a_new_parameter_of_that_shape_names_its_rule():
    one, two = (surface(tools={"add": tool(inputSchema=schema)}) for schema in (of(), of(sidenote=TEXT)))
    assert [item.rule for item in surface_changes(one, two)] == ["MCP312"]
    assert [item.rule for item in surface_changes(None, two)] == ["MCP312"]


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("'[A-Za-z_/]+'", "in 'Asia/Tokyo' now", "'Asia/Tokyo'"),
        (r"\d{4}-\d{2}-\d{2}", "on 2026-11-26.", "2026-11-26"),
        ("(?:Mon|Tues)day", "on Tuesday", "Tuesday"),
        (r"/home/[^/ ]+", "in /home/dev/x", "/home/dev"),
        ("a{2,}", "caaat", "aaa"),
        (r"\[x\]", "[x]", "[x]"),
        ("[]a]+", "b]a", "]a"),
    ],
)
def test_patterns_as_people_write_them(pattern: str, text: str, found: str):
    match = compiled(pattern).search(text)
    assert match is not None
    assert match[0] == found


@pytest.mark.parametrize(
    "pattern", ["(a+)+b", "a*?", "a**", "(?i)a", "(?=a)", r"\1", "a{300}", "a{3,2}", "(a", "a)", "[a", "[a--b]", "[[a]", "*a", "|*", "\\", "a" * 501]
)  # fmt: skip
def test_patterns_that_could_be_slow_or_mean_something_else(pattern: str):
    with pytest.raises(PatternError):
        compiled(pattern)


@pytest.mark.parametrize("pattern", ["a*a*a*a*a*b", "(?:a|a)(?:a|a)(?:a|a)(?:a|a)b", ".*.*.*.*x", "[^b]+[^b]+[^b]+c"])
def test_no_text_makes_a_pattern_slow(pattern: str):
    begun = time.process_time()
    compiled(pattern).sub("", "a" * 16_384)
    assert time.process_time() - begun < 2
