"""Strict YAML: what is text, what is refused, and where."""

import pytest
import yaml as pyyaml

from mcpconf.errors import McpconfError
from mcpconf.formats import yaml

LOADERS = [pyyaml.SafeLoader, *([pyyaml.CSafeLoader] if hasattr(pyyaml, "CSafeLoader") else [])]


def tell(data):
    """Every problem as one line."""
    with pytest.raises(McpconfError) as caught:
        yaml.read(data, "m.yaml")
    assert caught.value.code == 1
    return [f"{problem.where} {problem.kind}: {problem.message} ({problem.hint})" for problem in caught.value.problems]


def test_scalars_stay_as_written():
    text = "a: no\nb: 1.10\nc: 012\nd: 2026-01-01\ne: 12:30:00\nf: null\ng: ~\nh: 0x1F\ni: .inf\n'1': yes\n2: 'x'\n"
    assert yaml.read(text, "m.yaml").value == {
        "a": "no",
        "b": "1.10",
        "c": "012",
        "d": "2026-01-01",
        "e": "12:30:00",
        "f": "null",
        "g": "~",
        "h": "0x1F",
        "i": ".inf",
        "1": "yes",
        "2": "x",
    }


def test_only_nothing_at_all_is_none():
    text = "a:\nb: ''\nc: [x, '']\nd:\n  -\n  - y\ne: {f, g: }\n"
    assert yaml.read(text, "m.yaml").value == {
        "a": None,
        "b": "",
        "c": ["x", ""],
        "d": [None, "y"],
        "e": {"f": None, "g": None},
    }


@pytest.mark.parametrize("text", ["", "# only a comment\n", "\ufeff"])
def test_an_empty_document_is_none(text):
    tree = yaml.read(text, "m.yaml")
    assert tree.value is None
    assert tree.position(("a", 0)) == (1, 1)


@pytest.mark.parametrize("loader", LOADERS)
def test_positions_are_those_of_keys_and_elements(loader):
    text = 'a: 1\n"😀b":\n  - x\n  -   - {c: [d]}\n😀: {e: f}\n'
    tree = yaml._Builder("m.yaml").build(text, loader)
    assert tree.value == {"a": "1", "😀b": ["x", [{"c": ["d"]}]], "😀": {"e": "f"}}
    assert dict(tree.positions) == {
        (): (1, 1),
        ("a",): (1, 1),
        ("😀b",): (2, 1),
        ("😀b", 0): (3, 5),
        ("😀b", 1): (4, 7),
        ("😀b", 1, 0): (4, 9),
        ("😀b", 1, 0, "c"): (4, 10),
        ("😀b", 1, 0, "c", 0): (4, 14),
        ("😀",): (5, 1),
        ("😀", "e"): (5, 5),
    }
    assert tree.position(("😀b", 1, 0, "c", 7, "z")) == (4, 10)


