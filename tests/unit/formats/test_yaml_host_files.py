from __future__ import annotations

import subprocess
import sys
import time

import pytest
import yaml

from mcpconf.formats import (
    BYTE_ORDER_MARK,
    FORMATS,
    MAXIMUM_DEPTH,
    Duplicate,
    FormatError,
    UnsafeEditError,
    yaml_compose,
    yaml_edit,
)
from mcpconf.model.base import ABSENT, APPEND, Element

YAML = FORMATS["yaml"]
SERVER = {"command": "npx", "args": ["-y", "@x/y"], "env": {"PORT": "8080"}, "enabled": False}


def refused(function, *arguments):
    with pytest.raises(FormatError) as caught:
        function(*arguments)
    return caught.value.kind, caught.value.line, caught.value.column


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nULL", "nULL"),
        ("true", True), ("False", False), ("TRUE", True), ("tRUE", "tRUE"),
        ("yes", "yes"), ("no", "no"), ("On", "On"), ("off", "off"), ("y", "y"),
        ("12", 12), ("+1", 1), ("-0", 0), ("0o17", 15), ("0x1F", 31), ("0", 0),
        ("012", "012"), ("-012", "-012"), ("0b11", "0b11"), ("-0x1", "-0x1"), ("+0o7", "+0o7"), ("1_000", "1_000"),
        ("0.5", 0.5), (".5", 0.5), ("5.", 5.0), ("1e3", 1000.0), ("-1.5E-1", -0.15), ("00.5", 0.5), ("1e400", "1e400"),
        (".inf", ".inf"), ("-.Inf", "-.Inf"), (".nan", ".nan"), (".", "."), ("-", "-"), ("+", "+"), ("1.2.3", "1.2.3"),
        ("1:30", "1:30"), ("2001-01-01", "2001-01-01"), ("'12'", "12"), ('"true"', "true"), ("!!str 12", "12"),
        ("1" * 301, "1" * 301), ("9" * 40, int("9" * 40)),
    ],
)  # fmt: skip
def test_words_have_the_type_that_the_readers_of_hosts_agree_on(word, value) -> None:
    if word == "-":
        word = '"-"'
    read = YAML.parse(f"a: {word}\n").value["a"]
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize("text", ["", "\n", "# c\n", BYTE_ORDER_MARK, "---\n", "--- # c\n...\n", "{}", "--- {}\n"])
def test_a_document_without_content_is_an_empty_map(text) -> None:
    assert YAML.parse(text).value == {}
    assert YAML.position(text, ()) == (1, 5 if text.startswith("--- {") else 1)
    new = YAML.put(text, ("a", "b"), 1)
    assert YAML.parse(new).value == {"a": {"b": 1}}
    assert YAML.put(new, ("a",), ABSENT) == text
    assert YAML.put(text, ("a",), ABSENT) == text


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("a: 1\nb: [", (2, 5)),
        ("a: b: c\n", (1, 5)),
        (BYTE_ORDER_MARK + "a: @x\n", (1, 4)),
        ("a:\n\tb: 1\n", (2, 1)),
        ("a:\n|\n", (2, 1)),
        ("- \n>-\n", (2, 1)),
        ("a: 1\n---\nb: 2\n", (2, 1)),
        ("%YAML 1.1\n---\na: yes\n", (1, 1)),
        ("%TAG ! x\n---\na: 1\n", (1, 1)),
        ("a: 1\nb: !!python/object/new:os.system [x]\n", (2, 4)),
        ("a: !secret x\n", (1, 4)),
        ("a: !!int '3'\n", (1, 4)),
        ("!x a: 1\n", (1, 1)),
        ("a: !!map [1]\n", (1, 4)),
        ("a: *x\n", (1, 4)),
        ("a: &x [1, *x]\n", (1, 11)),
        ("? [a]\n: 1\n", (1, 3)),
        ("x: &x y\n*x : 1\n", (2, 1)),
        ("a: 1\nb: 'x\x7f'\n", (2, 6)),
        ('a: "\u2028"\n', (1, 5)),
        ("a: 1\rb: 2\n", (1, 5)),
        ("a: '\ufeff'\n", (1, 5)),
        ("a: \ud800\n", (1, 4)),
        ('a: "\\ud800"\n', (1, 7)),
        ("[" * (MAXIMUM_DEPTH + 1) + "]" * (MAXIMUM_DEPTH + 1), (1, MAXIMUM_DEPTH + 1)),
        ("- " * 5000 + "x", (1, 2 * MAXIMUM_DEPTH + 1)),
    ],
)
def test_what_is_malformed_is_told_with_its_place(text, at) -> None:
    assert refused(YAML.parse, text) == ("malformed", *at)
    assert refused(YAML.put, text, ("a",), 1) == ("malformed", *at)


