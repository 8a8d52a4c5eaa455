"""Edits at the edges: the shortest way, the last character that fits, the rare line end."""

import pytest
import yaml as pyyaml

from mcpconf.errors import McpconfError
from mcpconf.formats import FORMATS, FormatError, yaml, yaml_compose
from mcpconf.formats.splice import Member
from mcpconf.formats.tree import _few
from mcpconf.model.base import ABSENT, APPEND, Element

X46 = "x" * 46

EDITS = {
    "in front of all on one line": ("json", '{"a": {"b": 2}}', ("a",), {"n": 1, "b": 2}, '{"a": {"n": 1, "b": 2}}'),
    "the last of ASCII, escaped": ("json", '{"a": "\\u007f"}', ("a",), "\x80", '{"a": "\\u0080"}'),
    "the only member between old line ends": ("json", '{\r  "a": 1\r}', ("a",), ABSENT, "{}"),
    "short lists beside a long one": (
        "json",
        '{\n  "b": [\n    "1"\n  ],\n  "c": [\n    "1"\n  ],\n  "s": {\n    "x": {\n      "l": ["1", "2"]\n    }\n  }\n}\n',
        ("s", "y"),
        {"l": ["3", "4"]},
        (
            '{\n  "b": [\n    "1"\n  ],\n  "c": [\n    "1"\n  ],\n  "s": {\n    "x": {\n      "l": ["1", "2"]\n    },\n'
            '    "y": {\n      "l": ["3", "4"]\n    }\n  }\n}\n'
        ),
    ),
    "two keys behind a dash": ("yaml", "- a: 1\n  b: 2\n  c: x\n", (Element("x", "c"),), {"c": "x"}, "- c: x\n"),
    "a text with its blank lines": ("yaml", "a: |+\r\n  x\r\n\r\nb: 1\r\n", ("a",), "new", "a: new\r\nb: 1\r\n"),
    "a text without its blank lines": ("yaml", "a: |\n  x\n\nb: 1\n", ("a",), "new", "a: new\n\nb: 1\n"),
    "the nearest gap": (
        "yaml",
        "a: [x, y]\nb:\n  c: [x,y]\n",
        ("b", "d"),
        ["p", "q"],
        "a: [x, y]\nb:\n  c: [x,y]\n  d: [p,q]\n",
    ),
    "a text in a document without content": ("yaml", "\r\n", (), " ", '\r\n" "\r\n'),
    "the longest key": ("yaml", "a: 1\n", ("k" * 1000,), 1, f"a: 1\n{'k' * 1000}: 1\n"),
    "the longest line": ("yaml", "{a: {b: [x]}}\n", ("c",), [X46], f"{{a: {{b: [x]}}, c: [{X46}]}}\n"),
}


@pytest.mark.parametrize("name", EDITS)
def test_edit(name) -> None:
    form, before, path, wanted, after = EDITS[name]
    assert FORMATS[form].put(before, path, wanted) == after


@pytest.mark.parametrize(("length", "lined"), [(50, False), (51, True)])
def test_a_line_of_brackets_has_a_hundred_characters_at_most(length, lined) -> None:
    new = FORMATS["yaml"].put("a: {b: [x]}\n", ("l",), [X46, "y" * length])
    assert new.endswith(f"- {X46}\n  - {'y' * length}\n" if lined else f"l: [{X46}, {'y' * length}]\n")


def test_an_edit_below_an_alias_is_refused_also_if_it_only_removes() -> None:
    for text, path, wanted in (
        ("a: &x {c: 1}\nb: *x\n", ("b", "c"), ABSENT),
        ("x: &x 1\na:\n  b: [*x]\n", ("a",), {"b": [2]}),
    ):
        with pytest.raises(FormatError, match="an alias stands"):
            FORMATS["yaml"].put(text, path, wanted)


def test_aliases_in_one_another_have_an_end() -> None:
    deep = f"a: &a {'[' * 60}{']' * 60}\nb: {'[' * 60}*a{']' * 60}\n"
    with pytest.raises(FormatError, match="maps and lists nest deeper than 100"):
        FORMATS["yaml"].parse(deep)


def test_values_are_counted_one_by_one(monkeypatch) -> None:
    monkeypatch.setattr(yaml_compose, "MAXIMUM_NODES", 7)
    assert FORMATS["yaml"].parse("a: &x [1, 2]\nb: *x\n").value == {"a": [1, 2], "b": [1, 2]}
    with pytest.raises(FormatError, match="more than 7 values"):
        FORMATS["yaml"].parse("a: &x [1, 2]\nb: *x\nc: 1\n")


def test_what_is_changed_member_by_member_has_limits() -> None:
    def member(count, length):
        return Member(None, 0, 0, 0, length, [1] * count)

    assert _few(member(200, 50_000), [1] * 200)
    assert not _few(member(200, 50_001), [1] * 200)
    assert not _few(member(201, 10), [1] * 200)


def test_half_of_a_pair_in_a_manifest_has_a_way_out() -> None:
    with pytest.raises(McpconfError) as caught:
        yaml._Builder("m.yaml").build('a: "\\ud800"\n', pyyaml.SafeLoader)
    (problem,) = caught.value.problems
    assert str(problem.where) == "m.yaml:1:4"
    assert (problem.message, problem.hint) == (
        "half of a surrogate pair",
        "write the character itself, or `\\U` and eight digits",
    )


@pytest.mark.parametrize("length", [64, 65])
def test_a_new_section_has_eighty_characters_on_a_line_at_most(length) -> None:
    new = FORMATS["json"].put('{\n  "s": {"a": {}}\n}\n', ("t",), {"a": {"k": "x" * length}})
    assert new.startswith('{\n  "s": {"a": {}},\n  "t": {')
    assert new.count("\n") == (4 if length == 64 else 8), new


def test_an_element_behind_others_on_a_line() -> None:
    assert FORMATS["yaml"].put("a: [x,y]\nb:\n  c: [x, y]\n", ("b", "c", APPEND), "z") == (
        "a: [x,y]\nb:\n  c: [x, y, z]\n"
    )
