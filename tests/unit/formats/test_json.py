from __future__ import annotations

import pytest

from mcpconf.formats import BYTE_ORDER_MARK, FORMATS, MAXIMUM_DEPTH, Duplicate, FormatError, UnsafeEditError
from mcpconf.formats.json_edit import verify
from mcpconf.model.base import ABSENT, APPEND, Element

JSON, JSONC = FORMATS["json"], FORMATS["jsonc"]
BOTH = pytest.mark.parametrize("form", [JSON, JSONC], ids=["json", "jsonc"])


def refused(function, *arguments):
    with pytest.raises(FormatError) as caught:
        function(*arguments)
    return caught.value.kind, caught.value.line, caught.value.column


@BOTH
@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("{", (1, 2)),
        ('{"a": 1\n "b": 2}', (2, 2)),
        (BYTE_ORDER_MARK + '{"a" 1}', (1, 6)),
        ('{"a": 1}\n{"b": 2}', (2, 1)),
        ('{"a": "x\ty"}', (1, 9)),
        ('{\n"a": NaN, "b": "NaN"}', (2, 6)),
        ('{"a": -Infinity}', (1, 7)),
        ('{"a": 1e999x}', (1, 7)),
        ('{"NaN": NaNa}', (1, 9)),
        ('{"a": [1,\n1e400]}', (2, 1)),
        ('{"a": ' + "1" * 5000 + "}", (1, 7)),
        ("[" * 100_000, (1, 1)),
        ("[" * (MAXIMUM_DEPTH + 1) + "]" * (MAXIMUM_DEPTH + 1), (1, 1)),
        ("{{ include }}", (1, 2)),
        ("# no\n{}", (1, 1)),
        ("[1,, 2]", (1, 4)),
        ("[,]", (1, 2)),
        ('{"a": "', (1, 7)),
        ("[1 / 2]", (1, 4)),
    ],
)
def test_what_is_malformed_is_told_with_its_place(form, text, at) -> None:
    assert refused(form.parse, text) == ("malformed", *at)
    assert refused(form.put, text, ("a",), 1) == ("malformed", *at)


@pytest.mark.parametrize(
    ("text", "at"), [("[1, /* never", (1, 5)), ('{ // x\r"evil": 1}', (1, 7)), ("[1 // x\r\n, 2 // y\r]", (2, 9))]
)
def test_comments_that_readers_end_differently_are_malformed(text, at) -> None:
    assert refused(JSONC.parse, text) == ("malformed", *at)


def test_strict_json_takes_no_comments_and_says_so() -> None:
    with pytest.raises(FormatError) as caught:
        JSON.parse('{"a": 1} // x')
    assert "comments are not allowed" in caught.value.hint
    with pytest.raises(FormatError) as caught:
        JSON.parse('{{ $x }}\n{"a": 1')
    assert "template" in caught.value.hint
    assert refused(JSON.parse, '{"a": 1,}')[0] == "malformed"
    assert JSONC.parse('{"a": 1,} // x').value == {"a": 1}


@pytest.mark.parametrize("text", ["", " \r\n", BYTE_ORDER_MARK, BYTE_ORDER_MARK + "\n"])
def test_an_empty_text_is_malformed_json_an_empty_map_in_jsonc_and_can_be_filled(text) -> None:
    assert refused(JSON.parse, text)[0] == "malformed"
    assert JSONC.parse(text).value == {}
    for form in (JSON, JSONC):
        assert form.put(text, ("a",), ABSENT) == text
        new = form.put(text, ("a", "b"), 1)
        assert form.parse(new).value == {"a": {"b": 1}}
        assert new.startswith(BYTE_ORDER_MARK) == text.startswith(BYTE_ORDER_MARK)
        assert refused(form.put, text, (APPEND,), 1)[0] == "container"
        assert form.put(text, (), {}).strip(BYTE_ORDER_MARK + " \r\n") == "{}"


