from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mcpconf.report.diff import LONGEST_LINE, EditedFile, render_diffs
from mcpconf.report.style import Style


def shown(before: bytes | None, after: bytes, *hidden: str) -> list[str]:
    file = EditedFile("/home/dev/f.json", before, after, frozenset(hidden))
    return list(render_diffs([file], Style(home="/home/dev")))


def test_only_lines_that_change_are_shown() -> None:
    before, after = b"one\n\t\ttwo\nthree\n", b"one\n\t\t2\nthree\n"
    assert shown(before, after) == ["--- a/~/f.json", "+++ b/~/f.json", "@@ -2 +2 @@", "-        two", "+        2"]


def test_a_new_file() -> None:
    assert shown(None, b"{}\n") == ["--- /dev/null", "+++ b/~/f.json", "@@ -0,0 +1 @@", "+{}"]


def test_a_long_line_is_told_by_its_length() -> None:
    assert shown(b"x" * (LONGEST_LINE + 1), b"")[3] == f"-(a line of {LONGEST_LINE + 2} characters)"


def test_hidden_values_are_hidden_as_whole_values_only() -> None:
    lines = shown(b'"PIN": "12", "n": "123"\n', b"x = '12'\n", '"12"', "'12'")
    assert lines[3:] == ['-"PIN": "(redacted)", "n": "123"', '+x = "(redacted)"']


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_give_printable_lines(before: bytes, after: bytes) -> None:
    assert all(line.isprintable() for line in shown(before, after))
