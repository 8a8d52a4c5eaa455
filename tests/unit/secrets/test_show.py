"""What may be printed of a secret, and of text that others wrote."""

import pytest

from mcpconf.secrets import Scrubber, describe, escape

KEY = b"k" * 32


def test_description() -> None:
    text = describe("a" * 40, KEY)
    assert text.startswith("(literal, 40 characters, keyed:")
    assert len(text) == len("(literal, 40 characters, keyed:7f3a)")
    assert text == describe("a" * 40, KEY)
    assert text != describe("b" * 40, KEY) != describe("b" * 40, b"j" * 32)
    assert describe("a" * 40, None) == "(literal, 40 characters)"
    assert describe("a", None) == "(literal, 1 character)"
    assert describe("", None) == "(literal, 0 characters)"


@pytest.mark.parametrize(
    ("secret", "text", "clean"),
    [
        ("s3cret-value", "a s3cret-value b", "a (redacted) b"),
        ('say "hi" \\ now', '{"a": "say \\"hi\\" \\\\ now"}', '{"a": "(redacted)"}'),
        ("pä ss/wörd", "?k=p%C3%A4%20ss%2Fw%C3%B6rd&x", "?k=(redacted)&x"),
        ("pä ss/wörd", "?k=p%c3%a4+ss%2fw%c3%b6rd&x", "?k=(redacted)&x"),
        ("pä ss/wörd", r'"p\u00e4 ss/w\u00f6rd"', '"(redacted)"'),
        ("it's s3cret", "'it'\"'\"'s s3cret'", "'(redacted)'"),
        ("one\nsecret1", r"one\nsecret1", "(redacted)"),
        ("abcdef1", "abcdef12 abcdef1", "(redacted)2 (redacted)"),
        ("hunter", "hunter hunters", "(redacted) hunters"),
        ("postgres", "server postgres", "server postgres"),
        ("true", "true", "true"),
        ("s3cr", "s3cr", "s3cr"),
    ],
)
def test_scrubbing(secret: str, text: str, clean: str) -> None:
    assert Scrubber([secret]).scrub(text) == clean


def test_the_longest_secret_wins() -> None:
    scrubber = Scrubber(["abc-1234", "abc-1234-5678", "abc-12"])
    assert scrubber.scrub("abc-1234-5678 abc-12345 abc-12") == "(redacted) (redacted)5 (redacted)"


def test_without_secrets_text_is_itself() -> None:
    assert Scrubber([]).scrub("anything") == "anything"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, ünïcode 漢字 ⚠ \\n", "plain text, ünïcode 漢字 ⚠ \\n"),
        ("a\nb\rc\td", r"a\nb\rc\td"),
        ("\x1b[31mred\x07\x00\x7f\x9b", r"\x1b[31mred\x07\x00\x7f\x9b"),
        ("a\u202eb\u2066c\u200fd\u061c", r"a\u202eb\u2066c\u200fd\u061c"),
        ("a\u200bb\u2060c\ufeff\u00ad", r"a\u200bb\u2060c\ufeff\xad"),
        ("\u2028\u2029\u0085", r"\u2028\u2029\x85"),
        ("\U000e0041\U000e0100\ufe0f\u3164", r"\U000e0041\U000e0100\ufe0f\u3164"),
        ("\ud800", r"\ud800"),
        ("", ""),
    ],
)
def test_escaping(text: str, shown: str) -> None:
    assert escape(text) == shown
