"""One walk over a machine: what each part of it does to the changes of the others."""

from __future__ import annotations

import pytest

from mcpconf.model.address import Address
from mcpconf.model.entry import Entry, Value
from mcpconf.model.state import Revoked, State, Tombstone
from mcpconf.reconcile import reconcile
from mcpconf.reconcile.records import arguments
from mcpconf.reconcile.situation import Absent, Choices, NoRules, Policy, Shadow
from mcpconf.reconcile.table import field_digests
from tests.pieces import ONE, OTHER, PARTS, approval, situation, there, wanted, written

DIGEST = situation().field_digest
ENV = Entry("stdio", ONE.command, ONE.args, {"A": Value.literal("a")})
REMOVE = {"policy": Policy(unmanaged="remove"), "reach": frozenset({("h", ""), ("i", "")})}
BAD = {"absent": (Absent("npm:two", "it leaks", "m"),)}
BY_DEV = {"since": "2026-01-01T00:00", "by": "dev"}


def last(entry=ONE, **more):
    asked = wanted("h/user/x", entry)
    line = arguments(situation(), entry)
    made = written(environment=sorted(entry.env), arguments=line, **more)
    return made.model_copy(update={"fields": field_digests(asked, DIGEST)})


def walked(asked=(), seen=(), state=None, /, **more):
    return reconcile(situation(asked, seen, state, **more))


def told(draft):
    lines = [f"{item.action} {item.reason} {' '.join(item.addresses)}" for item in draft.changes]
    lines += [f"residue {item.address}" for item in draft.residue]
    return lines + [f"left {item.address} {item.reason}".strip() for item in draft.unmanaged if not item.removed]


def revoked(server="x", **more):
    return Revoked(server=server, **BY_DEV, **more)


def test_several_that_are_revoked_all_go_and_no_other():
    seen = [
        there("h/user/a", identity="npm:a"),
        there("h/user/x"),
        there("h/user/y", identity="npm:y"),
        there("i/user/x"),
    ]
    state = State(entries={"h/user/x": last(), "i/user/x": last()}, revoked=[revoked()])
    draft = walked((), seen, state)
    assert told(draft) == [
        "delete revoked_locally h/user/x",
        "delete revoked_locally i/user/x",
        "left h/user/a",
        "left h/user/y",
    ]
    assert draft.records.forget == ["h/user/x", "i/user/x"]
    assert [mark.address for mark in draft.gone] == ["h/user/x", "i/user/x"]
    assert [mark.address for mark in draft.records.tombstones] == ["h/user/x", "i/user/x"]
    first = draft.changes[0]
    assert first.server == "x"
    assert [(item.kind, item.will) for item in draft.drift] == [("revoked_locally", "revert")] * 2


def test_what_is_revoked_and_was_never_ours_is_not_forgotten():
    draft = walked((), [there("h/user/x")], State(revoked=[revoked()]))
    assert (told(draft), draft.records.forget) == (["delete revoked_locally h/user/x"], [])


class Bringing(NoRules):
    """Every entry brings an approval of its own along."""

    def approvals(self, desired):
        return (approval("x:c", desired.address.server, "c", entry=desired.address),)


def test_an_entry_that_would_bring_a_revoked_approval_back_is_held():
    draft = walked([wanted("h/user/x")], (), State(revoked=[revoked(part="auto")]), rules=Bringing())
    assert told(draft) == ["held revoked_locally h/user/x"]
    assert draft.withheld == {"h/user/x"}


class Harming(NoRules):
    """Every deletion leaves too little, and every entry that is written loses."""

    def left_over(self, entries, gone):  # noqa: ARG002
        return (gone,)

    def shadows(self, entries, limited):  # noqa: ARG002
        return {entry.address: Shadow(Address.parse("h/managed/w"), "/w") for entry in entries}


def test_what_would_do_harm_or_nothing_is_held():
    draft = walked(
        [wanted("h/user/y", identity="npm:y")],
        [there("h/user/x")],
        State(entries={"h/user/x": last()}),
        rules=Harming(),
    )
    assert {(item.address, item.action, item.hold and item.hold.by) for item in draft.changes} == {
        ("h/user/x", "held", "partial-entry"),
        ("h/user/y", "held", "shadowed"),
    }


def test_what_one_may_not_delete_is_gone_where_another_does():
    seen = [there("h/user/x"), there("i/user/x", write=False)]
    state = State(entries={"h/user/x": last(), "i/user/x": last()})
    assert told(walked((), seen, state)) == ["delete revoked h/user/x"]
    apart = [seen[0], there("i/user/x", path="/g", write=False)]
    assert told(walked((), apart, state)) == ["delete revoked h/user/x", "residue i/user/x"]


