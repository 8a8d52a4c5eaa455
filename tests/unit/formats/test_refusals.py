"""What is refused, in the words that a person reads: where, what, and what to do about it."""

import pytest

from mcpconf.formats import FORMATS, FormatError, decode_text
from mcpconf.model.base import ABSENT, APPEND, Element

DEEP = {"a": 1}
for _ in range(100):
    DEEP = {"a": DEEP}

READ = [
    ("json", "", "1:1 malformed: the file is empty, which is not JSON (write `{}` into it, or delete it)"),
    ("json", "{'a': 1}", "1:2 malformed: expecting property name enclosed in double quotes (correct the file by hand; it was not changed)"),
    ("json", '{"a": 1} // x', "1:10 malformed: extra data (comments are not allowed in this file)"),
    ("json", "{{ x }}", "1:2 malformed: expecting property name enclosed in double quotes (this looks like a template; run it through its tool first)"),
    ("json", '{"a": ' + "1" * 5000 + "}", "1:7 malformed: `11111111111111111111...` is no number that JSON readers agree on (write another number, or a text, there)"),
    ("json", '{"a": 12345678901234567890e999}', "1:7 malformed: `12345678901234567890...` is no number that JSON readers agree on (write another number, or a text, there)"),
    ("json", '{"a": 123456789012345678e999}', "1:7 malformed: `123456789012345678e9...` is no number that JSON readers agree on (write another number, or a text, there)"),
    ("json", "[1e999999999999999999]", "1:2 malformed: `1e999999999999999999` is no number that JSON readers agree on (write another number, or a text, there)"),
    ("json", "[NaN]", "1:2 malformed: `NaN` is no number that JSON readers agree on (write another number, or a text, there)"),
    ("json", "[" * 101 + "]" * 101, "1:1 malformed: maps and lists nest deeper than 100 (correct the file by hand; it was not changed)"),
    ("json", "[" * 100000, "1:1 malformed: maps and lists nest deeper than 100 (correct the file by hand; it was not changed)"),
    ("jsonc", "[1, /* x", "1:5 malformed: the comment never ends (close it with `*/`)"),
    ("jsonc", "[1 // x\r]", "1:8 malformed: a lone carriage return in a comment: readers disagree on where the comment ends (remove the carriage return)"),
    ("toml", "a = 1 b = 2", "1:7 malformed: expected newline or end of document after a statement (correct the file by hand; it was not changed)"),
    ("toml", "a = [1,", "1:8 malformed: invalid value (correct the file by hand; it was not changed)"),
    ("toml", "a = " + "1" * 5000, "1:5 malformed: a number has too many digits (correct the file by hand; it was not changed)"),
    ("toml", "a = " + "[" * 500 + "]" * 500, "1:1 malformed: tables and arrays nest deeper than 100 (correct the file by hand; it was not changed)"),
    ("toml", "a." * 100 + "b = 1", "1:1 malformed: a key has more than 100 parts (correct the file by hand; it was not changed)"),
    ("toml", "a = " + "[" * 100000, "1:1 malformed: tables and arrays nest deeper than 100 (correct the file by hand; it was not changed)"),
    ("yaml", "a: {b:", "1:7 malformed: did not find expected node content (correct the file by hand; it was not changed)"),
    ("yaml", "a: b: c", "1:5 malformed: mapping values are not allowed in this context (put text that holds `: ` in quotes)"),
    ("yaml", "a:\n\tb: c", "2:1 malformed: found character that cannot start any token (indent with spaces, not with tabs)"),
    ("yaml", "a:\n|", "2:1 malformed: a block text begins where no value may, at the start of a line (correct the file by hand; it was not changed)"),
    ("yaml", "a: @x", "1:4 malformed: found character that cannot start any token (put text that begins with a special character in quotes)"),
    ("yaml", "a: 'b", "1:6 malformed: found unexpected end of stream (correct the file by hand; it was not changed)"),
    ("yaml", 'a: "\\UFFFFFFFF"', "1:7 malformed: found invalid Unicode character escape code (correct the file by hand; it was not changed)"),
    ("yaml", "a: \x1b", "1:4 malformed: the character U+001B is in the text, on which readers disagree (remove it, or write it as an escape in double quotes)"),
    ("yaml", "a: b\rc: d", "1:5 malformed: the character U+000D is in the text, on which readers disagree (remove it)"),
    ("yaml", "a: 1\n---\nb: 2\n", "2:1 malformed: a second document starts here (keep one document in a file)"),
    ("yaml", "%YAML 1.2\n---\na: 1\n", "1:1 malformed: a directive stands above the document (remove the `%` line)"),
    ("yaml", "[a]: 1", "1:1 malformed: a key must be text (put the text in quotes)"),
    ("yaml", "a: !x b", "1:4 malformed: the tag `!x` is not read (write the value without the tag; text that looks like something else goes in quotes)"),
    ("yaml", "a: *b", "1:4 malformed: the alias `*b` stands for nothing (correct the file by hand; it was not changed)"),
    ("yaml", "a: &b [*b]", "1:8 malformed: the alias `*b` stands inside what it stands for (correct the file by hand; it was not changed)"),
    ("yaml", "a: " + "[" * 101 + "]" * 101, "1:103 malformed: maps and lists nest deeper than 100 (correct the file by hand; it was not changed)"),
]  # fmt: skip