def test_aliases_are_resolved_and_do_not_grow_without_bound() -> None:
    text = "base: &b {x: 1}\nlist: [*b, *b]\n&k key: &v 5\ncopy: *v\nname: *k\nmerge:\n  <<: *b\n"
    assert YAML.parse(text).value == {
        "base": {"x": 1}, "list": [{"x": 1}, {"x": 1}], "key": 5, "copy": 5, "name": "key", "merge": {"<<": {"x": 1}},
    }  # fmt: skip
    laughs = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    assert refused(YAML.parse, laughs)[0] == "oversized"
    deep = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, MAXIMUM_DEPTH + 2))
    assert refused(YAML.parse, deep) == ("malformed", 1, 1)


def test_what_is_read_may_be_changed_by_who_reads_it() -> None:
    text = "a: {b: [1]}\n"
    YAML.parse(text).value["a"]["b"].append(2)
    assert YAML.parse(text).value == {"a": {"b": [1]}}


def test_duplicate_keys_are_listed_and_the_last_one_counts() -> None:
    text = BYTE_ORDER_MARK + "a: {x: 1}\nl:\n- 0\n- {k: 1, 'k': 2}\na: {y: 1, y: 2}\n1: x\n'1': y\n"
    parsed = YAML.parse(text)
    assert parsed.value == {"a": {"y": 2}, "l": [0, {"k": 2}], "1": "y"}
    assert parsed.duplicates == (
        Duplicate(("l", 1), "k", 4, 10),
        Duplicate((), "a", 5, 1),
        Duplicate(("a",), "y", 5, 11),
        Duplicate((), "1", 7, 1),
    )


def test_a_duplicate_on_the_path_is_refused_and_one_beside_it_is_kept() -> None:
    text = "a: 1\na:\n  x: 1\nb:\n  c: 1\n  c: 2\nd: 1\n"
    assert refused(YAML.put, text, ("a", "x"), 2) == ("duplicate-key", 2, 1)
    assert refused(YAML.put, text, ("a",), ABSENT) == ("duplicate-key", 2, 1)
    assert refused(YAML.put, text, ("b",), {"c": 3}) == ("duplicate-key", 6, 3)
    assert refused(YAML.position, text, ("a",)) == ("duplicate-key", 2, 1)
    assert YAML.put(text, ("d",), 2) == text.replace("d: 1", "d: 2")
    assert YAML.put(text, ("b", "e"), 2) == text.replace("c: 2\n", "c: 2\n  e: 2\n")
    assert YAML.put(text, ("b",), ABSENT) == text.replace("b:\n  c: 1\n  c: 2\n", "")


