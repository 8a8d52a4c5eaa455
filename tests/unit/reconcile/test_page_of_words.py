"""What the manual's page of words says of the words that plans use."""

from __future__ import annotations

from pathlib import Path

import pytest

import mcpconf
from mcpconf.reconcile.drift import KINDS, drift
from mcpconf.reconcile.holds import HOLDS
from mcpconf.reconcile.reasons import REASONS

PAGE = (Path(mcpconf.__file__).parent / "docs" / "words.md").read_text()


@pytest.mark.parametrize(("heading", "words"), [("Reason of a change", REASONS), ("Drift", KINDS), ("Held by", HOLDS)])
def test_the_page_has_a_row_for_each(heading, words):
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert rows == [f"| `{word}` | {item.title}. {item.what} | {item.do} |" for word, item in words.items()]
    assert [drift(word, "h/user/x", "m").kind for word in words] == [*words]