def test_a_stray_at_a_place_that_is_emptied_is_no_stray():
    seen = [there("h/user/x"), there("i/user/x")]
    assert told(walked((), seen, State(entries={"h/user/x": last()}))) == ["delete revoked h/user/x"]
    apart = [seen[0], there("i/user/x", path="/g", entry=OTHER, identity="npm:two")]
    assert told(walked((), apart, State(entries={"h/user/x": last()}))) == ["delete revoked h/user/x", "left i/user/x"]


def test_what_left_the_manifest_is_taken_away_elsewhere_too_and_listed_once():
    mark = Tombstone(address="h/user/x", identity="npm:one", arguments=arguments(situation(), ONE))
    seen = [there("i/user/y"), there("i/user/z", identity="npm:z")]
    draft = walked((), seen, State(tombstones=[mark]))
    assert told(draft) == ["delete revoked_elsewhere i/user/y", "left i/user/z"]


def test_what_policy_removes_is_removed():
    assert told(walked((), [there("h/user/x")], **REMOVE)) == ["delete unmanaged h/user/x"]


WAS = {"was": {"new": ("x",)}}
NEW = wanted("h/user/new", server="new", parts=PARTS)


def test_an_entry_is_found_by_the_name_that_its_server_had():
    draft = walked([NEW], [there("h/user/x")], State(entries={"h/user/x": last()}), **WAS)
    (made,) = draft.changes
    assert (made.action, made.reason, made.address, made.previous_address) == (
        "update",
        "renamed",
        "h/user/new",
        "h/user/x",
    )
    assert draft.renamed == {Address.parse("h/user/x"): Address.parse("h/user/new")}
    assert (draft.records.forget, [*draft.records.entries]) == (["h/user/x"], ["h/user/new"])
    assert (draft.unmanaged, draft.gone, draft.records.tombstones) == ([], [], [])


def test_an_entry_of_an_earlier_name_is_wanted_where_it_lies():
    lying = there("h/user/x", ENV, path="/g")
    draft = walked([NEW], [lying], State(entries={"h/user/x": last()}), **WAS)
    (made,) = draft.changes
    assert (made.file, made.reason) == ("/g", "renamed")
    assert draft.records.entries["h/user/new"].file == "/g"
    assert [item.kind for item in draft.drift] == ["drift_added_key"]


@pytest.mark.parametrize(("answer", "kept"), [(None, False), ("overwrite", False), ("keep", True)])
def test_an_entry_of_each_name_is_for_a_person_to_settle(answer, kept):
    seen = [there("h/user/x"), there("h/user/new", ENV)]
    draft = walked([NEW], seen, State(entries={"h/user/x": last()}), choices=Choices(on_conflict=answer), **WAS)
    made = draft.kept if kept else draft.changes
    assert [(item.action, item.reason, item.previous_address) for item in made] == [
        ("conflict", "both_names", "h/user/x")
    ]
    assert draft.kept == (made if kept else [])
    assert draft.records.entries == {}


def test_what_is_forbidden_by_an_earlier_name_is_no_entry_of_the_server():
    bad = there("h/user/x", OTHER, identity="npm:two")
    state = State(entries={"h/user/x": last(identity="npm:two")})
    draft = walked([NEW], [bad], state, **BAD, **WAS)
    assert told(draft) == ["delete must_be_absent h/user/x", "create new h/user/new"]
    assert draft.renamed == {}
    taken = there("h/user/new", OTHER, identity="npm:two")
    draft = walked([NEW], [taken, there("h/user/x")], State(entries={"h/user/x": last()}), **BAD, **WAS)
    assert told(draft) == ["replace must_be_absent h/user/new", "delete revoked h/user/x"]


def test_the_place_of_what_is_forbidden_is_drift_where_it_was_ours():
    bad = there("h/user/x", OTHER, identity="npm:two")
    draft = walked([wanted("h/user/x")], [bad], State(entries={"h/user/x": last()}), **BAD)
    assert [(item.kind, item.pointer, item.will) for item in draft.drift] == [("drift_edit", "launch", "revert")]
    assert walked([wanted("h/user/x")], [bad], **BAD).drift == []


def test_what_is_forbidden_at_a_place_that_is_wanted_for_another_host():
    shared = there("i/user/x", OTHER, identity="npm:two")
    draft = walked([wanted("h/user/x")], [there("h/user/x", OTHER, identity="npm:two"), shared], **BAD)
    assert told(draft) == ["replace must_be_absent h/user/x"]