@pytest.mark.parametrize(
    ("text", "path", "wanted", "message"),
    [
        ("a: &x\n  b: 1\nc: *x\n", ("a", "b"), 2, "an alias elsewhere stands for this value"),
        ("a: &x\n  b: 1\nc: *x\n", ("a", "d"), 2, "an alias elsewhere stands for this value"),
        ("a: &x\n  b: 1\nc: *x\n", ("a",), ABSENT, "an alias elsewhere stands for this value"),
        ("a: &x\n  b: 1\nc: *x\n", ("c", "b"), 2, "an alias stands here"),
        ("a: &x\n  b: 1\nc: *x\n", ("c", "d"), 2, "an alias stands here"),
        ("a:\n  b: &x 1\nc: *x\n", ("a",), ABSENT, "an alias elsewhere stands for `&x`, which is part of this value"),
        ("a:\n  b: &x 1\nc: *x\n", ("a",), {"b": 2}, "an alias elsewhere stands for `&x`, which is part of this value"),
        (
            "a:\n  b: &x 1\n  c: *x\n",
            ("a",),
            {"b": 2},
            "an alias elsewhere stands for `&x`, which is part of this value",
        ),
        ("a: 1\n&x b: 2\nc: *x\n", ("b",), ABSENT, "an alias elsewhere stands for `&x`, which is part of this value"),
        ("a: &x 1\nb: {c: *x, d: 1}\n", ("b", "d"), 2, "an alias stands in brackets"),
        ("b:\n  <<: {c: 1}\n", ("b", "<<", "c"), 2, "a merge key stands here, on which readers disagree"),
        ("? a\n: 1\n", ("a",), 2, "a key behind `?`, or without a colon, stands here"),
        ("{a, b: 1}\n", ("b",), 2, "a key behind `?`, or without a colon, stands here"),
        ("a:\n  ? b\n  : 1\n", ("a",), {"b": 2}, "a key behind `?`, or without a colon, stands here"),
        ("a: [b: 1]\n", ("a", APPEND), 2, "a map without brackets stands in a list"),
    ],
)
def test_what_would_change_more_than_one_place_is_refused_with_a_way_out(text, path, wanted, message) -> None:
    with pytest.raises(FormatError) as caught:
        YAML.put(text, path, wanted)
    assert caught.value.message == message
    assert (caught.value.kind, bool(caught.value.line), bool(caught.value.hint)) == ("container", True, True)


def test_aliases_and_anchors_elsewhere_are_no_obstacle() -> None:
    text = "a: &x\n  b: 1\nc: *x\nd: &y # c\n  e: 1\nf: &z {}\ng:\n- &w\n  h: 1\n- &v i: 1\n"
    assert YAML.put(text, ("c",), ABSENT) == text.replace("c: *x\n", "")
    assert YAML.put(text, ("c",), 5) == text.replace("*x", "5")
    assert YAML.put(text, ("c",), {"b": 2}) == text.replace("c: *x\n", "c:\n  b: 2\n")
    assert YAML.put(text, ("d", "e"), ABSENT) == text.replace("d: &y # c\n  e: 1\n", "d: {}\n")
    assert YAML.put(text, ("d", "e"), 2) == text.replace("e: 1", "e: 2")
    assert YAML.put(text, ("d",), [1]) == text.replace("d: &y # c\n  e: 1\n", "d:\n- 1\n")
    assert YAML.put(text, ("f", "k"), 1) == text.replace("{}", "{k: 1}")
    assert YAML.put(text, ("f",), None) == text.replace("&z {}", "null")
    assert YAML.position(text, ("c", "b")) == (2, 3)
    removed = YAML.put("a: {b: &x 1, c: *x}\nd: 1\n", ("a",), ABSENT)
    assert removed == "d: 1\n"


def test_two_elements_of_one_name_are_refused() -> None:
    text = "- name: x\n- name: x\n"
    assert refused(YAML.put, text, (Element("x", "name"), "on"), 1) == ("duplicate-key", 2, 3)
    assert refused(YAML.position, text, (Element("x", "name"),)) == ("duplicate-key", 2, 3)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (("list", "x"), "`/list` is a list, not a map"),
        (("map", APPEND), "`/map` is a map, not a list"),
        (("map", "text", "x"), "`/map/text` is text, not a map"),
        (("map", "text", "x", "y"), "`/map/text` is text, not a map"),
        (("one", Element("x")), "`/one` is a number, not a list"),
        ((APPEND,), "`/` is a map, not a list"),
    ],
)
def test_a_step_into_the_wrong_kind_is_refused(path, message) -> None:
    text = "map:\n  text: x\nlist:\n- name: n\none: 1\n"
    with pytest.raises(FormatError) as caught:
        YAML.put(text, path, 1)
    assert (caught.value.kind, caught.value.message) == ("container", message)
    assert caught.value.line
    assert YAML.position(text, path) is None


