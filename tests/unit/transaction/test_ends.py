"""What an apply leaves behind: nothing if there was nothing to do, revocations whatever else fails, pre-images for a time."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from mcpconf import operations
from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode, McpconfError
from mcpconf.transaction import apply as execute
from tests.faults import Fault, FaultyFiles, apply, broken_disk, machine, no_space
from tests.world import World

OWN = "~/.local/state/mcpconf"
MANIFEST = """
mcpconf: 1
servers:
  files: {package: "npm:@modelcontextprotocol/server-filesystem", version: "2026.8.31", args: ["${home}/work"]}
  github: {url: "https://api.githubcopilot.com/mcp/", headers: {Authorization: {secret: TOKEN, prefix: "Bearer "}}}
  time: {package: "pypi:mcp-server-time", version: "2026.10.19"}
hosts: {cursor: {create: true}, claude-code: {create: true}}
"""
TIME = '  time: {package: "pypi:mcp-server-time", version: "2026.10.19"}\n'
SECRET = "Bearer ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.say(MANIFEST)
    assert world.run("apply", "--yes").code == 0
    return world


def traces(world: World) -> dict[str, tuple[int, int]]:
    return {str(path): (path.lstat().st_mtime_ns, path.lstat().st_ino) for path in [world.root, *world.root.rglob("*")]}


def test_an_apply_without_changes_writes_nothing_at_all(world: World):
    before, serial = traces(world), Store.of(machine(world.root)).load()[0].serial
    for words in (["apply", "--yes"], ["plan"], ["recover"]):
        assert world.run(*words).code == 0
    assert traces(world) == before
    assert Store.of(machine(world.root)).load()[0].serial == serial


def test_every_apply_that_writes_leaves_one_line(world: World):
    world.say(MANIFEST.replace(TIME, ""))
    assert world.run("apply", "--yes").code == 0
    first, second = (json.loads(line) for line in world.read(f"{OWN}/log.jsonl").splitlines())
    assert (first["serial"], second["serial"]) == (1, 2)
    assert {item["address"]: item["action"] for item in second["operations"]} == {
        "claude-code/user/time": "delete",
        "cursor/user/time": "delete",
    }
    assert (second["user"], second["end"], second["exit_code"]) == ("dev", "applied", 0)
    assert SECRET not in world.read(f"{OWN}/log.jsonl")


CONFLICT = MANIFEST.replace("/work", "/work/api")


def contested(world: World) -> None:
    """`files` changed on both sides in Cursor, `time` revoked, in one file."""
    text = world.read("~/.cursor/mcp.json")
    world.write("~/.cursor/mcp.json", text.replace("}/work", "}/other"))
    world.say(CONFLICT.replace(TIME, ""))


def test_a_conflict_does_not_keep_a_revocation_from_being_applied(world: World):
    contested(world)
    ran = world.run("apply", "--yes")
    assert ran.code == ExitCode.NARROWED, ran
    assert "time" not in world.read("~/.cursor/mcp.json") + world.read("~/.claude.json")
    assert "}/other" in world.read("~/.cursor/mcp.json")
    assert "work/api" not in world.read("~/.claude.json")
    assert world.run("apply", "--yes").code == ExitCode.STALE, "only the conflict is left"
    assert world.run("apply", "--yes", "--on-conflict", "overwrite").code == 0
    assert world.run("plan", "--detailed-exitcode").code == 0


def test_held_blocks_keep_nothing_else_from_being_applied(world: World):
    world.say(
        MANIFEST.replace("/work", "/work/api").replace(TIME, "")
        + "absent:\n  - {url: 'https://api.githubcopilot.com/mcp/', reason: test}\n"
    )
    plan = world.plan()
    ran = world.run("apply", "--yes")
    assert ran.code == plan["exit_code"] == ExitCode.BLOCKED, ran
    assert "work/api" in world.read("~/.cursor/mcp.json")
    assert "time" not in world.read("~/.cursor/mcp.json")


def test_an_unknown_file_is_told_while_the_others_are_written(world: World):
    world.write("~/.cursor/mcp.json", "{")
    world.say(MANIFEST.replace(TIME, ""))
    assert world.run("apply", "--yes").code == ExitCode.INCOMPLETE
    assert "time" not in world.read("~/.claude.json")
    assert world.read("~/.cursor/mcp.json") == "{"
    assert world.run("apply", "--yes").code == ExitCode.INCOMPLETE, "nothing is left to write, but something to check"


def test_what_an_empty_file_says_is_nothing(tmp_path: Path):
    world = World(tmp_path)
    world.say(MANIFEST)
    world.write("~/.cursor/mcp.json", "")
    world.write("~/.claude.json", " \n")
    assert world.run("apply", "--yes").code == 0
    assert world.run("plan", "--detailed-exitcode").code == 0
    assert world.path("~/.cursor/mcp.json").stat().st_mode & 0o777 == 0o644


def test_a_new_file_that_is_put_back_leaves_no_folder_behind(tmp_path: Path):
    """A folder of a host that was never installed would make it look installed."""
    world = World(tmp_path)
    world.say(MANIFEST.replace("claude-code: {create: true}", "vscode: {create: true}"))
    Store.of(machine(world.root)).prepare()
    struck = set()
    for at in range(1, 40):
        files = FaultyFiles(None, Fault(at, broken_disk, lasting=False))
        outcome = apply(machine(world.root, files), world.manifest)
        struck.add(files.done[at - 1])
        if outcome.exit_code != ExitCode.STALE:
            break
        assert not world.path("~/.cursor").exists()
        assert not world.path("~/.config").exists()
    for file in ("/home/dev/.config/Code/User/mcp.json", "/home/dev/.cursor/mcp.json"):
        assert {("stage", file), ("commit", file), ("make_folder", file.removesuffix("/mcp.json"))} <= struck
    assert outcome.exit_code == ExitCode.RECOVER, "written, but not recorded"


def test_a_state_that_cannot_be_written_is_no_success(tmp_path: Path):
    world = World(tmp_path)
    world.say("mcpconf: 1\n")
    Store.of(machine(world.root)).prepare()
    outcome = apply(machine(world.root, FaultyFiles(None, Fault(1, no_space))), world.manifest)
    assert outcome.exit_code == ExitCode.STALE
    assert "could not be recorded (No space left on device)" in outcome.failures[0].message


@pytest.mark.parametrize("operation", ["stage", "make_folder"])
def test_a_state_folder_that_cannot_be_made_is_told(tmp_path: Path, operation: str):
    world = World(tmp_path)
    world.say(MANIFEST)
    files = FaultyFiles(None, Fault(1, no_space, operations=(operation,)))
    with pytest.raises(McpconfError) as caught:
        apply(machine(world.root, files), world.manifest)
    assert caught.value.code == ExitCode.NO_PLAN
    assert "No space left" in caught.value.problems[0].message
    assert not world.path("~/.cursor").exists()


def test_a_damaged_state_does_not_replace_its_backup(world: World):
    world.say(MANIFEST.replace(TIME, ""))
    assert world.run("apply", "--yes").code == 0
    good = world.read(f"{OWN}/state.json.bak")
    world.write(f"{OWN}/state.json", "{")
    assert world.run("apply", "--yes").code == 0
    assert world.read(f"{OWN}/state.json.bak") == good
    assert world.run("plan", "--detailed-exitcode").code == 0


def test_a_journal_that_was_begun_and_cannot_be_taken_back_is_for_recover(world: World):
    world.say(MANIFEST.replace(TIME, ""))
    store = Store.of(machine(world.root))
    plan = operations.plan(store.machine, str(world.manifest)).plan

    class Stuck(FaultyFiles):
        def commit(self, staged):
            super().commit(staged)
            if staged.target.endswith("journal.json"):
                raise OSError(errno.EIO, "Input/output error")

        def remove(self, _path):
            raise OSError(errno.EIO, "Input/output error")

    stuck = Stuck(None)
    outcome = execute(Store.of(machine(world.root, stuck)), plan, store.load()[0], seen=False)
    assert outcome.exit_code == ExitCode.RECOVER
    assert world.run("recover").code == 0
    assert "time" not in world.read("~/.cursor/mcp.json")
    assert world.run("apply", "--yes").code == 0
