from __future__ import annotations

import os
from contextlib import contextmanager

import pytest

from mcpconf.cli.options import choices
from mcpconf.cli.output import Output, error_text, width
from mcpconf.errors import Problem, Where
from mcpconf.report.style import Style
from mcpconf.secrets import Scrubber


@contextmanager
def environment(**words: str):
    kept = dict(os.environ)
    os.environ.update(words)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


@pytest.mark.parametrize(
    ("said", "columns"),
    [
        ("80", 80),
        ("5", 40),
        ("9999", 160),
        ("0", 100),
        ("", 100),
        ("many", 100),
        ("-3", 100),
        ("123456789", 100),
        ("²", 100),
    ],
)
def test_the_width_is_within_reason(said: str, columns: int) -> None:
    with environment(COLUMNS=said):
        assert width() == columns


def test_an_error_is_what_where_and_what_to_do() -> None:
    one = Problem("malformed", "it is \x1b broken", Where("/f", 3, 4), "mend it")
    two = Problem("container", "a map is expected here", Where("/f", pointer="servers"))
    assert error_text(one, two) == (
        "error: it is \\x1b broken\n  --> /f:3:4\n  hint: mend it\nerror: a map is expected here\n  --> /f#servers\n"
    )


def test_secrets_are_taken_out_of_text_and_json() -> None:
    scrubber = Scrubber(["hunter22!"])
    text = Output("text", style=Style())
    assert text.rendered(lambda style: style.text("x hunter22! y"), dict, scrubber) == "x (redacted) y"
    assert text.rendered(lambda _: "raw hunter22!", dict, scrubber) == "raw (redacted)"
    data = Output("json", style=Style())
    assert data.rendered(lambda _: "", lambda: {"a": "hunter22!", "é": 1}, scrubber) == (
        '{\n  "a": "(redacted)",\n  "\\u00e9": 1\n}\n'
    )


def test_numbers_are_split_and_names_are_not() -> None:
    made = choices(["1,2", "[3,4]", "5", "a,b", "cursor/user/[x]"], ["6"], None, mass=False, move=True)
    assert made.targets == ("1", "2", "3", "4", "5", "a,b", "cursor/user/[x]")
    assert made.excludes == ("6",)
    assert made.move_secrets
