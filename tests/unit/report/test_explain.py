"""Every word that plans use has an explanation that says what to do."""

from __future__ import annotations

from typing import get_args

import pytest

from mcpconf.errors import McpconfError, ProblemKind
from mcpconf.model.change import ACTIONS
from mcpconf.model.plan import UNKNOWNS
from mcpconf.model.word import Word
from mcpconf.report.explain import FAMILIES, explained
from tests.hints import commands

WORDS = [(family, word) for family, words in FAMILIES.items() for word, item in words.items() if isinstance(item, Word)]


@pytest.mark.parametrize(("family", "word"), WORDS)
def test_a_word_has_a_title_a_sentence_and_a_next_step(family: str, word: str):
    item = FAMILIES[family][word]
    assert isinstance(item, Word)
    assert item.title[0].islower()
    assert not item.title.endswith(".")
    assert item.what.endswith(".")
    assert not item.do.endswith(".")
    assert commands(item.do)


def test_every_action_and_every_kind_of_what_could_not_be_read_is_explained():
    assert tuple(FAMILIES["action of a change"]) == ACTIONS
    of_documents = {"invalid", "not-supported", "missing", "locked", "usage", "write", "hash", "permission", "refused"}
    assert UNKNOWNS.keys() == set(get_args(ProblemKind)) - of_documents


def test_a_word_is_found_in_any_letters_and_in_every_family():
    assert [item.family for item in explained("SHADOWED")] == ["reason of a change", "drift", "held by"]
    assert [item.code for item in explained("mcp101")] == ["MCP101"]
    assert len(explained(None)) == sum(map(len, FAMILIES.values()))


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("mcp2o4", "did you mean `MCP204`?"),
        ("drifed", "did you mean `drifted`?"),
        ("?", "`mcpconf explain` lists them"),
    ],
)
def test_what_is_no_word_is_told_with_a_near_one(word: str, hint: str):
    with pytest.raises(McpconfError) as caught:
        explained(word)
    assert (caught.value.code, caught.value.problems[0].hint) == (64, hint)
