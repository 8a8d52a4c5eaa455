"""Nothing is written that was not asked for: editing in memory, and what stops it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpconf import operations
from mcpconf.canonical import digest, keyed
from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode
from mcpconf.formats import FORMATS, UnsafeEditError
from mcpconf.model.base import ABSENT
from mcpconf.model.change import EditStep, PlannedEdit
from mcpconf.transaction import apply as execute
from mcpconf.transaction import journal as journals
from mcpconf.transaction.commit import narrow
from mcpconf.transaction.preconditions import StaleError, holds
from mcpconf.transaction.prepare import edited, prepare, prepare_all, value_of, works
from tests.faults import Crash, Fault, FaultyFiles, apply, machine
from tests.world import World

CURSOR = "~/.cursor/mcp.json"
MANIFEST = """
mcpconf: 1
servers:
  files: {package: "npm:@modelcontextprotocol/server-filesystem", version: "2026.8.31", args: ["${home}/work"]}
hosts: {cursor: {create: true}}
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.say(MANIFEST)
    return world


def planned(world: World):
    here = machine(world.root)
    Store.of(here).prepare()
    return here, operations.plan(here, str(world.manifest)).plan


def stale(world: World, change) -> str:
    """What apply says after the change that is made between plan and apply; nothing may be written."""
    here, plan = planned(world)
    change()
    before = world.snapshot()
    outcome = execute(Store.of(here), plan, Store.of(here).load()[0], seen=False)
    assert outcome.exit_code == ExitCode.STALE, outcome
    assert world.snapshot() == before
    return outcome.failures[0].message


def test_an_entry_that_appeared_is_not_overwritten(world: World):
    world.write(CURSOR, '{"mcpServers": {}}')
    assert "it has appeared" in stale(world, lambda: world.write(CURSOR, '{"mcpServers": {"files": {}}}'))


def test_a_file_without_servers_that_is_gone_is_not_made_anew(world: World):
    world.write(CURSOR, "{}")
    assert "its file has gone" in stale(world, world.path(CURSOR).unlink)


def test_a_file_that_can_no_longer_be_read_is_not_written(world: World):
    def folder() -> None:
        world.path(CURSOR).unlink()
        world.path(CURSOR).mkdir()

    world.write(CURSOR, "{}")
    assert "folder lies where a file" in stale(world, folder)


def test_a_link_in_a_circle_is_not_followed(world: World):
    def circle() -> None:
        world.path("~/.cursor").symlink_to(".cursor")

    assert "could not be reached" in stale(world, circle)


def test_a_file_that_becomes_a_folder_at_the_last_moment_is_left_alone(world: World):
    world.write(CURSOR, "{}")

    def meddle(target: str) -> None:
        if target.endswith("mcp.json") and world.path(CURSOR).is_file():
            world.path(CURSOR).unlink()
            world.path(CURSOR).mkdir()

    outcome = apply(machine(world.root, FaultyFiles(None, meddle=meddle)), world.manifest)
    assert outcome.exit_code == ExitCode.STALE
    assert world.path(CURSOR).is_dir()


def test_a_blocked_plan_is_not_applied(world: World):
    here, plan = planned(world)
    blocked = plan.model_copy(update={"blocked": True})
    outcome = execute(Store.of(here), blocked, Store.of(here).load()[0], seen=False)
    assert (outcome.end, outcome.exit_code) == ("blocked", ExitCode.BLOCKED)
    assert not world.path(CURSOR).exists()


def test_a_project_file_never_leaves_its_project(tmp_path: Path):
    """A link that a repository brings in between plan and apply, pointing at a file that is not there yet."""
    world = World(tmp_path)
    world.say(MANIFEST + "projects: [{path: ~/src/shop}]\n")
    world.path("~/src/shop").mkdir(parents=True)
    here, plan = planned(world)
    (work,) = [item for item in works(plan.changes, here.facts) if "/shop/" in item.path]
    assert (work.within, work.new_mode) == ("/home/dev/src/shop", 0o644)
    world.path("~/src/shop/.cursor").mkdir()
    world.path("~/src/shop/.cursor/mcp.json").symlink_to("../../../.profile.json")
    outcome = execute(Store.of(here), plan, Store.of(here).load()[0], seen=False)
    assert outcome.exit_code == ExitCode.STALE
    assert "leaves" in outcome.failures[0].message
    assert not world.path("~/.profile.json").exists()
    assert not world.path(CURSOR).exists()


def test_what_is_held_is_no_work(world: World):
    here, plan = planned(world)
    held = [item.model_copy(update={"action": "held"}) for item in plan.changes]
    assert works(held, here.facts) == ()