def test_what_cannot_be_put_is_refused() -> None:
    deep: list = []
    for _ in range(MAXIMUM_DEPTH + 1):
        deep = [deep]
    for path, wanted in [((), ABSENT), (("x",), deep), (("x",) * 60, 1), ((Element("x"), "y"), 1), (("k" * 1001,), 1)]:
        assert refused(YAML.put, "a: 1\n", path, wanted)[0] == "container"
    assert refused(YAML.put, "--- x\n", (), {"a": 1}) == ("container", 1, 5)
    assert refused(YAML.put, "a: 1\n", ("b",), "\ud800")[0] == "encoding"
    assert refused(YAML.put, "a: 1\n", ("b",), "é\ud800")[0] == "encoding"


def test_the_last_line_keeps_its_missing_break() -> None:
    assert YAML.put("a: 1", ("b",), 2) == "a: 1\nb: 2"
    assert YAML.put("a: 1\r\nb: 2", ("b",), ABSENT) == "a: 1"
    assert YAML.put("a: 1\r\nb: 2", ("c",), 3) == "a: 1\r\nb: 2\r\nc: 3"
    assert YAML.put("a: |\n  x\nb: 2", ("b",), ABSENT) == "a: |\n  x\n"
    assert YAML.put("a: |\n  x\nb: 2", ("b",), 3) == "a: |\n  x\nb: 3"
    assert refused(YAML.put, "a: |\n  x", ("b",), 2) == ("container", 2, 4)


def test_null_counts_as_an_empty_container_for_what_is_put_below_it() -> None:
    assert YAML.put("extensions: # mine\nb: 1\n", ("extensions", "new", "off"), True) == (
        'extensions: # mine\n  new:\n    "off": true\nb: 1\n'
    )
    assert YAML.put("a:\n  - name: x\n    env:\n", ("a", Element("x", "name"), "env", "K"), "v") == (
        "a:\n  - name: x\n    env:\n      K: v\n"
    )
    assert YAML.put("a: ~\n", ("a", APPEND), "x") == "a:\n  - x\n"
    assert YAML.put("a:\n", ("a", "b", "c"), ABSENT) == "a:\n"
    assert YAML.put("a:\n", ("b", "c"), ABSENT) == "a:\n"
    assert YAML.put("- a\n- b\n", (Element("c"),), "c") == "- a\n- b\n- c\n"
    assert YAML.put("a: []\n", ("a", Element("x", "name"), "on"), True) == 'a:\n  - name: x\n    "on": true\n'
    assert YAML.put("~\n", ("a",), 1) == "a: 1\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "GOOSE_MODEL: x\nextensions:\n  o:\n    args:\n    - '@a/b'\n    env: {}\n# end\n",
            (
                "GOOSE_MODEL: x\nextensions:\n  o:\n    args:\n    - '@a/b'\n    env: {}\n"
                "  new:\n    command: npx\n    args:\n    - -y\n    - '@x/y'\n    env:\n      PORT: '8080'\n    enabled: false\n# end\n"
            ),
        ),
        (
            "extensions:\r\n    o:\r\n        args: [ a, b ]\r\n        env: {A: b}\r\n",
            (
                "extensions:\r\n    o:\r\n        args: [ a, b ]\r\n        env: {A: b}\r\n"
                '    new:\r\n        command: npx\r\n        args: [ -y, "@x/y" ]\r\n        env: {PORT: "8080"}\r\n'
                "        enabled: false\r\n"
            ),
        ),
        (
            "extensions:\n  o: {}\n    # more: of o\n\n  # other\n",
            (
                "extensions:\n  o: {}\n    # more: of o\n"
                '  new:\n    command: npx\n    args:\n      - -y\n      - "@x/y"\n    env:\n      PORT: "8080"\n    enabled: false\n'
                "\n  # other\n"
            ),
        ),
        (
            '{"extensions": {"o": {"args": ["a"]}}}',
            '{"extensions": {"o": {"args": ["a"]}, new: {command: npx, args: [-y, "@x/y"], env: {PORT: "8080"}, enabled: false}}}',
        ),
    ],
)
def test_a_new_server_is_written_in_the_style_of_the_file(before, after) -> None:
    assert YAML.put(before, ("extensions", "new"), SERVER) == after


