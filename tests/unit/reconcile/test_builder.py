"""What one change holds: the value that must still be there, what goes along, where it stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcpconf.canonical import digest, keyed
from mcpconf.errors import Problem
from mcpconf.model.change import EditStep, Hold
from mcpconf.model.entry import Entry, Value
from mcpconf.model.observed import ObservedFile
from mcpconf.model.state import State
from mcpconf.reconcile.changes import Builder
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