def test_comments_alone_stay_above_a_new_document() -> None:
    assert JSONC.parse("// mine\n").value == {}
    assert JSONC.put("// mine\n\n", ("a",), 1) == '// mine\n{\n  "a": 1\n}\n'
    assert JSONC.put("// mine\r\n", ("a",), 1) == '// mine\r\n{\r\n  "a": 1\r\n}\r\n'


@BOTH
def test_duplicate_keys_are_listed_and_the_last_one_counts(form) -> None:
    text = '{"a": {"x": 1},\n "l": [0, {"k": 1, "\\u006b": 2}],\n "a": {"y": {}, "y": []}, "b": 1}'
    parsed = form.parse(text)
    assert parsed.value == {"a": {"y": []}, "l": [0, {"k": 2}], "b": 1}
    assert parsed.duplicates == (
        Duplicate(("l", 1), "k", 2, 20),
        Duplicate((), "a", 3, 2),
        Duplicate(("a",), "y", 3, 17),
    )
    assert form.parse('{"a": [{"b": 1}, {"b": 1}]}').duplicates == ()


@BOTH
def test_a_duplicate_on_the_path_is_refused_and_one_beside_it_is_kept(form) -> None:
    text = '{"a": 1, "a": {"x": 1}, "b": {"c": 1, "c": 2}, "d": 1}'
    assert refused(form.put, text, ("a", "x"), 2) == ("duplicate-key", 1, 10)
    assert refused(form.put, text, ("a",), ABSENT) == ("duplicate-key", 1, 10)
    assert refused(form.put, text, ("b", "c"), 2) == ("duplicate-key", 1, 39)
    assert refused(form.put, text, ("b",), {"c": 3}) == ("duplicate-key", 1, 30)
    assert form.put(text, ("d",), 2) == text.replace('"d": 1', '"d": 2')
    assert form.put(text, ("b", "e"), 2) == text.replace('"c": 2', '"c": 2, "e": 2')
    assert form.put(text, ("b",), ABSENT) == text.replace(' "b": {"c": 1, "c": 2},', "")


def test_two_elements_of_one_name_are_refused() -> None:
    text = '[{"name": "x"},\n {"name": "x"}]'
    assert refused(JSON.put, text, (Element("x", "name"), "on"), 1) == ("duplicate-key", 2, 2)
    assert refused(JSON.put, text, (Element("x", "name"),), ABSENT) == ("duplicate-key", 2, 2)
    assert refused(JSON.position, text, (Element("x", "name"),)) == ("duplicate-key", 2, 2)


@BOTH
@pytest.mark.parametrize(
    ("path", "message"),
    [
        (("list", "x"), "`/list` is a list, not a map"),
        (("map", APPEND), "`/map` is a map, not a list"),
        (("map", "a~/b", "x"), "`/map/a~0~1b` is text, not a map"),
        (("list", Element("n", "name"), "name", "x"), "`/list/name=n/name` is text, not a map"),
        (("null", "x"), "`/null` is null, not a map"),
        (("yes", "x"), "`/yes` is a boolean, not a map"),
        (("one", Element("x")), "`/one` is a number, not a list"),
        ((APPEND,), "`/` is a map, not a list"),
    ],
)
def test_a_step_into_the_wrong_kind_is_refused(form, path, message) -> None:
    text = '{"map": {"a~/b": "x"}, "list": [{"name": "n"}], "null": null,\n "yes": true, "one": 1}'
    with pytest.raises(FormatError) as caught:
        form.put(text, path, 1)
    assert caught.value.kind == "container"
    assert caught.value.line
    assert caught.value.message.replace("/list/0/name", "/list/name=n/name") == message
    assert form.position(text, path) is None


