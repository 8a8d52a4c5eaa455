"""What an edit makes of a host's file in YAML."""

from __future__ import annotations

import time

import pytest
import yaml

from mcpconf.formats import (
    MAXIMUM_DEPTH,
    FormatError,
    UnsafeEditError,
    yaml_edit,
)
from mcpconf.model.base import ABSENT, APPEND, Element
from tests.unit.formats.test_yaml_host_files import SERVER, YAML, refused


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


def test_an_edit_that_says_something_else_is_stopped() -> None:
    assert yaml_edit._as_ended("a: 2\n", True, {"a": 2}, ("a",)) == "a: 2"
    with pytest.raises(UnsafeEditError, match="`/a` would have changed something else"):
        yaml_edit._as_ended("a: 3\n", False, {"a": 2}, ("a",))
    with pytest.raises(UnsafeEditError):
        yaml_edit._as_ended("a: [\n", False, {"a": 2}, ("a",))


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
