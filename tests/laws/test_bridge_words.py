"""The law of the words of a bridge: blanks before the text of a header are nothing to it, and nothing is lost by them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mcpconf.compare import differing
from mcpconf.model.entry import Entry, Reference, Value
from mcpconf.packages.bridge import Passed, read, told

NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True)
TEXTS = st.text("ab: -.", min_size=1, max_size=6).filter(lambda text: text.strip() == text)
PARTS = st.lists(st.one_of(TEXTS, st.just(Reference("secret", "KEY"))), max_size=3)
HEADERS = st.dictionaries(NAMES, PARTS.map(Value.of), max_size=3)
BLANKS = st.text(" \t", max_size=3)


@given(HEADERS, st.lists(BLANKS, min_size=3, max_size=3))
def test_a_bridge_is_read_alike_whatever_blanks_stand_before_the_text_of_a_header(headers, blanks):
    passed = Passed(Value.literal("https://mcp.example.com/mcp"), headers, own=(Value.literal("--debug"),))
    words = told(passed)
    spaced = list(words.args)
    for name, more in zip(headers, blanks, strict=False):
        at = next(at for at, word in enumerate(spaced) if str(word).startswith(f"{name}:"))
        first, *rest = spaced[at].parts
        spaced[at] = Value.of((first.replace(f"{name}:", f"{name}:{more}", 1), *rest))
    assert read(spaced, words.env) == read(words.args, words.env) == (passed, {})
    one, other = (Entry("stdio", Value.literal("mcp-remote"), tuple(args)) for args in (words.args, spaced))
    assert differing(one, other, ()) == differing(other, one, ()) == ()
    assert "launch" in differing(one, Entry("stdio", Value.literal("tool"), tuple(spaced)), ())