def test_what_cannot_be_put_is_refused() -> None:
    deep: list = []
    for _ in range(MAXIMUM_DEPTH + 1):
        deep = [deep]
    for path, wanted in [((), ABSENT), (("x",), deep), (("x",) * 60, 1), ((Element("x"), "y"), 1)]:
        assert refused(JSON.put, "{}", path, wanted)[0] == "container"
    assert refused(JSON.put, '{"a": []}', ("a", Element("x"), "y"), 1)[0] == "container"
    assert refused(JSON.put, '{"a": []}', ("a", Element("x", "n"), APPEND), 1)[0] == "container"


@BOTH
def test_elements_are_named_by_what_they_are(form) -> None:
    text = '{"allow": ["a", "b", "a", 1], "servers": [{"name": "x", "on": true}]}'
    assert form.put(text, ("allow", Element("a")), ABSENT) == text.replace('["a", "b", "a", 1]', '["b", 1]')
    assert form.put(text, ("allow", Element("b")), "c") == text.replace('"b"', '"c"')
    assert form.put(text, ("allow", Element("b")), "b") == text
    assert form.put(text, ("allow", Element("z")), "z") == text.replace("1]", '1, "z"]')
    assert form.put(text, ("allow", APPEND), ABSENT) == text
    assert form.put(text, ("servers", Element("x", "name"), "on"), False) == text.replace("true", "false")
    new = form.put(text, ("servers", Element("y", "name"), "on"), True)
    assert form.parse(new).value["servers"][1] == {"name": "y", "on": True}
    many = '{"allow": [' + '"a", ' * 300 + '"b"]}'
    assert form.put(many, ("allow", Element("a")), ABSENT) == '{"allow": ["b"]}'


def test_positions() -> None:
    text = BYTE_ORDER_MARK + '{"a": {"b":\n  [ {"name": "x"}, "y" ]}}'
    assert JSON.position(text, ()) == (1, 1)
    assert JSON.position(text, ("a",)) == (1, 2)
    assert JSON.position(text, ("a", "b", Element("x", "name"), "name")) == (2, 6)
    assert JSON.position(text, ("a", "b", Element("y"))) == (2, 20)
    assert JSON.position(text, ("a", "b", APPEND)) is None
    assert JSON.position(text, ("a", "c")) is None
    assert JSON.position(text, ("a", "b", "c")) is None
    assert refused(JSON.position, '{"a": 1, "a": 2}', ("a",))[0] == "duplicate-key"
    assert refused(JSON.position, "{", ("a",))[0] == "malformed"


SERVER = {"command": "npx", "args": ["-y", "x"], "env": {"A": "b"}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "{}\n",
            (
                '{\n  "s": {\n    "n": {\n      "command": "npx",\n      "args": ["-y", "x"],\n'
                '      "env": {\n        "A": "b"\n      }\n    }\n  }\n}\n'
            ),
        ),
        ('{"s":{}}', '{"s":{"n":{"command":"npx","args":["-y","x"],"env":{"A":"b"}}}}'),
        (
            '{\r\n\t"s": {\r\n\t\t"o": { "command": "x", "args": ["y"] }\r\n\t}\r\n}',
            (
                '{\r\n\t"s": {\r\n\t\t"o": { "command": "x", "args": ["y"] },\r\n'
                '\t\t"n": { "command": "npx", "args": ["-y", "x"], "env": { "A": "b" } }\r\n\t}\r\n}'
            ),
        ),
        (
            '{\n "s": {\n  "o": {\n   "args": [\n    "y"\n   ]\n  }\n }\n}',
            (
                '{\n "s": {\n  "o": {\n   "args": [\n    "y"\n   ]\n  },\n  "n": {\n   "command": "npx",\n   "args": [\n'
                '    "-y",\n    "x"\n   ],\n   "env": {\n    "A": "b"\n   }\n  }\n }\n}'
            ),
        ),
    ],
)
def test_a_new_server_is_written_in_the_style_of_the_file(before, after) -> None:
    assert JSON.put(before, ("s", "n"), SERVER) == after