def test_one_file_in_two_formats_is_refused(world: World):
    world.write(CURSOR, "{}")
    here, plan = planned(world)
    (work,) = works(plan.changes, here.facts)
    world.path("~/link.json").symlink_to(".cursor/mcp.json")
    other = replace(work, path="/home/dev/link.json", format="toml")
    with pytest.raises(StaleError, match="the same file"):
        prepare_all(here.files, [work, other], None)


def test_a_change_that_changes_nothing_is_not_written(world: World):
    world.write(CURSOR, '{"mcpServers": {}}')
    here, plan = planned(world)
    idle = [item.model_copy(update={"edits": [], "phase": 1}) for item in plan.changes]
    store = Store.of(here)
    found = works(idle, here.facts)
    ledger = journals.begin(store, plan, prepare_all(here.files, found, store.key()), store.load()[0])
    before = world.path(CURSOR).stat().st_ino
    assert narrow(ledger, found, store.prepare()) == []
    assert world.path(CURSOR).stat().st_ino == before


def test_an_editor_that_changes_too_much_is_not_believed(world: World):
    honest = FORMATS["json"]
    careless = replace(honest, put=lambda text, path, value: honest.put(honest.put(text, path, value), ("other",), 2))
    edits = [PlannedEdit(at=["mcpServers", "files"], value={"command": "x"})]
    assert value_of(honest, edited(honest, '{"other": 1}', edits)) == {
        "mcpServers": {"files": {"command": "x"}},
        "other": 1,
    }
    for text in ('{"other": 1}', '{"other": true}', "{}", '{"other": 2.0}'):
        with pytest.raises(UnsafeEditError, match="somebody else"):
            edited(careless, text, edits)


def test_an_editor_that_gives_up_stops_the_apply(world: World):
    def refuse(_text, _path, _value):
        raise UnsafeEditError("the edit would have changed something else")

    world.write(CURSOR, "{}")
    here, plan = planned(world)
    (work,) = works(plan.changes, here.facts)
    kept = FORMATS["json"]
    FORMATS["json"] = replace(kept, put=refuse)
    try:
        with pytest.raises(StaleError) as caught:
            prepare(here.files, work, None)
    finally:
        FORMATS["json"] = kept
    assert caught.value.problem.kind == "internal"


KEYS = st.sampled_from(["a", "b", "mcpServers", "x.y"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "v", "${env:X}"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
MAPS = st.dictionaries(KEYS, VALUES, max_size=4)


@given(MAPS, st.lists(KEYS, min_size=1, max_size=3), VALUES | st.just(ABSENT))
def test_only_what_lies_at_the_path_changes(document: dict, path: list[str], value: object):
    form, text = FORMATS["json"], json.dumps(document)
    edit = PlannedEdit(at=path, absent=True) if value is ABSENT else PlannedEdit(at=path, value=value)
    inner = document
    for step in path[:-1]:
        inner = inner.get(step, {}) if isinstance(inner, dict) else None
    if not isinstance(inner, dict):
        return
    after = value_of(form, edited(form, text, [edit]))
    for key in {*document, *after} - {path[0]}:
        assert after[key] == document[key]


def test_elements_of_lists_can_be_taken_away():
    form = FORMATS["json"]
    text = '{"allow": ["a", "b"], "other": [1]}'
    edit = PlannedEdit(at=["allow", EditStep(element="a")], absent=True)
    assert value_of(form, edited(form, text, [edit])) == {"allow": ["b"], "other": [1]}


@given(VALUES, st.binary(min_size=32, max_size=32))
def test_a_value_holds_its_own_digest_and_no_other(value: object, key: bytes):
    assert holds(digest(value), value, None)
    assert holds(keyed(key, value), value, key)
    assert not holds(keyed(key, value), value, None)
    assert not holds(keyed(key, value), value, bytes(32) if any(key) else b"\1" * 32)
    assert not holds("absent", value, key)
    assert not holds(digest([value]), value, key)
    assert holds("absent", ABSENT, key)
    assert not holds(digest(value), ABSENT, key)


def test_a_crash_after_the_state_was_written_writes_no_second_one(world: World):
    assert world.run("apply", "--yes").code == 0
    world.say(MANIFEST.replace("/work", "/other"))
    with pytest.raises(Crash):
        apply(machine(world.root, FaultyFiles(None, Fault(1, operations=("remove",)))), world.manifest)
    serial = Store.of(machine(world.root)).load()[0].serial
    assert world.run("recover").code == 0
    assert Store.of(machine(world.root)).load()[0].serial == serial
    assert world.run("plan", "--detailed-exitcode").code == 0
