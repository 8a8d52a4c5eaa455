"""What one change holds: the value that must still be there, what goes along, where it stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcpconf.canonical import digest, keyed
from mcpconf.errors import Problem, Where
from mcpconf.model.base import Element
from mcpconf.model.change import EditStep, Hold
from mcpconf.model.desired import Edit
from mcpconf.model.entry import Entry, Value
from mcpconf.model.observed import ObservedFile
from mcpconf.model.state import State
from mcpconf.reconcile.changes import Builder, held
from mcpconf.reconcile.table import Verdict
from tests.pieces import KEY, ONE, OTHER, location, situation, there, wanted, written

RAW = {"command": "npx"}
CLEAR = Entry("stdio", Value.literal("npx"), env={"A": Value.literal("some")})
REFERRING = Entry("stdio", Value.literal("npx"), env={"A": Value.parse("${secret:TOKEN}")})
DECLARED = [["inputs", EditStep(element="TOKEN", key="id")]]
TEXT = '{\n "s": {\n  "x": {}}}'


@pytest.mark.parametrize(
    ("entry", "literals", "more", "plain"),
    [
        (ONE, (), {}, True),
        (CLEAR, (), {}, False),
        (CLEAR, ("some",), {}, True),
        (REFERRING, (), {}, True),
        (ONE, (), {"foreign": ("theirs",)}, False),
        (ONE, (), {"problem": Problem("malformed", "m")}, False),
    ],
)
def test_a_value_that_may_hold_a_secret_has_no_plain_digest(entry, literals, more, plain):
    found = there("h/user/x", entry, raw=RAW, **more)
    texts = {
        key: Builder(situation((), [found], literals=frozenset(literals), key=key)).delete(found, "revoked")
        for key in (KEY, None)
    }
    values = [item.precondition and item.precondition.value for item in texts.values()]
    assert values == ([digest(RAW)] * 2 if plain else [keyed(KEY, RAW), None])


def test_a_deletion_says_what_goes_and_where_from():
    file = ObservedFile(
        location(there("h/user/x").address),
        present=True,
        resolved="/real",
        mode=0o600,
        owner=7,
        containers=(("s",),),
        text=TEXT,
    )
    found = there("h/user/x", CLEAR, file=file, foreign=("theirs",))
    made = Builder(situation((), [found], literals=frozenset({"some"}))).delete(found, "revoked", written("srv"))
    assert (made.address, made.server, made.host, made.action, made.actions) == (
        "h/user/x",
        "srv",
        "h",
        "delete",
        ["delete"],
    )
    assert (made.reason, made.phase, made.restart) == ("revoked", 1, "h")
    assert (made.file, made.format, made.key_path, made.line, made.foreign) == ("/f", "json", ["s", "x"], 3, ["theirs"])
    assert made.before == {"transport": "stdio", "launch": ["npx"], "env": {"A": "some"}}
    assert made.precondition is not None
    known = made.precondition
    assert (known.container, known.resolved, known.owner, known.mode) == ("map", "/real", 7, 0o600)
    assert {item.direction for item in made.privilege} == {"narrower"}
    assert [(edit.at, edit.absent, edit.when_empty) for edit in made.edits] == [(["s", "x"], True, False)]
    assert Builder(situation((), [found])).delete(found, "unmanaged").server == "x"


def test_a_container_that_was_made_for_an_entry_goes_once_it_is_empty():
    found = there("h/user/x")
    made = Builder(situation((), [found])).delete(found, "revoked", written(created_container=True))
    assert [(edit.at, edit.absent, edit.when_empty) for edit in made.edits] == [
        (["s", "x"], True, False),
        (["s"], True, True),
    ]
    assert made.precondition is not None
    assert made.precondition.container == "absent"


@pytest.mark.parametrize(
    ("second", "asked", "state", "goes"),
    [
        (None, (), {}, True),
        (there("h/user/y", REFERRING), (), {}, False),
        (there("h/user/y", REFERRING, path="/other"), (), {}, True),
        (there("h/user/y", ONE), (), {}, True),
        (there("h/user/y", REFERRING), (), {"h/user/y": written()}, True),
        (None, (wanted("h/user/y", REFERRING),), {"h/user/y": written()}, False),
    ],
)
def test_a_declaration_goes_unless_something_that_stays_needs_it(second, asked, state, goes):
    found = there("h/user/x", REFERRING)
    seen = [found, *([second] if second else [])]
    builder = Builder(situation(asked, seen, State(entries=state)))
    made = builder.delete(found, "revoked", written(declared=DECLARED))
    assert [edit.at for edit in made.edits[1:]] == (DECLARED if goes else [])


def test_what_is_shown_of_an_entry_without_effect():
    file = ObservedFile(location(there("h/user/x").address), present=True, text=TEXT)
    found = there("h/user/x", file=file)
    ours = wanted("h/user/x", server="srv")
    hold = Hold(by="shadowed", message="m")
    made = Builder(situation([ours], [found])).shadowed(ours, found, hold)
    assert (made.action, made.reason, made.hold, made.edits, made.line) == ("held", "shadowed", hold, [], 3)
    assert (made.server, made.file, made.format, made.key_path) == ("srv", "/f", "json", ["s", "x"])


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        ("not_ours", "{overwrite} writes the manifest's entry"),
        ("both_changed", "put the change into the manifest, or {overwrite}"),
        ("name_taken", "rename the other server, give ours a name with `servers.srv.hosts.h.name`, or {overwrite}"),
    ],
)
def test_a_conflict_says_how_to_decide_it(reason, hint):
    found, ours = there("h/user/x", OTHER), wanted("h/user/x", server="srv")
    made = Builder(situation([ours], [found])).conflict(ours, found, Verdict("conflict", reason, (("launch", reason),)))
    overwrite = "`mcpconf apply --on-conflict overwrite --target h/user/x`"
    assert made.hint == hint.format(overwrite=overwrite)
    assert (made.action, made.actions, made.reason, made.edits) == ("conflict", ["no-op"], reason, [])
    assert [(item.name, item.reason) for item in made.fields] == [("launch", reason)]
    assert made.before != made.after


def test_a_new_entry_is_put_whole_and_its_file_said_to_be_new():
    ours = wanted("h/user/x")
    for present in (True, False):
        state = situation([ours], observed={"files": (ObservedFile(ours.location, present=present),)})
        made = Builder(state).create(ours, "new")
        assert made.new_file is not present
        assert [(edit.at, edit.value) for edit in made.edits] == [(["s", "x"], {"command": "npx"})]
        assert made.precondition is not None
        assert (made.precondition.value, made.precondition.container) == ("absent", "absent")
        assert (made.before, made.after, made.phase) == (None, {"transport": "stdio", "launch": ["npx", "one@1"]}, 2)
        assert ({item.direction for item in made.privilege}, made.where) == ({"wider"}, "")


def test_another_thing_under_the_name_is_a_replacement():
    ours, verdict = wanted("h/user/x"), Verdict("update", "drifted", (("launch", "drifted"),))
    cases = {
        "update": there("h/user/x", OTHER),
        "replace": there("h/user/x", OTHER, identity="npm:two"),
    }
    for action, found in cases.items():
        made = Builder(situation([ours], [found])).update(ours, found, verdict)
        assert (made.action, made.phase) == (action, 1)
    found = there("h/user/x", replace(ONE, transport="http"))
    assert Builder(situation([ours], [found])).update(ours, found, verdict).action == "replace"


def test_only_secrets_that_are_not_set_are_missed():
    ours, found = wanted("h/user/x", REFERRING), there("h/user/x", CLEAR)
    for reason, environment, missing in [
        ("manifest_changed", (), ["TOKEN"]),
        ("manifest_changed", ("TOKEN",), []),
        ("drifted", (), []),
    ]:
        builder = Builder(situation([ours], [found], environment=frozenset(environment)))
        assert builder.unset(ours, found, Verdict("update", reason, (("env", reason),))) == missing


UPDATED = Entry("stdio", Value.literal("npx"), (Value.literal("one@2"),), {"A": Value.parse("${env:TOKEN}")}, timeout=9)
SEEN = Entry("stdio", Value.literal("npx"), (Value.literal("one@2"),), {"A": Value.literal("some")}, timeout=60)


def test_an_update_says_what_was_what_will_be_and_why():
    file = ObservedFile(location(there("h/user/x").address), present=True, text=TEXT, containers=(("s",),), owner=7)
    ours = wanted("h/user/x", UPDATED, server="srv", where=Where("m", 4))
    found = there("h/user/x", SEEN, file=file)
    verdict = Verdict("update", "drifted", (("env", "drifted"), ("launch", "manifest_changed")))
    made = Builder(situation([ours], [found], literals=frozenset({"some"}))).update(ours, found, verdict)
    assert (made.address, made.server, made.host, made.action, made.reason) == (
        "h/user/x",
        "srv",
        "h",
        "update",
        "drifted",
    )
    assert (made.file, made.format, made.key_path, made.where) == ("/f", "json", ["s", "x"], "m:4")
    assert (made.line, made.phase, made.moved_secrets, made.restart) == (3, 2, ["TOKEN"], "h")
    assert made.before == {"transport": "stdio", "launch": ["npx", "one@2"], "env": {"A": "some"}, "timeout": 60}
    assert made.after == {"transport": "stdio", "launch": ["npx", "one@2"], "env": {"A": "${env:TOKEN}"}, "timeout": 9}
    assert [(item.name, item.before, item.after, item.reason) for item in made.fields] == [
        ("env", {"A": "some"}, {"A": "${env:TOKEN}"}, "drifted"),
        ("launch", ["npx", "one@2"], ["npx", "one@2"], "manifest_changed"),
    ]
    assert [(edit.at, edit.value) for edit in made.edits] == [
        (["s", "x", "env"], {}),
        (["s", "x", "command"], "npx"),
        (["s", "x", "args"], ["one@1"]),
    ]
    assert made.precondition is not None
    assert (made.precondition.value, made.precondition.container) == (digest(found.raw), "map")
    assert (made.hint, made.foreign, made.hold) == ("", [], None)


def test_what_the_manifest_does_not_state_widens_nothing():
    loud = replace(SEEN, auto=("push",))
    ours = wanted("h/user/x", replace(SEEN, env={}))
    verdict = Verdict("update", "drifted", (("env", "drifted"),))
    for raw, gains in ({"command": "npx"}, False), ("npx", True):
        found = there("h/user/x", loud, raw=raw)
        made = Builder(situation([ours], [found])).update(ours, found, verdict)
        assert any("push" in item.text for item in made.privilege) is gains
    (narrower,) = {item.direction for item in made.privilege}
    assert narrower == "narrower"


def test_a_stated_field_is_as_the_manifest_says():
    loud = replace(SEEN, auto=("push",))
    ours = wanted("h/user/x", replace(SEEN, auto=()), stated=frozenset({"auto"}))
    found = there("h/user/x", loud)
    made = Builder(situation([ours], [found])).update(ours, found, Verdict("update", "drifted", ()))
    assert any("push" in item.text for item in made.privilege)


def test_what_takes_the_place_of_something_forbidden_is_written_whole():
    declares = (Edit(("inputs",), [1]),)
    ours = wanted("h/user/x", UPDATED, declares=declares)
    found = there("h/user/x", OTHER, identity="npm:two", foreign=("theirs",))
    made = Builder(situation([ours], [found])).displace(ours, found, "must_be_absent")
    assert (made.action, made.reason, made.phase, made.foreign) == ("replace", "must_be_absent", 1, ["theirs"])
    assert [(edit.at, edit.value) for edit in made.edits] == [(["s", "x"], {"command": "npx"}), (["inputs"], [1])]
    assert {item.reason for item in made.fields} == {"must_be_absent"}
    assert {item.name for item in made.fields} == {"launch", "env"}
    loud = replace(found, entry=replace(OTHER, auto=("push",)))
    builder = Builder(situation([ours], [loud]))
    assert any("push" in item.text for item in builder.displace(ours, loud, "must_be_absent").privilege)
    verdict = Verdict("update", "drifted", (("launch", "drifted"),))
    assert not any("push" in item.text for item in builder.update(ours, loud, verdict).privilege)


@pytest.mark.parametrize(
    ("text", "due"),
    [("", True), (" \n", True), ("{}", True), ('{"inputs": [1]}', False), ('{"inputs": null}', False)],
)
def test_what_an_entry_needs_elsewhere_is_put_where_it_is_not(text, due):
    ours = wanted("h/user/x", declares=(Edit(("inputs",), [1]), Edit(("more",), 2)))
    file = ObservedFile(ours.location, present=True, text=text)
    made = Builder(situation([ours], observed={"files": (file,)})).create(ours, "new")
    edits = [(edit.at, edit.value, edit.unless_there) for edit in made.edits]
    declared = [(["inputs"], [1], True)] if due else []
    assert edits == [*declared, (["more"], 2, True), (["s", "x"], {"command": "npx"}, False)]


@pytest.mark.parametrize(
    ("key_path", "containers", "kind"),
    [
        (("s", "x"), (("s",),), "map"),
        (("s", "x"), (("t",),), "absent"),
        (("s", "x"), ((),), "absent"),
        (("s", Element("x", "name")), (("s",),), "list"),
        (("x",), ((),), "map"),
    ],
)
def test_what_must_still_hold_the_entry(key_path, containers, kind):
    ours = replace(wanted("h/user/x"), key_path=key_path)
    file = ObservedFile(ours.location, present=True, containers=containers, resolved="/real", owner=7, mode=0o640)
    made = Builder(situation([ours], observed={"files": (file,)})).create(ours, "new")
    assert made.precondition is not None
    assert made.precondition.model_dump() == {
        "value": "absent",
        "container": kind,
        "resolved": "/real",
        "owner": 7,
        "mode": 0o640,
        "previous": None,
    }


def test_a_change_that_is_held_keeps_what_it_would_do_but_no_edit():
    ours, hold = wanted("h/user/x"), Hold(by="R", message="m")
    made = held(Builder(situation([ours])).create(ours, "new"), hold)
    assert (made.action, made.actions, made.edits, made.precondition, made.hold) == ("held", ["no-op"], [], None, hold)
    assert (made.reason, made.after) == ("new", {"transport": "stdio", "launch": ["npx", "one@1"]})


def test_what_could_not_be_read_is_told_of_the_entry():
    ours = wanted("h/user/x", server="srv", where=Where("m", 4))
    made = Builder(situation([ours])).unknown(ours, "unreadable")
    assert (made.action, made.actions, made.reason, made.edits) == ("unknown", ["no-op"], "unreadable", [])
    assert (made.server, made.file, made.key_path, made.where) == ("srv", "/f", ["s", "x"], "m:4")


def test_a_conflict_says_where_it_is_and_what_each_side_has():
    file = ObservedFile(location(there("h/user/x").address), present=True, text=TEXT)
    found, ours = there("h/user/x", OTHER, file=file), wanted("h/user/x", where=Where("m", 4))
    builder = Builder(situation([ours], [found], command=("rollback", "3")))
    made = builder.conflict(ours, found, Verdict("conflict", "both_names", ()))
    assert made.hint == "remove one of the two entries, then `mcpconf plan`"
    assert (made.line, made.where, made.file) == (3, "m:4", "/f")
    assert made.before == {"transport": "stdio", "launch": ["npx", "two@1"]}
    assert made.after == {"transport": "stdio", "launch": ["npx", "one@1"]}
    made = builder.conflict(ours, found, Verdict("conflict", "not_ours", ()))
    assert made.hint.startswith("`mcpconf rollback 3 --on-conflict overwrite --target h/user/x`")


def test_a_list_that_was_made_for_a_declaration_goes_once_it_is_empty():
    found = there("h/user/x", REFERRING)
    lists = [*DECLARED, ["inputs"]]
    made = Builder(situation((), [found])).delete(found, "revoked", written(declared=lists, created_container=True))
    assert [(edit.at, edit.absent, edit.when_empty) for edit in made.edits] == [
        (["s", "x"], True, False),
        (DECLARED[0], True, False),
        (["inputs"], True, True),
        (["s"], True, True),
    ]
