"""Laws of reading the YAML in front of a Markdown text."""

from contextlib import suppress

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mcpconf.formats import BYTE_ORDER_MARK, FORMATS, FormatError
from mcpconf.hosts.patterns import Found, find, words
from mcpconf.model.base import ABSENT, Element

MARKDOWN, YAML = FORMATS["markdown"], FORMATS["yaml"]
TEXTS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=12)
WORDS = st.text("abz_-*()", min_size=1, max_size=8)
NAMES = st.text("abz-_", min_size=1, max_size=6)
MAPS = st.dictionaries(NAMES, TEXTS | st.lists(TEXTS, max_size=3), min_size=1, max_size=4)
BODIES = st.text(st.sampled_from("ab: -\n[#"), max_size=30)


@given(MAPS, BODIES, st.sampled_from(["", BYTE_ORDER_MARK]), st.sampled_from(["\n", "\r\n"]))
def test_it_is_read_like_the_yaml_that_it_is_whatever_stands_behind_it(value, body, mark, end):
    head = yaml.safe_dump(value, allow_unicode=True).replace("\n", end)
    text = f"{mark}---{end}{head}---{end}{body}"
    assert MARKDOWN.parse(text).value == YAML.parse(head).value
    for key in value:
        line, column = YAML.position(head, (key,))
        assert MARKDOWN.position(text, (key,)) == (line + 1, column)


@given(
    st.sampled_from(["description", "name", "when_to_use"]),
    TEXTS.filter(lambda text: text.strip() == text != "" and text[0] not in "'\"|>#"),
)
def test_a_plain_text_that_yaml_refuses_is_taken_for_what_it_looks_like(key, text):
    found = MARKDOWN.parse(f"---\n{key}: {text}: [\ntools: a, b\n---\n").value
    assert found["tools"] == "a, b"
    assert found[key] == f"{text}: ["


@given(st.text(max_size=60), st.booleans())
def test_no_text_is_too_odd_to_be_refused(text, fenced):
    text = f"---\n{text}\n---\n" if fenced else text
    with suppress(FormatError):
        assert isinstance(MARKDOWN.parse(text).value, dict)


@given(BODIES.filter(lambda text: not text.startswith("---")))
def test_a_text_without_it_says_nothing(body):
    assert MARKDOWN.parse(body).value == MARKDOWN.parse(f"---\n{body.replace('-', '')}").value == {}


def test_it_is_never_written():
    for edit in (lambda: MARKDOWN.put("---\na: b\n---\n", ("a",), ABSENT), lambda: MARKDOWN.rename("", ("a",), "b")):
        with pytest.raises(FormatError):
            edit()


@given(st.lists(WORDS.filter(lambda word: list(words(word)) == [word]), max_size=5), st.sampled_from([",", " ", ", "]))
def test_a_text_with_commas_is_a_list_of_its_words(items, between):
    as_text = [found.bindings["x"] for found in find((("[,{x}]",),), between.join(items)) if isinstance(found, Found)]
    assert as_text == list(dict.fromkeys(items))
    as_list = [found.bindings["x"] for found in find((("[,{x}]",),), items) if isinstance(found, Found)]
    assert as_list == as_text


def test_what_stands_in_brackets_is_one_word():
    assert [*words("Bash(git add, x (y) z), b  c(")] == ["Bash(git add, x (y) z)", "b"]


@given(st.lists(st.dictionaries(st.sampled_from("ab"), st.integers(), max_size=2), max_size=4))
def test_a_map_in_a_list_is_found_by_the_name_of_each_of_its_keys(items):
    found = [(item.path, item.value) for item in find((("[*={x}]",), ("{x}",)), items) if isinstance(item, Found)]
    assert sorted(value for _, value in found) == sorted(value for item in items for value in item.values())
    assert all(path[0] == Element(path[1], "*") for path, _ in found)