REFUSED = {
    "tag": ("a: !!python/object/apply:os.system [x]", "m.yaml:1:4 invalid: tag `tag:yaml.org,2002:python/object/apply:os.system` (tags are not read; every value is text, a list or a map)"),
    "own tag": ("a: b\nc: !secret d", "m.yaml:2:4 invalid: tag `!secret` (tags are not read; every value is text, a list or a map)"),
    "tag on a key": ("!!str a: b", "m.yaml:1:1 invalid: tag `tag:yaml.org,2002:str` (tags are not read; every value is text, a list or a map)"),
    "anchor": ("a: &x b", "m.yaml:1:4 invalid: anchor `&x` (anchors are not read; write values out)"),
    "merge key": ("a:\n  <<: {b: c}", "m.yaml:2:3 invalid: merge key `<<` (merging is not done; write the keys out)"),
    "no key": ("? \n: a", "m.yaml:1:2 invalid: a key is missing ()"),
    "list as key": ("a: {[b]: c}", "m.yaml:1:5 invalid: a list or a map stands where a key must be (put the text in quotes)"),
    "template": ("a: {{ b }}", "m.yaml:1:5 invalid: a list or a map stands where a key must be (put the text in quotes)"),
    "two documents": ("a: b\n---\nc: d", "m.yaml:2:1 invalid: a second document starts here (keep one document in a file)"),
    "duplicate": ("a: b\nc:\n  d: 1\n  'd': 2", "m.yaml:4:3 duplicate-key: key `d` is there twice (it is also at line 3, column 3; keep one)"),
    "deep lists": ("[" * 100_000, "m.yaml:1:51 oversized: nested deeper than 50 levels ()"),
    "deep maps": ("{a: " * 30_000, "m.yaml:1:201 oversized: nested deeper than 50 levels ()"),
    "deep blocks": ("- " * 30_000 + "x", "m.yaml:1:101 oversized: nested deeper than 50 levels ()"),
    "many values": ("[" + "a," * 200_000 + "]", "m.yaml:1:200000 oversized: there are more than 100,000 values ()"),
    "large": (b"#" * 1_048_577, "m.yaml oversized: the file has more than 1,048,576 bytes ()"),
    "tab": ("a:\n\tb: c", "m.yaml:2:1 malformed: this is not YAML: found character that cannot start any token (indent with spaces, not with tabs)"),
    "at sign": ("a: @scope/x", "m.yaml:1:4 malformed: this is not YAML: found character that cannot start any token (put text that begins with a special character in quotes)"),
    "colon": ("a: b: c", "m.yaml:1:5 malformed: this is not YAML: mapping values are not allowed in this context (put text that holds `: ` in quotes)"),
    "open quote": ("a: 'b", "m.yaml:1:6 malformed: this is not YAML: found unexpected end of stream ()"),
    "open map": ("a:\n  b: {c:", "m.yaml:2:9 malformed: this is not YAML: did not find expected node content ()"),
    "UTF-16": ("a: b".encode("utf-16"), "m.yaml:1:1 encoding: the file is UTF-16, not UTF-8 (convert it: `iconv -f UTF-16 -t UTF-8 FILE > NEW`, or save it as UTF-8 in an editor)"),
    "Latin-1": ("a: b\nä: c".encode("latin-1"), "m.yaml:2:1 encoding: byte `0xe4` is not UTF-8 (save the file as UTF-8)"),
    "control": ("a: b\nc: \x1b[2J", "m.yaml:2:4 encoding: invisible character U+001B (remove it, or write it as an escape in double quotes)"),
    "hidden line": ("# harmless\u2028absent:", "m.yaml:1:11 encoding: invisible character U+2028 (remove it, or write it as an escape in double quotes)"),
    "turned text": ("a: \u202eb", "m.yaml:1:4 encoding: invisible character U+202E (remove it, or write it as an escape in double quotes)"),
    "lone surrogate": ("a: \ud800", "m.yaml:1:4 encoding: invisible character U+D800 (remove it, or write it as an escape in double quotes)"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_place(name):
    data, problem = REFUSED[name]
    assert tell(data) == [problem]


def test_all_faults_that_do_not_end_reading_are_told():
    text = "a: &x 1\nb: *x\na: !t 2\nc: 3\nc: 4\n"
    assert [line.partition(" (")[0] for line in tell(text)] == [
        "m.yaml:1:4 invalid: anchor `&x`",
        "m.yaml:2:4 invalid: alias `*x`",
        "m.yaml:3:1 duplicate-key: key `a` is there twice",
        "m.yaml:3:4 invalid: tag `!t`",
        "m.yaml:5:1 duplicate-key: key `c` is there twice",
    ]


def test_faults_before_an_error_of_syntax_are_told_too():
    assert [line.partition(" (")[0] for line in tell("a: 1\na: 2\nb: 'c")] == [
        "m.yaml:2:1 duplicate-key: key `a` is there twice",
        "m.yaml:3:6 malformed: this is not YAML: found unexpected end of stream",
    ]


def test_an_empty_key_beside_a_missing_one_is_told():
    assert [line.partition(" (")[0] for line in tell("?\n!  : b\n")] == [
        "m.yaml:1:2 invalid: a key is missing",
        "m.yaml:2:1 invalid: tag `!`",
        "m.yaml:2:1 duplicate-key: key `` is there twice",
    ]


def test_no_more_than_a_hundred_are_told():
    assert len(tell("a: b\n" * 5_000)) == 100


def test_a_bomb_of_aliases_is_refused_unexpanded():
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 9)]
    lines = tell("\n".join(["l0: &l0 x", *levels]))
    assert len(lines) == 9 + 8 * 9
    assert lines[0] == "m.yaml:1:5 invalid: anchor `&l0` (anchors are not read; write values out)"


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    "text", ['a: "\\ud800"', 'a: "\\U00110000"', 'a: "\\xzz"', "%YAML 9.9\n--- a", "a: [", "%", "a\x00"]
)
def test_both_parsers_of_pyyaml_refuse(loader, text):
    with pytest.raises(McpconfError):
        yaml._Builder("m.yaml").build(text, loader)


def test_a_byte_order_mark_takes_no_column():
    assert yaml.read(b"\xef\xbb\xbfa: b", "m.yaml").positions[("a",)] == (1, 1)
