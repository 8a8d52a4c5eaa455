from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpconf.report.style import LONGEST, Style
from mcpconf.secrets import Scrubber


@given(st.text(max_size=40).map(lambda text: text * 9))
def test_a_text_is_one_bounded_printable_line(text: str) -> None:
    shown = Style().text(text)
    assert shown.isprintable() or shown == ""
    assert len(shown) <= LONGEST * len("\\U000e0041") + 40
    assert text != shown or len(text) <= LONGEST


def test_a_long_text_keeps_its_ends_and_tells_its_length() -> None:
    shown = Style().text("begin" + "x" * 1000 + "end")
    assert shown.startswith("beginxxx")
    assert shown.endswith("xxend (1008 characters)")
    assert len(shown) < LONGEST + 30


@given(st.integers(0, LONGEST + 60))
def test_a_secret_is_taken_out_before_a_text_is_cut(place: int) -> None:
    secret = "ghp_q7Zr2LxW9vBn4KtY6mHs1JdP8cFg3RaEoUiT"
    shown = Style(scrub=Scrubber([secret]).scrub).text("x" * place + secret + "y" * 400)
    assert not any(secret[start : start + 6] in shown for start in range(len(secret) - 6))


def test_a_home_is_a_tilde_and_only_as_a_whole_folder() -> None:
    style = Style(home="/home/dev")
    assert style.path("/home/dev/.claude.json") == "~/.claude.json"
    assert style.path("/home/dev") == "~"
    assert style.path("/home/developer/x") == "/home/developer/x"
    assert Style().path("/home/dev/x") == "/home/dev/x"


def test_paint_adds_codes_only_in_colour() -> None:
    assert Style(colour=True).paint("x", "red") == "\x1b[31mx\x1b[0m"
    assert Style(colour=True).paint("", "red") == ""
    assert Style(colour=True).paint("x", "no such colour") == "x"
    assert Style().paint("x", "red") == "x"


@pytest.mark.parametrize("at", range(150, 290, 7))
def test_no_half_of_a_secret_is_left_where_a_text_is_cut(at):
    secret = "ghp_" + "q7Zr2LxW9vBn4KtY6mHs1JdP8cFg3RaEoUiT"
    text = "notes " * 60
    assert secret[:8] not in Style().text(f"{text[:at]} --token={secret} {text[at:]}")