def test_trailing_commas_and_comments_keep_their_members() -> None:
    text = '{\n  // first\n  "a": [\n    1, // one\n    2, // two\n  ], // of a\n  /* b */ "b": {}, // of b\n}\n'
    new = JSONC.put(text, ("b", "c"), {"d": 1})
    assert new == text.replace("{},", '{"c": {"d": 1}},')
    new = JSONC.put(text, ("a", APPEND), 3)
    assert new == text.replace("// two\n", "// two\n    3,\n")
    assert JSONC.put(text, ("a",), [2]) == text.replace("    1, // one\n", "")
    assert JSONC.put(text, ("a",), ABSENT) == '{\n  // first\n  /* b */ "b": {}, // of b\n}\n'
    assert JSONC.put(text, ("b",), ABSENT) == text.replace('  /* b */ "b": {}, // of b\n', "")


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        ('{ "a": 1 // c\n  // own\n  , "b": 2 }', ("b",), '{ "a": 1 // c\n  // own\n   }'),
        ('{ "a": 1, // c\n  "b": 2 }', ("b",), '{ "a": 1 // c\n   }'),
        ('{ // c\n  "b": 2 }', ("b",), "{ // c\n   }"),
        ('{ "a": 1, /* c */\n  /* x */ "b": 2 }', ("b",), '{ "a": 1 /* c */ }'),
        ('{ "a": 1, // c\n  /* x\n */ "b": 2 }', ("b",), '{ "a": 1 // c\n  /* x\n */  }'),
        ('{ "a": 1, // c\n  "b": 2 }', ("a",), '{\n  "b": 2 }'),
        ('{\n  "a": 1, // c\n  "b": 2\n}', ("a",), '{\n  "b": 2\n}'),
        ('{\n  "a": 1, "b": 2\n}', ("a",), '{\n  "b": 2\n}'),
        ('{ // c\n  "a": 1 }', ("a",), "{ // c\n   }"),
        ('{\n  "a": 1, // c\n\n}', ("a",), "{\n\n}"),
        ('{ "a": 1 }', ("a",), "{}"),
        ('{ "a": 1}', ("a",), "{ }"),
        ('{ "a": 1, /* of b */ "b": 2 /* too */, "c": 3 }', ("b",), '{ "a": 1, "c": 3 }'),
    ],
)
def test_a_removal_swallows_nothing_that_stands_beside_it(before, path, after) -> None:
    assert JSONC.put(before, path, ABSENT) == after


def test_a_large_map_is_written_anew_where_it_changes() -> None:
    many = {f"k{number}": number for number in range(500)}
    text = JSON.put("{}\n", ("m",), many)
    assert JSON.parse(JSON.put(text, ("m",), many | {"k7": "x"})).value == {"m": many | {"k7": "x"}}


def test_texts_are_escaped_as_utf8_and_the_file_need() -> None:
    assert JSON.put('{"a": 1}', ("a",), "é\u0001\ud800") == '{"a": "é\\u0001\\ud800"}'
    assert JSON.put('{"b": "\\u00e9", "a": 1}', ("a",), "ü") == '{"b": "\\u00e9", "a": "\\u00fc"}'


def test_an_edit_that_says_something_else_is_stopped() -> None:
    with pytest.raises(UnsafeEditError, match="`/a` would have changed something else"):
        verify({"a": 1}, {"a": 2}, ("a",))


@BOTH
def test_a_section_too_long_for_the_one_line_beside_it_is_broken(form) -> None:
    """The first server of a file whose other settings are short maps on single lines."""
    before = '{\n  "permission": {"bash": "ask"}\n}\n'
    put = form.put
    short = put(before, ("mcp", "a"), {"command": ["a"]})
    assert '\n  "mcp": {"a": {"command": ["a"]}}\n' in short
    long = put(before, ("mcp", "a"), {"command": ["npx", "-y", "@example/a-server-with-a-long-name@1.0.0"], "env": {}})
    assert '\n  "mcp": {\n    "a": {\n      "command": ["npx"' in long
    assert put(long, ("mcp",), ABSENT) == put(short, ("mcp",), ABSENT) == before