@pytest.mark.parametrize(
    ("before", "path", "wanted", "after"),
    [
        ("a:\n- b: 1 # c\n  d: 2\n", ("a", Element("2", "d"), "b"), ABSENT, None),
        ("a:\n- n: x # c\n  d: 2\n", ("a", Element("x", "n"), "n"), ABSENT, "a:\n- d: 2\n"),
        ("a:\n- n: x # c\n  # own\n  d: 2\n", ("a", Element("x", "n"), "n"), ABSENT, "a:\n-\n  # own\n  d: 2\n"),
        ("a:\n- n: x\n\n  d: 2\n", ("a", Element("x", "n")), {"k": 1, "e": 2, "d": 2}, "a:\n- k: 1\n  e: 2\n  d: 2\n"),
        (
            "a:\n- n: x\n  # own\n  m: 1\n  d: 2\n",
            ("a", Element("x", "n")),
            {"k": 1, "d": 2},
            "a:\n- k: 1\n  # own\n  d: 2\n",
        ),
        ("a:\n- n: x\n  d: 2\n", ("a", Element("x", "n")), {"k": 1, "n": "x"}, "a:\n- k: 1\n  n: x\n"),
        ("a:\n- n: x # c\n", ("a", Element("x", "n"), "n"), ABSENT, "a:\n- {} # c\n"),
        ("a:\n-\n  n: x\n", ("a", Element("x", "n"), "n"), ABSENT, "a:\n- {}\n"),
        ("a:\n-\n  n: x\n", ("a", Element("x", "n")), [1], "a:\n-\n  - 1\n"),
        ("a:\n- n: x\n", ("a", Element("x", "n")), [1, 2], "a:\n- - 1\n  - 2\n"),
        ("a:\n- n: x\n", ("a", Element("x", "n")), "w", "a:\n- w\n"),
        ("a:\n-\n- x\n", ("a",), [{"b": 1, "c": 2}, "x"], "a:\n- b: 1\n  c: 2\n- x\n"),
        ("a:\n-\n- x\n", ("a",), ["z", "x"], "a:\n- z\n- x\n"),
        ("a:\n- x\n- y\n", ("a",), ["w", "x", "y"], "a:\n- w\n- x\n- y\n"),
        ("a:\n- x # x\n- y # y\n", ("a",), ["y"], "a:\n- y # y\n"),
        ("a:\n- x\n", ("a",), [], "a: []\n"),
        ("a:\n  b: 1 # c\n", ("a", "b"), {"c": 1}, "a:\n  b: # c\n    c: 1\n"),
        ("a:\n  b:\n    c: 1\n", ("a", "b"), [1], "a:\n  b:\n    - 1\n"),
        ("a:\n    b:\n        c: 1\n", ("a", "b"), {"d": 1}, "a:\n    b:\n        d: 1\n"),
        ("b: 2\n", (), {"a": 1}, "a: 1\n"),
        ("b: 2\n", (), [1], "- 1\n"),
        ("b: 2\n", (), "x", "x\n"),
        ("# c\nb: 2\n", (), {"a": 1, "b": 2}, "# c\na: 1\nb: 2\n"),
        ("b: 2\n...\n", ("b",), ABSENT, "{}\n...\n"),
        ("- b\n", (Element("b"),), ABSENT, "[]\n"),
        ("~\n", (), {"a": 1, "b": 2}, "a: 1\nb: 2\n"),
        ("--- ~\n", (), {"a": 1}, "--- {a: 1}\n"),
        ("", (), [], "[]\n"),
        ("a: {b: 1}\n", ("a",), ["x"], "a: [x]\n"),
        ("a: {b: }\n", ("a", "b"), "x", "a: {b: x }\n"),
        ("a: [x,\n    y] # c\n", ("a",), ["x"], "a: [x] # c\n"),
        ("a: {\n  # own\n  b: 1, # c\n  d: [e, 'f#g'] }\n", ("a", "b"), ABSENT, "a: {\n  # own\n  d: [e, 'f#g'] }\n"),
        ("a: { 'b': \"x\" }\n", ("a", "b"), "y", "a: { 'b': \"y\" }\n"),
        ("a: 'x'\n", ("a",), "y", "a: 'y'\n"),
        ("a: 'no'\n", ("a",), "y z", "a: y z\n"),
        ("a: 'x'\n", ("a",), "\u2028", 'a: "\\u2028"\n'),
        ("a: |\n  x\n\n\nb: 1\n", ("a",), "w", "a: w\n\n\nb: 1\n"),
        ("a: |+ # c\n  x\n\nb: 1\n", ("a",), "w", "a: w\nb: 1\n"),
        ("a: |\n  x\n\n\nb: 1\n", ("a",), ABSENT, "\n\nb: 1\n"),
        ("a: 'x\n  y' # c\nb: 1\n", ("a",), ABSENT, "b: 1\n"),
        ("a:\n  x\n  y\nb: 1\n", ("a",), "z", "a:\n  z\nb: 1\n"),
        ("a:\n  # own\n  b: 1 # c\n  # below\nd: 1\n", ("a", "b"), ABSENT, "a: {}\n  # own\n  # below\nd: 1\n"),
        ("a: {} # c\n", ("a", "b"), 1, "a: # c\n  b: 1\n"),
        ("a:  {}\n", ("a", "b"), 1, "a:  {b: 1}\n"),
        ("a: 1e3\n", ("a",), 1e300, "a: 1.0e+300\n"),
        ("a: 1\n", ("a",), 1e16, "a: 1.0e+16\n"),
        ("a: 1\n", ("a",), 2.5, "a: 2.5\n"),
        ("a:\n  b: 1\n", ("a",), {"b": 1, "c": {"d": 2}}, "a:\n  b: 1\n  c:\n    d: 2\n"),
        ("a:\n- n: x\n- y\n", ("a",), ["y"], "a:\n- y\n"),
        ("a:\n- x\n- y # y\n", ("a",), ["x", "y", "z"], "a:\n- x\n- y # y\n- z\n"),
        ("a:\n  - x: {y: [z]}\nb: {c: {d: [e]}}\n", ("b", "f"), {"g": 1}, "a:\n  - x: {y: [z]}\nb: {c: {d: [e]}, f: {g: 1}}\n"),
        ("a:\n  b: {c: [{d: 1}]}\n", ("a", "e"), {"f": {"g": 1}}, "a:\n  b: {c: [{d: 1}]}\n  e: {f: {g: 1}}\n"),
        ("a:\n  b: {c: 1}\nd: {}\n", ("d", "e"), "x" * 99, "a:\n  b: {c: 1}\nd:\n  e: " + "x" * 99 + "\n"),
        ("a:\n  b:\n    c: 1\n", ("a", "b"), 5, "a:\n  b: 5\n"),
        ("a:\n- b:\n  - c # d\n  # own\n", ("a",), [{"b": []}], "a:\n- b: []\n  # own\n"),
        ("a: {b: 1, c: 2}\n", ("a",), {"b": 2, "c": 3}, "a: {b: 2, c: 3}\n"),
        ("a: {b: 1}\n", ("a", "b"), {"c": 1}, "a: {b: {c: 1}}\n"),
    ],
)  # fmt: skip
def test_lines_come_and_go_as_a_person_would_write_them(before, path, wanted, after) -> None:
    new = YAML.put(before, path, wanted)
    assert new == (before if after is None else after)
    assert YAML.parse(new).value == yaml.safe_load(new)


