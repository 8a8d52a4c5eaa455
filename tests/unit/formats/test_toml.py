from __future__ import annotations

import subprocess
import sys

import pytest

from mcpconf.formats import BYTE_ORDER_MARK, FORMATS, MAXIMUM_DEPTH, FormatError, UnsafeEditError
from mcpconf.formats.toml_edit import verify
from mcpconf.model.base import ABSENT, APPEND, Element

TOML = FORMATS["toml"]
SERVER = {"command": "npx", "args": ["-y", "x"], "env": {"A": "b"}}


def refused(function, *arguments):
    with pytest.raises(FormatError) as caught:
        function(*arguments)
    return caught.value.kind, caught.value.line, caught.value.column


def test_what_json_cannot_say_is_read_as_text() -> None:
    text = "d = 1979-05-27\nt = 07:32:00\ndt = [1979-05-27T07:32:00Z]\n[f]\ni = -inf\nn = nan\nbig = 123456789012345678901\n"
    assert TOML.parse(BYTE_ORDER_MARK + text).value == {
        "d": "1979-05-27",
        "t": "07:32:00",
        "dt": ["1979-05-27T07:32:00+00:00"],
        "f": {"i": "-inf", "n": "nan", "big": 123456789012345678901},
    }
    assert TOML.parse("").value == TOML.parse(BYTE_ORDER_MARK + " \n").value == {}
    assert TOML.parse(TOML.empty).duplicates == ()


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("a = 1\nb = = 2\n", (2, 5)),
        (BYTE_ORDER_MARK + "a = x\n", (1, 5)),
        ("a = [1,\n", (2, 1)),
        ("[a]\nx = 1\n[a]\n", (3, 3)),
        ("x = 1\nx = 2\n", (2, 6)),
        ("x = 1\n  y = " + "1" * 5000 + "\n", (2, 7)),
        ("x = " + "[" * 100_000, (1, 1)),
        ("x = " + "[" * (MAXIMUM_DEPTH + 1) + "]" * (MAXIMUM_DEPTH + 1), (1, 1)),
        ("x = 1\n" + "a." * 200 + "b = 1", (2, 1)),
        ("a = 1\r", (1, 6)),
    ],
)
def test_what_is_malformed_is_told_with_its_place(text, at) -> None:
    assert refused(TOML.parse, text) == ("malformed", *at)
    assert refused(TOML.put, text, ("a",), 1) == ("malformed", *at)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '[m.n]\ncommand = "npx"\nargs = ["-y", "x"]\n\n[m.n.env]\nA = "b"\n'),
        ('model = "x"', 'model = "x"\n\n[m.n]\ncommand = "npx"\nargs = ["-y", "x"]\n\n[m.n.env]\nA = "b"'),
        (
            '[m.o]\r\ncommand="x"\r\nenv = {B = "1"}\r\n\r\n# about t\r\n[t]\r\n',
            (
                '[m.o]\r\ncommand="x"\r\nenv = {B = "1"}\r\n\r\n'
                '[m.n]\r\ncommand="npx"\r\nargs=["-y", "x"]\r\nenv={A="b"}\r\n\r\n# about t\r\n[t]\r\n'
            ),
        ),
        (
            '[m.o]\nargs = [\n    "y",\n]\n# off = true\n\n[t]\n',
            (
                '[m.o]\nargs = [\n    "y",\n]\n# off = true\n\n'
                '[m.n]\ncommand = "npx"\nargs = [\n    "-y",\n    "x",\n]\n\n[m.n.env]\nA = "b"\n\n[t]\n'
            ),
        ),
        (
            '[m]\no = { command = "x" }\n',
            '[m]\no = { command = "x" }\nn = { command = "npx", args = ["-y", "x"], env = { A = "b" } }\n',
        ),
        ("m = {}\n", 'm = { n = { command = "npx", args = ["-y", "x"], env = { A = "b" } } }\n'),
        (
            'm.o.command = "x"\n[t]\n',
            'm.o.command = "x"\nm.n = { command = "npx", args = ["-y", "x"], env = { A = "b" } }\n[t]\n',
        ),
    ],
)
def test_a_new_server_is_written_as_its_siblings_are(before, after) -> None:
    assert TOML.put(before, ("m", "n"), SERVER) == after


def test_names_are_quoted_where_they_must_be() -> None:
    new = TOML.put("", ("m", 'weird "name"', "x.y"), "a\tb\x01\x7f\"\\\n'é\ufeff")
    assert new == '[m."weird \\"name\\""]\n"x.y" = "a\\tb\\u0001\\u007F\\"\\\\\\n\'é\\uFEFF"\n'
    text = '[projects."/home/x"]\ntrust_level = "trusted"\n'
    assert TOML.put(text, ("projects", "/home/x", "trust_level"), "no") == text.replace("trusted", "no")
    text = '["p"."\\u0061 b"]\nx = 1\n'
    assert TOML.put(text, ("p", "a b", "y"), True) == text + "y = true\n"


