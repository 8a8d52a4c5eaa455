from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

from mcpconf.formats import (
    BYTE_ORDER_MARK,
    FORMATS,
    MAXIMUM_DEPTH,
    Duplicate,
    FormatError,
    yaml_compose,
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


def test_the_format_is_known_before_its_parser_is_loaded() -> None:
    program = "import sys; from mcpconf.formats import FORMATS; FORMATS['yaml']; print('yaml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