PUT = [
    ("json", '{"a": {"b": 1, "b": 2}}', ("a", "b"), 3, "1:16 duplicate-key: `/a/b` stands 2 times (remove one of them; which one counts differs between readers)"),
    ("json", '{"a": {"b": 1, "b": 2}}', ("a",), 3, "1:7 duplicate-key: `b` stands twice in one map (remove one of them; which one counts differs between readers)"),
    ("json", "{}", (), ABSENT, "1:1 container: the whole document cannot be removed; delete the file instead ()"),
    ("json", '{"a": "b"}', ("a", "c"), 1, "1:2 container: `/a` is text, not a map (make it a map, or remove it)"),
    ("json", '{"a": [1]}', ("a", "c"), 1, "1:2 container: `/a` is a list, not a map (make it a map, or remove it)"),
    ("json", '{"a": {}}', ("a", APPEND), 1, "1:2 container: `/a` is a map, not a list (make it a list, or remove it)"),
    ("json", '{"a": null}', ("a", "c"), 1, "1:2 container: `/a` is null, not a map (make it a map, or remove it)"),
    ("json", '{"a": true}', ("a", "c"), 1, "1:2 container: `/a` is a boolean, not a map (make it a map, or remove it)"),
    ("json", '{"a": 1.5}', ("a", APPEND), 1, "1:2 container: `/a` is a number, not a list (make it a list, or remove it)"),
    ("json", '{"a": [{"n": "x"}, {"n": "x"}]}', ("a", Element("x", "n"), "c"), 1, "1:20 duplicate-key: the list at `/a` has two elements whose `n` is `x` (remove one of them; which one counts differs between readers)"),
    ("json", "{}", ("a", Element("x"), "c"), 1, "container: `/a/=x/c` leads into an element that is not a map ()"),
    ("json", "{}", ("a", "b"), DEEP, "container: the value for `/a/b` nests too deeply ()"),
    ("json", "{}", ("a",) * 51, 1, "container: the value for `/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a` nests too deeply ()"),
    ("json", '{"a": [1]}', ("~a/b", Element("x", "n"), APPEND, "k"), 1, "container: `/~0a~1b/n=x/-/k` leads into an element that is not a map ()"),
    ("toml", "a = 1", (), [1], "1:1 container: a TOML document is a map ()"),
    ("toml", "a = 1", (), ABSENT, "1:1 container: a TOML document is a map ()"),
    ("toml", "a = 1", ("b",), None, "container: TOML has no null (leave the key out)"),
    ("toml", "a = 1", ("b",), "\ud800", "encoding: half of a surrogate pair cannot be written in TOML ()"),
    ("toml", "a = 1", ("a", "b"), 1, "1:1 container: `/a` is a number, not a map (make it a map, or remove it)"),
    ("toml", "[[a]]\nn = 1\n", ("a", APPEND), 1, "container: `/a` takes only tables ()"),
    ("toml", "[[a]]\nn = 'x'\n", ("a", Element("x", "n")), 1, "container: `/a/0` is a table and can only be replaced by a table ()"),
    ("yaml", "a: 1\nb: {c: 1, c: 2}\n", ("b", "c"), 3, "2:11 duplicate-key: `/b/c` stands 2 times (remove one of them; which one counts differs between readers)"),
    ("yaml", "b: {c: 1, c: 2}\n", ("b",), 3, "1:11 duplicate-key: `c` stands twice in one map (remove one of them; which one counts differs between readers)"),
    ("yaml", "a: 1\n", (), ABSENT, "1:1 container: the whole document cannot be removed; delete the file instead ()"),
    ("yaml", "x\n", (), {"a": 1}, "1:1 container: the document is neither a map nor a list ()"),
    ("yaml", "- x\n", ("a",), 1, "1:1 container: `/` is a list, not a map (make it a map, or remove it)"),
    ("yaml", "a: b", ("a", "c"), 1, "1:1 container: `/a` is text, not a map (make it a map, or remove it)"),
    ("yaml", "a: {n: [{n: x}, {n: x}]}\n", ("a", "n", Element("x", "n")), 1, "1:17 duplicate-key: the list at `/a/n` has two elements whose `n` is `x` (remove one of them; which one counts differs between readers)"),
    ("yaml", "a: &x 1\nb: *x\n", ("a",), 2, "1:1 container: an alias elsewhere stands for this value (write the value out in place of the alias first)"),
    ("yaml", "a: &x {c: 1}\nb: *x\n", ("b", "c"), 2, "2:1 container: an alias stands here (write the value out in place of the alias first)"),
    ("yaml", "a: &x 1\nb: [*x]\n", ("b", APPEND), 2, "2:5 container: an alias stands in brackets (write the value out in place of the alias first)"),
    ("yaml", "<<: {a: 1}\n", ("<<", "a"), 2, "1:1 container: a merge key stands here, on which readers disagree (write the keys out in its place first)"),
    ("yaml", "? a\n: 1\n", ("a",), 2, "1:1 container: a key behind `?`, or without a colon, stands here (write `key: value`)"),
    ("yaml", "a: [b: 1]\n", ("a", APPEND), 2, "1:5 container: a map without brackets stands in a list (put `{` and `}` around it)"),
    ("yaml", "{a, b: 1}\n", ("b",), 2, "1:2 container: a key behind `?`, or without a colon, stands here (write `key: value`)"),
    ("yaml", "a: 1\n", ("b" * 1001,), 2, "container: a key of more than 1000 characters cannot be written in YAML ()"),
    ("yaml", "a: 1\n", ("b",), "\ud800", "encoding: half of a surrogate pair cannot be written in YAML ()"),
    ("yaml", "a: 1\nb: |+\n  x", ("a",), 2, "3:4 container: the file ends within a block text (add a line break at its end)"),
    ("yaml", "a: {b: &x {c: 1}, d: *x}\n", ("a",), {}, "1:8 container: an alias elsewhere stands for `&x`, which is part of this value (write the value out in place of the alias first)"),
]  # fmt: skip