def test_pairs_go_where_their_table_is() -> None:
    assert TOML.put("[t]\nx=1\n", ("a",), 1) == "a=1\n\n[t]\nx=1\n"
    assert TOML.put("#:schema s\n\n[t]\n", ("a",), 1) == "#:schema s\n\na = 1\n\n[t]\n"
    assert TOML.put("# c\n", ("a",), 1) == "# c\na = 1\n"
    assert TOML.put("[m.a]\n", ("m", "x"), 1) == "[m.a]\n\n[m]\nx = 1\n"
    assert TOML.put("[m.a]\n[m]\n", ("m", "x"), 1) == "[m.a]\n[m]\n\nx = 1\n"
    assert TOML.put("[m]\n  a=1 # c\n\n  b=2\n[n]\n", ("m", "c"), 3) == "[m]\n  a=1 # c\n\n  b=2\n  c=3\n[n]\n"
    assert TOML.put("[m]\na=1\n", ("m", "e"), {}) == "[m]\na=1\ne={}\n"
    assert TOML.put("[m.a]\n\n[m]\nx = 1\n", ("m", "x"), ABSENT) == "[m.a]\n"
    assert TOML.put("[m.a]\n[m]\n\nx = 1\n", ("m", "x"), ABSENT) == "[m.a]\n[m]\n"
    assert TOML.put("[m.a]\n[m]\n# c\nx = 1\n", ("m", "x"), ABSENT) == "[m.a]\n[m]\n# c\n"
    assert TOML.put("[m]\n[m.a]\n", ("m", "e"), {}) == "[m]\n[m.a]\n\n[m.e]\n"
    assert TOML.put("[[l]]\na = 1\n", ("l", Element("x", "n"), "e"), {"b": 1}) == (
        '[[l]]\na = 1\n\n[[l]]\nn = "x"\ne = { b = 1 }\n'
    )
    assert TOML.put('[[l]]\nn = "x"\n[l.s]\n', ("l", Element("x", "n"), "e"), {"b": 1}) == (
        '[[l]]\nn = "x"\ne = { b = 1 }\n[l.s]\n'
    )


def test_arrays_of_tables_change_table_by_table() -> None:
    text = "[[l]]\na = 1 # one\n\n[[l]]\na = 2\n\n[[l.s]]\nx = 1\n\n[t]\n"
    assert TOML.put(text, ("l",), [{"a": 1}, {"a": 3, "s": [{"x": 1}]}]) == text.replace("a = 2", "a = 3")
    assert TOML.put(text, ("l",), [{"a": 1}]) == "[[l]]\na = 1 # one\n\n[t]\n"
    assert TOML.put(text, ("l",), [{"a": 1}, {"a": 2, "s": [{"x": 1}]}, {"a": 4}]) == text.replace(
        "x = 1\n", "x = 1\n\n[[l]]\na = 4\n"
    )
    assert TOML.put(text, ("l",), []) == "l = []\n\n[t]\n"
    assert TOML.parse(TOML.put(text, ("l",), "x")).value == {"l": "x", "t": {}}
    assert TOML.put("[[m.l]]\na = 1\n# c\n", ("m", "l"), {"x": 1}) == "# c\n\n[m.l]\nx = 1\n"
    assert refused(TOML.put, text, ("l", APPEND), 1)[0] == "container"
    assert refused(TOML.put, '[[l]]\nn = "x"\n', ("l", Element("x", "n")), 1)[0] == "container"
    assert TOML.put('[[l]]\nn = "x"\n\n[[l]]\nn = "y"\n', ("l", Element("x", "n")), ABSENT) == '[[l]]\nn = "y"\n'
    assert TOML.put('[[l]]\nn = "x"\n', ("l", Element("x", "n")), ABSENT) == ""


def test_whole_tables_change_member_by_member() -> None:
    text = '# c\n[m.a]\ncommand = "x" # c\nargs = []\n\n[m.a.env]\nA = "1" # a\nB = "2"\n\n# d\n[t]\n'
    old = TOML.parse(text).value["m"]["a"]
    assert TOML.put(text, ("m", "a"), {"command": "x", "cwd": "/", "env": {"B": "2"}}) == (
        '# c\n[m.a]\ncommand = "x" # c\ncwd = "/"\n\n[m.a.env]\nB = "2"\n\n# d\n[t]\n'
    )
    assert TOML.put(text, ("m", "a"), {**old, "args": ["y"]}) == text.replace("[]", '["y"]')
    assert TOML.put(text, ("m", "a"), old) == text
    assert TOML.put(text, ("m",), {}) == "# c\n\n# d\n[t]\n\n[m]\n"
    assert TOML.put(text, ("m", "a"), "x") == '# c\n\n# d\n[t]\n\n[m]\na = "x"\n'
    assert TOML.put(text, ("m", "a", "env"), ABSENT) == text.replace('\n[m.a.env]\nA = "1" # a\nB = "2"\n', "")
    assert TOML.put(text, ("m", "a"), ABSENT) == "# c\n\n# d\n[t]\n"
    assert TOML.put(text, (), {"t": {"x": 1}}) == "# c\n\n# d\n[t]\nx = 1\n"
    assert TOML.put(text, (), {}) == "# c\n\n# d\n"


