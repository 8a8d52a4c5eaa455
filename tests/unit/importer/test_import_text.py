"""The text of an imported manifest: whatever is in a document, the manifest's own reader reads it back."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mcpconf.formats.yaml import read
from mcpconf.importer.text import WIDTH, Comments, Layout, render, scalar

LAYOUT = Layout(blocks=((), ("*",), ("*", "*")), spaced=(("*",),))
TEXTS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=20)
VALUES = st.recursive(
    TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=5), st.lists(TEXTS, max_size=3))
def test_a_document_reads_back_as_it_was(document, remarks):
    comments = Comments(top=remarks, above={(key,): remarks for key in document}, end=remarks)
    comments.beside = {(key,): "beside" for key in document}
    assert read(render(document, comments, LAYOUT), "f").value == (document or None)


@given(TEXTS)
def test_other_readers_take_every_scalar_for_text(text):
    for line in (f"key: {scalar(text)}", f"key: [{scalar(text, flow=True)}]"):
        value = yaml.safe_load(line)["key"]
        assert (value if isinstance(value, str) else value[0]) == text


@pytest.mark.parametrize(
    ("text", "block", "flow"),
    [
        ("-y", "-y", "-y"),
        ("npm:@acme/a", "npm:@acme/a", '"npm:@acme/a"'),
        ("1.10", '"1.10"', '"1.10"'),
        ("no", '"no"', '"no"'),
        ("", '""', '""'),
        ("a b", "a b", '"a b"'),
        ("a: b", '"a: b"', '"a: b"'),
        ("2027-01-01", '"2027-01-01"', '"2027-01-01"'),
        ("${home}/x", '"${home}/x"', '"${home}/x"'),
        ("\u202e", '"\\u202e"', '"\\u202e"'),
    ],
)
def test_quotes_stand_where_they_are_needed(text, block, flow):
    assert (scalar(text), scalar(text, flow=True)) == (block, flow)


def test_what_is_too_long_for_a_line_has_a_line_each():
    words = [f"word-{number}" for number in range(20)]
    text = render({"a": {"b": {"c": words, "d": dict.fromkeys(words, "x")}}}, Comments(), LAYOUT)
    assert "      c:\n        - word-0\n" in f"  {text}".replace("\n", "\n  ")
    assert all(len(line) <= WIDTH for line in text.splitlines())
