"""Laws of giving a key another name: it keeps its place, every other byte stays, and the old name brings the bytes back."""

from __future__ import annotations

import re
from itertools import takewhile

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mcpconf.canonical import same
from mcpconf.formats import FORMATS, FormatError
from mcpconf.formats.path import after_rename
from mcpconf.formats.yaml_scalars import needs_quotes
from tests.laws import test_formats_json, test_formats_toml, test_formats_yaml

NAMES = st.one_of(
    st.sampled_from(["new", "my-files", "1", "no", "a b", "x.y", "é", "", "'", '"', "\\", "#", "a: b", "~", "\t"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
)
LONGEST_KEY = 30


def keys(value, path=()):
    """Paths that end in a key and lead through maps alone."""
    for key, item in value.items() if isinstance(value, dict) else ():
        yield (*path, key)
        yield from keys(item, (*path, key))


def shared(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def check(name: str, text: str, new: str, data, *, places: int = 1) -> None:
    form = FORMATS[name]
    value = form.parse(text).value
    found = list(keys(value))
    assume(found)
    path = data.draw(st.sampled_from(found))
    held = value
    for step in path[:-1]:
        held = held[step]
    assume(new not in held)
    try:
        after = form.rename(text, path, new)
    except FormatError as error:
        assume(error.line is None)
        raise
    assert same(form.parse(after).value, after_rename(value, path, new))
    back = form.rename(after, (*path[:-1], new), path[-1])
    assert same(form.parse(back).value, value)
    if re.fullmatch(r"[a-z0-9-]+", path[-1]) and not needs_quotes(path[-1], flow=True):
        assert back == text
    if places == 1:
        head = shared(text, after)
        tail = shared(text[head:][::-1], after[head:][::-1])
        changed = text[head : len(text) - tail]
        assert "\n" not in changed
        assert len(changed) <= LONGEST_KEY


@settings(max_examples=150)
@given(test_formats_json.pages(), NAMES, st.data())
def test_json(page, new, data) -> None:
    check(page.dialect, page.text, new, data)


@settings(max_examples=150)
@given(test_formats_toml.DOCUMENTS, NAMES, st.data())
def test_toml(text, new, data) -> None:
    check("toml", text, new, data, places=99)


@settings(max_examples=150)
@given(test_formats_yaml.documents(), NAMES, st.data())
def test_yaml(written, new, data) -> None:
    check("yaml", written[0], new, data)