BYTES = [
    (b"\xff\xfea\x00", "1:1 encoding: the file is UTF-16, not UTF-8 (convert it: `iconv -f UTF-16 -t UTF-8 FILE > NEW`, or save it as UTF-8 in an editor)"),
    (b"\xff\xfe\x00\x00a\x00\x00\x00", "1:1 encoding: the file is UTF-32, not UTF-8 (convert it: `iconv -f UTF-32 -t UTF-8 FILE > NEW`, or save it as UTF-8 in an editor)"),
    (b"a\x00b\x00", "1:1 encoding: the file is UTF-16, not UTF-8 (convert it: `iconv -f UTF-16 -t UTF-8 FILE > NEW`, or save it as UTF-8 in an editor)"),
    (b"a\x00\x00\x00b\x00\x00\x00", "1:1 encoding: the file is UTF-32, not UTF-8 (convert it: `iconv -f UTF-32 -t UTF-8 FILE > NEW`, or save it as UTF-8 in an editor)"),
    (b'{"a": "\x00"}', "1:8 encoding: there is a NUL byte in the text (remove the NUL byte)"),
    (b"a\n\xe4", "2:1 encoding: byte `0xe4` is not UTF-8 (save the file as UTF-8)"),
    (b"x" * (64 * 1024 * 1024 + 1), "oversized: the file has 67108865 bytes; at most 67108864 are read (a configuration of this size is most likely not one; look at what wrote it)"),
]  # fmt: skip


def told(function, *arguments) -> str:
    with pytest.raises(FormatError) as caught:
        function(*arguments)
    error = caught.value
    at = "" if error.line is None else f"{error.line}:{error.column} "
    return f"{at}{error.kind}: {error.message} ({error.hint})"


@pytest.mark.parametrize(("form", "text", "words"), READ, ids=range(len(READ)))
def test_a_text_that_cannot_be_read(form, text, words) -> None:
    assert told(FORMATS[form].parse, text) == words
    assert not text or told(FORMATS[form].put, text, ("new",), "x") == words


@pytest.mark.parametrize(("form", "text", "path", "wanted", "words"), PUT, ids=range(len(PUT)))
def test_an_edit_that_cannot_be_made(form, text, path, wanted, words) -> None:
    assert told(FORMATS[form].put, text, path, wanted) == words


@pytest.mark.parametrize(("data", "words"), BYTES, ids=range(len(BYTES)))
def test_bytes_that_are_no_text(data, words) -> None:
    assert told(decode_text, data) == words
