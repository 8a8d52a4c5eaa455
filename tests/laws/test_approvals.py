"""Approving: what was approved never blocks, and whatever differs in one item does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mcpconf.documents.approvals import load_approvals, render_approvals
from mcpconf.model.approvals import Approval, Approvals
from mcpconf.model.surface import Surface
from mcpconf.surface.approval import unapproved
from tests.surfaces import surface

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
VALUES = st.fixed_dictionaries({"description": st.text(st.characters(exclude_categories=["Cs"]), max_size=20)})
ITEMS = st.dictionaries(NAMES, VALUES, max_size=4)
SURFACES = st.builds(surface, st.sampled_from(["", "Say please."]), ITEMS, tools=ITEMS, prompts=ITEMS, templates=ITEMS)


def approved(shown: Surface) -> Approval:
    given_now = Approval(
        identity="npm:a", surface=shown.digest, items=shown.named(), by="a@example.org", on="2026-11-20"
    )
    written = render_approvals(Approvals(servers={"a": [given_now]}))
    last = load_approvals(written, "mcpconf.approvals").last("a", "npm:a")
    assert last == given_now
    return last


@given(SURFACES)
def test_what_was_approved_is_approved(shown: Surface):
    assert unapproved(shown, approved(shown)) is None


@given(SURFACES, SURFACES)
def test_whatever_differs_is_named_and_nothing_else(before: Surface, after: Surface):
    found = unapproved(after, approved(before))
    one, other = before.named(), after.named()
    assert (found is None) == (one == other)
    if found is not None:
        assert {*found.added} == other.keys() - one.keys()
        assert {*found.removed} == one.keys() - other.keys()
        assert {*found.changed} == {name for name in one.keys() & other.keys() if one[name] != other[name]}


@given(SURFACES)
def test_an_approval_of_something_else_does_not_count(shown: Surface):
    assert Approvals(servers={"a": [approved(shown)]}).last("a", "npm:b") is None
    assert unapproved(shown, None) is not None