def test_inline_values_change_in_place() -> None:
    text = 'm = { a = { x = 1,  y = [ "p", "q", "p" ] } } # c\n'
    assert TOML.put(text, ("m", "a", "x"), 2) == text.replace("x = 1", "x = 2")
    assert TOML.put(text, ("m", "a", "x"), ABSENT) == text.replace("x = 1,  ", "")
    assert TOML.put(text, ("m", "a", "y", Element("p")), ABSENT) == text.replace('"p", "q", "p"', '"q"')
    assert TOML.put(text, ("m", "a", "y", Element("q")), ABSENT) == text.replace('"q", ', "")
    assert TOML.put("x = 'a\\b'\ny = 1\n", ("x",), "c\\d") == "x = 'c\\d'\ny = 1\n"
    assert TOML.put("x = 'a'\n", ("x",), "it's") == 'x = "it\'s"\n'
    assert TOML.put("x = '''a'''\n", ("x",), "b") == 'x = "b"\n'
    assert (
        TOML.put("x = [\n  1,\n]\n", ("x",), [1, [2, {"a": [3]}]])
        == "x = [\n  1,\n  [\n    2,\n    { a = [3] },\n  ],\n]\n"
    )


def test_an_inline_table_with_dotted_keys_is_written_anew_without_them() -> None:
    text = "# c\nm = { a.b = 1,  c = { d.e = 2 } } # c\n"
    assert TOML.put(text, ("m", "a", "x"), 2) == "# c\nm = { a = { b = 1, x = 2 }, c = { d = { e = 2 } } } # c\n"
    assert TOML.put(text, ("m", "c"), ABSENT) == "# c\nm = { a = { b = 1 } } # c\n"
    assert TOML.position(text, ("m", "a", "b")) == (2, 5)


@pytest.mark.parametrize("wanted", [None, "\ud800", [None], {"a": None}])
def test_what_toml_cannot_say_is_refused(wanted) -> None:
    assert refused(TOML.put, "[m]\n", ("m", "x"), wanted)[0] in {"container", "encoding"}


def test_a_step_into_the_wrong_kind_is_refused() -> None:
    text = BYTE_ORDER_MARK + 'a = 1\n[t]\nx = [\n  "y" ]\n'
    assert refused(TOML.put, text, ("a", "b"), 1) == ("container", 1, 1)
    assert refused(TOML.put, text, ("t", "x", "b"), 1) == ("container", 3, 1)
    assert refused(TOML.put, text, (APPEND,), 1) == ("container", 1, 1)
    assert refused(TOML.put, text, (), ABSENT) == ("container", 1, 1)
    assert refused(TOML.put, text, (), [])[0] == "container"


def test_positions() -> None:
    text = BYTE_ORDER_MARK + 'a = 1\n[t]\nx = [\n  { n = "y" }, "z" ]\n[ m.s ]\n'
    assert TOML.position(text, ()) == (1, 1)
    assert TOML.position(text, ("a",)) == (1, 1)
    assert TOML.position(text, ("t",)) == (2, 2)
    assert TOML.position(text, ("t", "x", Element("y", "n"), "n")) == (4, 5)
    assert TOML.position(text, ("t", "x", Element("z"))) == (4, 16)
    assert TOML.position(text, ("m", "s")) == TOML.position(text, ("m",)) == (5, 3)
    assert TOML.position(text, ("m", "x")) is None
    assert TOML.position(text, ("a", "x")) is None
    two = '[[l]]\nn = "x"\n[[l]]\nn = "x"\n'
    assert refused(TOML.position, two, ("l", Element("x", "n"), "k")) == ("duplicate-key", 3, 3)


def test_an_edit_that_says_something_else_is_stopped() -> None:
    verify({}, {"m": {"a": {}}}, ("m", "a", "b"), ABSENT)
    verify({"x": {}}, {"x": {"l": []}}, ("x", "l", Element("a", "b")), ABSENT)
    for value, expected, path, wanted in [
        ({}, {"m": {}}, ("m",), {}),
        ({"x": 1}, {"x": 2, "m": {}}, ("m", "a"), ABSENT),
        ({}, {"m": {"b": 1}}, ("m", "a"), ABSENT),
        ({"m": 1}, {"m": 2}, ("m", "a"), ABSENT),
        ({}, {"x": {}}, ("m", "a"), ABSENT),
    ]:
        with pytest.raises(UnsafeEditError):
            verify(value, expected, path, wanted)


def test_reading_loads_no_editor() -> None:
    code = (
        "import sys; from mcpconf.formats import FORMATS; assert 'tomllib' not in sys.modules\n"
        "FORMATS['toml'].parse('a = 1'); FORMATS['json'].parse('{}'); FORMATS['jsonc'].parse('{}')\n"
        "print([name for name in sys.modules if name.startswith('mcpconf.formats.') and 'edit' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