def test_elements_are_named_by_what_they_are() -> None:
    text = "allow:\n- a\n- b # b\n- a\n- 1\nservers:\n- name: x\n  on: true\n"
    assert YAML.put(text, ("allow", Element("a")), ABSENT) == text.replace("- a\n", "")
    assert YAML.put(text, ("allow", Element("b")), "c") == text.replace("- b", "- c")
    assert YAML.put(text, ("allow", Element("z")), "z") == text.replace("- 1\n", "- 1\n- z\n")
    assert YAML.put(text, ("allow", APPEND), ABSENT) == text
    assert YAML.put(text, ("servers", Element("x", "name"), "on"), False) == text.replace("true", "false")
    assert YAML.put(text, ("servers", Element("x", "name")), ABSENT) == text.replace(
        "servers:\n- name: x\n  on: true\n", "servers: []\n"
    )
    flow = "allow: [a, b, a]\n"
    assert YAML.put(flow, ("allow", Element("a")), ABSENT) == "allow: [b]\n"
    many = "allow: [" + "a, " * 300 + "b]\n"
    assert YAML.put(many, ("allow", Element("a")), ABSENT) == "allow: [b]\n"
    assert YAML.put("{c: {d: [" + "a, " * 300 + "b]}}\n", ("c", "d", Element("a")), ABSENT) == "{c: {d: [b]}}\n"


