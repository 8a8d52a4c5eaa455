"""What doctor says where the state folder is in use, closed, or no folder at all; and that every hint can be followed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mcpconf import operations
from mcpconf.doctor import examine, exit_code
from mcpconf.documents.store import Store
from mcpconf.model.check import Check
from mcpconf.model.plan import Records
from mcpconf.ports import Machine
from mcpconf.system.facts import rooted_machine
from mcpconf.system.sources import bundled_rows
from mcpconf.transaction.journal import Journal
from tests.hints import commands
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.say("mcpconf: 1\nservers: {x: {command: [/x]}}\nhosts: {cursor: {create: true}}\n")
    assert made.run("apply", "--yes").code == 0
    return made


def look(world: World, machine: Machine | None = None) -> tuple[Check, ...]:
    machine = machine or rooted_machine(str(world.root))
    checks = examine(machine, bundled_rows(), operations.manifest(str(world.manifest)))
    for item in checks:
        assert item.status == "ok" or commands(item.hint), item
    return checks


def found(checks: tuple[Check, ...], subject: str) -> list[tuple[str, str]]:
    return [(item.status, item.message) for item in checks if item.subject == subject]


def test_a_lock_that_is_held_could_not_be_looked_behind(world: World):
    store = Store.of(rooted_machine(str(world.root)))
    with store.machine.locks.exclusive(store.lock, 0):
        checks = look(world)
    [(status, message)] = found(checks, "lock")
    assert status == "unknown"
    assert message.startswith("another mcpconf is writing")
    assert exit_code(checks) == 8
    assert found(look(world), "lock") == [("ok", "free")]


def test_a_state_folder_that_is_a_file_is_told(world: World, tmp_path: Path):
    other = World(tmp_path / "other")
    other.say(world.manifest.read_text())
    other.write("~/.local/state/mcpconf", "no folder")
    checks = look(other)
    assert exit_code(checks) == 0
    assert ("warning", "there is no key, so that what was applied is not known") in found(checks, "key")


def test_a_state_folder_out_of_reach_could_not_be_checked(tmp_path: Path):
    world = World(tmp_path)
    world.say("mcpconf: 1\n")
    folder = world.path("~/.local/state/mcpconf")
    folder.parent.mkdir(parents=True)
    folder.symlink_to("/elsewhere")
    checks = look(world)
    assert exit_code(checks) == 8
    assert [status for status, _ in found(checks, "key")] == ["unknown"]
    assert "unknown" in [status for status, _ in found(checks, "state")]


def test_windows_has_no_modes(tmp_path: Path):
    world = World(tmp_path, {"os": "windows", "home": "C:/Users/dev", "user": "dev"})
    world.say("mcpconf: 1\nservers: {x: {command: [/x]}}\nhosts: {cursor: {create: true}}\n")
    assert world.run("apply", "--yes").code == 0
    assert found(look(world), "state") == [("ok", "serial 1, 1 server applied")]


def test_a_key_that_is_a_link_out_of_the_home_is_not_followed(world: World):
    key = world.path("~/.local/state/mcpconf/key")
    key.unlink()
    key.symlink_to("/etc/passwd")
    checks = look(world)
    assert [status for status, _ in found(checks, "key")] == ["unknown"]
    assert exit_code(checks) == 8


def test_an_apply_that_was_interrupted_is_named(world: World):
    unfinished = Journal(plan="", generation=1, phase="changing", files=[], records=Records())
    world.write("~/.local/state/mcpconf/journal.json", unfinished.model_dump_json())
    assert found(look(world), "journal") == [("unknown", "an apply did not come to its end")]


def test_a_machine_without_git_is_told(world: World):
    machine = rooted_machine(str(world.root))

    class NoGit:
        def version(self) -> str:
            return ""

        def __getattr__(self, name: str):
            return getattr(machine.history, name)

    assert [status for status, _ in found(look(world, replace(machine, history=NoGit())), "git")] == ["warning"]
