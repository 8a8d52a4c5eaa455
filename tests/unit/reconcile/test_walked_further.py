"""What a walk over all addresses makes of single entries that are wanted, kept or ignored."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcpconf.errors import Problem
from mcpconf.model.address import Address
from mcpconf.model.desired import Edit
from mcpconf.model.entry import Entry, Value
from mcpconf.model.finding import Finding
from mcpconf.model.observed import Observed, ObservedFile
from mcpconf.model.state import Pinned, State, Tombstone
from mcpconf.reconcile import reconcile
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.ignoring import Ignoring
from mcpconf.reconcile.leaving import leaving
from mcpconf.reconcile.situate import Memory
from mcpconf.reconcile.situation import Ignored, NoRules, Policy, Released
from mcpconf.reconcile.table import field_digests
from mcpconf.system.facts import rooted_machine
from tests.made_up import row
from tests.pieces import ONE, OTHER, PARTS, location, situation, there, wanted
from tests.unit.reconcile.test_walked import DIGEST, ENV, WAS, last, revoked, told, walked
from tests.world import World


def test_a_file_that_was_not_read_keeps_what_was_written_there():
    file = ObservedFile(location(Address("h", "user", "", "")), Problem("malformed", "m"))
    draft = walked((), (), State(entries={"h/user/x": last()}), observed={"files": (file,)})
    assert (told(draft), draft.records.forget) == ([], [])
    moved = there("h/user/x", path="/g")
    draft = walked((), [moved], State(entries={"h/user/x": last()}), observed={"files": (file, moved.file)})
    assert told(draft) == ["delete revoked h/user/x"]
    asked = walked([wanted("h/user/x"), wanted("h/user/y", path="/g")], (), observed={"files": (file, moved.file)})
    assert told(asked) == ["unknown unreadable h/user/x", "create new h/user/y"]


def test_a_field_that_is_ignored_is_remembered_as_the_manifest_says():
    ignored = (Ignored("h/user/x", "env", "theirs", "2030-01-01"),)
    draft = walked([wanted("h/user/x")], [there("h/user/x", ENV)], ignored=ignored)
    assert told(draft) == []
    assert draft.records.entries["h/user/x"].fields == field_digests(wanted("h/user/x"), DIGEST)
    assert draft.ignored == [(ignored[0], "h/user/x")]


@pytest.mark.parametrize(("field", "identity"), [("env", "npm:one"), ("launch", "npm:two"), ("url", "npm:two")])
def test_what_is_not_compared_makes_no_other_server_of_it(field, identity):
    ignored = (Ignored("h/user/x", field, "theirs", "2030-01-01"),)
    url = Value.literal("https://example.org")
    seen = there("h/user/x", replace(OTHER, env=ENV.env, url=url), identity="npm:two")
    asked = wanted("h/user/x")
    found = Ignoring(ignored, Draft()).as_found(asked, seen)
    assert found.identity == identity
    let_be = {"env": {"env": ENV.env}, "launch": {"args": OTHER.args}, "url": {"url": url}}
    assert found.entry == replace(ONE, **let_be[field])
    (made,) = walked([asked], [seen], ignored=ignored).changes
    assert made.reason == ("name_taken" if field == "env" else "not_ours")


def test_a_way_back_has_words_of_its_own():
    reasons = {"new": "rolled_back", "manifest_changed": "rolled_back", "revoked": "rolled_back"}
    state = State(entries={"h/user/x": last(ENV), "h/user/z": last()})
    seen = [there("h/user/x", ENV), there("h/user/z")]
    draft = walked([wanted("h/user/x"), wanted("h/user/y")], seen, state, reasons=reasons)
    assert told(draft) == ["update rolled_back h/user/x", "create rolled_back h/user/y", "delete rolled_back h/user/z"]
    assert [(item.name, item.reason) for item in draft.changes[0].fields] == [("env", "rolled_back")]
    drifted = walked([wanted("h/user/x")], seen[:1], State(entries={"h/user/x": last()}), reasons=reasons)
    assert told(drifted) == ["update drifted h/user/x"]


def test_a_machine_that_mcpconf_leaves(tmp_path):
    machine = rooted_machine(str(World(tmp_path).root))
    state = State(
        entries={"h/user/x": last(), "h/user/found": last(found=True)},
        tombstones=[Tombstone(address="h/user/gone", identity="npm:gone")],
        revoked=[revoked("x"), revoked("y")],
        pinned=Pinned(generation=1),
    )
    rows = {"h": row("h", 'file.own = { path = "{home}/f.json", write = true }')}
    seen = Observed(entries=(there("h/user/x"), there("h/user/z", identity="npm:z")), files=(there("h/user/x").file,))
    whole = leaving(machine, rows, seen, Memory(state, b"k" * 32, (Problem("stale", "m"),)))
    assert (whole.desired.entries, whole.purpose, whole.command) == ((), "destroy", ("destroy",))
    assert (whole.policy, whole.warnings) == (Policy(unmanaged="keep", grants="keep"), (Problem("stale", "m"),))
    assert (whole.state.revoked, whole.state.pinned, [*whole.state.entries]) == ([], None, ["h/user/x"])
    assert (whole.asked, whole.staying) == ({"npm:one", "npm:gone"}, {("h", "found")})
    assert (whole.home, whole.os, whole.key) == ("/home/dev", "linux", b"k" * 32)
    assert told(reconcile(replace(whole, rules=NoRules()))) == ["delete destroyed h/user/x", "left h/user/z"]


def test_an_address_that_is_ignored_is_noted_only_where_something_would_be_done():
    ignored = (Ignored("h/user/x", "", "theirs", "2030-01-01"),)
    same = walked([wanted("h/user/x")], [there("h/user/x")], ignored=ignored)
    assert (told(same), same.ignored, same.records.entries) == ([], [], {})
    other = walked([wanted("h/user/x")], [there("h/user/x", ENV)], ignored=ignored)
    assert (told(other), other.ignored) == ([], [(ignored[0], "h/user/x")])


def test_a_server_that_the_user_switched_off_is_told_and_respected():
    off = there("h/user/x", replace(ONE, enabled=False))
    draft = walked([wanted("h/user/x")], [off], State(entries={"h/user/x": last()}))
    assert (told(draft), [(item.kind, item.counted) for item in draft.drift]) == ([], [("disabled_by_user", False)])
    assert [(item.address, item.severity, item.will) for item in draft.drift] == [("h/user/x", "low", "nothing")]
    asked = wanted(
        "h/user/x", replace(ONE, enabled=True), stated=frozenset({"enabled"}), parts={**PARTS, "enabled": ()}
    )
    assert [item.kind for item in walked([asked], [off]).drift] == []
    on = there("h/user/x", replace(ONE, enabled=True))
    assert walked([wanted("h/user/x")], [on], State(entries={"h/user/x": last()})).drift == []


def test_what_is_as_it_should_be_is_recorded_only_where_the_state_has_to_learn():
    seen = [there("h/user/x")]
    known = last()
    assert walked([wanted("h/user/x")], seen, State(entries={"h/user/x": known})).records.entries == {}
    moved = known.model_copy(update={"server": "before"})
    assert [*walked([wanted("h/user/x")], seen, State(entries={"h/user/x": moved})).records.entries] == ["h/user/x"]
    by_hand = last(ENV)
    draft = walked([wanted("h/user/x")], seen, State(entries={"h/user/x": by_hand}))
    assert (draft.converged, [*draft.records.entries], [*draft.records.owned]) == (1, ["h/user/x"], ["h/user/x"])
    draft = walked([wanted("h/user/x")], seen)
    assert (draft.converged, draft.records.entries["h/user/x"].found) == (0, True)


def test_without_a_key_nothing_is_remembered():
    draft = walked([wanted("h/user/x")], (), key=None)
    assert (told(draft), draft.records.entries, draft.records.owned) == (["create new h/user/x"], {}, {})


def test_what_another_host_was_given_at_the_same_place_is_known():
    state = State(entries={"i/user/x": last()})
    draft = walked([wanted("h/user/x")], [there("h/user/x", ENV), there("i/user/x", ENV)], state)
    assert told(draft) == ["update drifted h/user/x"]
    assert draft.records.forget == ["i/user/x"]


def test_what_is_wanted_at_the_place_for_another_host_is_no_stray():
    draft = walked([wanted("h/user/x")], [there("h/user/x"), there("i/user/x")])
    assert (told(draft), draft.unmanaged) == ([], [])


SECRET = "ghp_q7Zr2LxW9vBn4KtY6mHs1JdP8cFg3RaEoUiT"


def test_a_secret_that_stands_in_clear_elsewhere_is_known():
    plain = Entry("stdio", ONE.command, ONE.args, {"PLACE": Value.literal(SECRET)})
    known = Entry("stdio", ONE.command, ONE.args, {"API_TOKEN": Value.literal(SECRET)})
    ours = wanted(
        "h/user/x", Entry("stdio", ONE.command, ONE.args, {"PLACE": Value.parse("${env:PLACE}")}), parts=PARTS
    )
    seen = [there("h/user/x", plain), there("h/user/y", known, identity="npm:two")]
    assert told(walked([ours], seen))[0] == "update not_ours h/user/x"
    clear = Entry("stdio", ONE.command, ONE.args, {"PLACE": Value.literal("somewhere")})
    assert told(walked([ours], [there("h/user/x", clear)])) == ["conflict not_ours h/user/x"]


def test_drift_of_what_is_kept_does_not_count():
    both = there("h/user/x", Entry("stdio", ONE.command, ONE.args, {"A": Value.literal("b")}))
    state = State(entries={"h/user/x": last(ENV)})
    for policy, counted in ("keep", False), ("fail", True):
        draft = walked([wanted("h/user/x")], [both], state, policy=Policy(both_changed=policy))
        assert [(item.kind, item.will, item.counted) for item in draft.drift] == [("conflict", "nothing", counted)]
        assert (len(draft.kept), len(draft.changes)) == ((0, 1) if counted else (1, 0))


def test_what_was_given_back_or_is_something_else_is_left():
    entry = there("h/user/x")
    state = State(entries={"h/user/x": last()}, baseline=[])
    draft = walked((), [entry], state, released=(Released("x", ("h",)),))
    assert (told(draft), draft.records.forget, draft.gone) == (["left h/user/x released"], ["h/user/x"], [])
    other = there("h/user/x", OTHER, identity="npm:two")
    draft = walked((), [other], state)
    assert told(draft) == ["left h/user/x name_reused"]
    assert [mark.address for mark in draft.gone] == ["h/user/x"]


def test_what_was_revoked_and_changed_by_hand_is_drift():
    draft = walked((), [there("h/user/x", ENV)], State(entries={"h/user/x": last()}))
    assert told(draft) == ["delete revoked_and_changed h/user/x"]
    assert [(item.kind, item.address) for item in draft.drift] == [("drift_edit", "h/user/x")]


def test_a_server_that_cannot_be_asked_for_stays_by_each_name_it_had():
    finding = Finding(rule="R", severity="error", subject="desired", address="h/user/new", message="m")
    for name in "new", "x":
        state = State(entries={f"h/user/{name}": last()})
        whole = situation((), [there(f"h/user/{name}")], state, **WAS)
        whole = replace(whole, desired=replace(whole.desired, findings=(finding,)))
        assert told(reconcile(whole)) == []


def test_a_project_file_that_git_tracks_keeps_what_was_ours():
    ours = there("h/project:~/p/x", path="/p")
    state = State(entries={"h/project:~/p/x": last()})
    draft = walked((), [ours], state, tracked=lambda _path: True)
    assert told(draft) == ["residue h/project:~/p/x"]
    draft = walked(
        [wanted("h/project:~/p/x", path="/p")], [there("h/project:~/p/x", ENV, path="/p")], tracked=lambda _path: True
    )
    assert (told(draft), draft.tracked["h/project:~/p/x"].action) == ([], "update")
    draft = walked([wanted("h/project:~/p/x", path="/p")], (), tracked=lambda _path: True)
    assert draft.tracked["h/project:~/p/x"].action == "create"


def test_a_new_project_file_is_marked_where_git_does_not_ignore_it():
    asked = [wanted("h/project:~/p/x", path="/p"), wanted("h/user/y", path="/u")]
    files = tuple(ObservedFile(entry.location, present=False) for entry in asked)
    draft = walked(asked, (), observed={"files": files}, passed_over=lambda _path: False)
    assert {item.address: item.not_ignored for item in draft.changes} == {"h/project:~/p/x": True, "h/user/y": False}


def test_what_must_be_declared_goes_along_with_a_change():
    asked = wanted("h/user/x", declares=(Edit(("inputs",), [1]),), parts=PARTS)
    (made,) = walked([asked], [there("h/user/x", ENV)], State(entries={"h/user/x": last()})).changes
    assert [edit.at for edit in made.edits] == [["s", "x", "env"], ["inputs"]]