def test_positions() -> None:
    text = BYTE_ORDER_MARK + "a:\n  b:\n  - name: x\n  - y\n  -\n  - {c: 1}\n"
    assert YAML.position(text, ()) == (1, 1)
    assert YAML.position(text, ("a",)) == (1, 1)
    assert YAML.position(text, ("a", "b", Element("x", "name"), "name")) == (3, 5)
    assert YAML.position(text, ("a", "b", Element("y"))) == (4, 5)
    assert YAML.position(text, ("a", "b", Element("1", "c"))) is None
    assert YAML.position(text, ("a", "b", APPEND)) is None
    assert YAML.position(text, ("a", "c")) is None
    assert YAML.position(text, ("a", "b", "c")) is None
    assert refused(YAML.position, "{", ("a",))[0] == "malformed"


def test_an_edit_that_says_something_else_is_stopped() -> None:
    assert yaml_edit._as_ended("a: 2\n", True, {"a": 2}, ("a",)) == "a: 2"
    with pytest.raises(UnsafeEditError, match="`/a` would have changed something else"):
        yaml_edit._as_ended("a: 3\n", False, {"a": 2}, ("a",))
    with pytest.raises(UnsafeEditError):
        yaml_edit._as_ended("a: [\n", False, {"a": 2}, ("a",))


def test_the_scanner_in_python_gives_the_same_places(monkeypatch) -> None:
    text = "a: |\n  x\n\nb:\n- &x {f: }\n- - 1\n  -\n- [c: 1, ? d]\ne: *x\n"
    one = yaml_compose.compose(text)
    monkeypatch.setattr(yaml_compose, "LOADER", yaml.SafeLoader)
    other = yaml_compose.compose(text)
    assert one == other
    assert refused(YAML.parse, 'a: "\\UFFFFFFFF"')[0] == "malformed"


def test_too_many_values_are_refused(monkeypatch) -> None:
    monkeypatch.setattr(yaml_compose, "MAXIMUM_NODES", 3)
    assert refused(YAML.parse, "a: [1, 2, 3]\n") == ("oversized", 1, 8)


def test_one_edit_in_a_large_file_takes_no_more_than_reading_it_a_few_times() -> None:
    entry = "    enabled: true\n    args:\n    - -y\n    - '@x/y'\n    envs:\n      A: b\n    timeout: 300\n"
    text = "extensions:\n" + "".join(f"  s{number}:\n{entry}" for number in range(1000))
    started = time.perf_counter()
    YAML.parse(text + "\n")
    reading = time.perf_counter() - started
    started = time.perf_counter()
    new = YAML.put(text, ("extensions", "s500", "timeout"), 1)
    assert time.perf_counter() - started < 10 * reading + 1
    assert len(new) == len(text) - 2
    changed = {"extensions": {f"s{number}": {"enabled": False} for number in range(1000)}}
    started = time.perf_counter()
    assert YAML.parse(YAML.put(text, (), changed)).value == changed
    assert time.perf_counter() - started < 20 * reading + 1


def test_the_format_is_known_before_its_parser_is_loaded() -> None:
    program = "import sys; from mcpconf.formats import FORMATS; FORMATS['yaml']; print('yaml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
