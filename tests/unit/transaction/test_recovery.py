"""After a crash the machine may have changed again: recovery takes away what it must, and overwrites nobody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mcpconf import operations
from mcpconf.errors import ExitCode
from tests.faults import Crash, Fault, FaultyFiles, apply, broken_disk, machine
from tests.world import World

OWN = "~/.local/state/mcpconf"
JOURNAL = f"{OWN}/journal.json"
CURSOR, CLAUDE = "~/.cursor/mcp.json", "~/.claude.json"
MANIFEST = """
mcpconf: 1
servers:
  files: {package: "npm:@modelcontextprotocol/server-filesystem", version: "2026.8.31", args: ["${home}/work"]}
  time: {package: "pypi:mcp-server-time", version: "2026.10.19"}
hosts: {cursor: {create: true}, claude-code: {create: true}}
"""
WANTED = MANIFEST.replace('  time: {package: "pypi:mcp-server-time", version: "2026.10.19"}\n', "").replace(
    "/work", "/work/api"
)


def crashed(folder: Path, phase: str) -> World:
    """Claude Code's file comes first in either phase; the crash follows right after it was written."""
    world = World(folder)
    world.say(MANIFEST)
    assert world.run("apply", "--yes").code == 0
    world.say(WANTED)
    target = "/home/dev/.claude.json"

    class Killed(FaultyFiles):
        def commit(self, staged):
            super().commit(staged)
            times = self.done.count(("commit", target))
            if staged.target == target and times == {"narrowing": 1, "changing": 2}[phase]:
                self.fault = Fault(1)
                raise Crash

    with pytest.raises(Crash):
        apply(machine(world.root, Killed(None)), world.manifest)
    assert json.loads(world.read(JOURNAL))["phase"] == phase
    return world


@pytest.fixture
def narrowing(tmp_path: Path) -> World:
    return crashed(tmp_path, "narrowing")


@pytest.fixture
def changing(tmp_path: Path) -> World:
    return crashed(tmp_path, "changing")


def edit(world: World, name: str, old: str, new: str) -> None:
    text = world.read(name)
    assert old in text
    world.write(name, text.replace(old, new, 1))


def converges(world: World) -> None:
    assert world.run("apply", "--yes").code == 0
    assert world.run("plan", "--detailed-exitcode").code == 0
    for name in (CURSOR, CLAUDE):
        assert "time" not in world.read(name)
        assert "work/api" in world.read(name)


def test_the_plan_tells_of_it_and_every_writing_command_settles_it_first(changing: World):
    ran = changing.run("plan")
    assert (ran.code, "recover" in ran.stdout) == (ExitCode.INCOMPLETE, True)
    assert "work/api" in changing.read(CLAUDE)
    assert changing.run("accept", "cursor/user/nothing").code == ExitCode.USAGE
    assert "work/api" not in changing.read(CLAUDE)
    assert not changing.path(JOURNAL).exists()
    converges(changing)


def test_the_recovery_is_logged(changing: World):
    assert changing.run("recover").code == 0
    line = json.loads(changing.read(f"{OWN}/log.jsonl").splitlines()[-1])
    assert (line["end"], line["exit_code"]) == ("recovered", 0)
    assert [item["address"] for item in line["operations"]] == ["claude-code/user/time", "cursor/user/time"]


@pytest.mark.parametrize("content", ["{", "[]", '{"plan": 1}', "[" * 9999])
def test_a_journal_that_cannot_be_read_stops_every_write(changing: World, content: str):
    changing.write(JOURNAL, content)
    before = changing.snapshot()
    for words in (["recover"], ["apply", "--yes"]):
        ran = changing.run(*words)
        assert ran.code == ExitCode.RECOVER, ran
        assert "journal" in ran.stdout + ran.stderr
    assert changing.snapshot() == before
    changing.path(JOURNAL).unlink()
    assert changing.run("apply", "--yes").code == 0


def test_a_folder_in_place_of_the_journal_stops_every_write(changing: World):
    changing.path(JOURNAL).unlink()
    changing.path(JOURNAL).mkdir()
    assert changing.run("recover").code == ExitCode.RECOVER


def test_a_file_that_cannot_be_read_waits_if_it_must_be_put_back(changing: World):
    kept = changing.path(CLAUDE).rename(changing.path("~/kept"))
    changing.path(CLAUDE).symlink_to("../../outside")
    for words in (["recover"], ["apply", "--yes"]):
        ran = changing.run(*words)
        assert (ran.code, CLAUDE[1:] in ran.stdout + ran.stderr) == (ExitCode.RECOVER, True), ran
    changing.path(CLAUDE).unlink()
    kept.rename(changing.path(CLAUDE))
    assert changing.run("recover").code == 0
    assert "work/api" not in changing.read(CLAUDE)
    converges(changing)


@pytest.mark.parametrize("content", ["{", None])
def test_a_file_that_could_not_be_narrowed_blocks_nothing_else(narrowing: World, content: str | None):
    """It is reported, and the next plan has its removal again."""
    good = narrowing.read(CURSOR)
    narrowing.path(CURSOR).unlink()
    if content is None:
        narrowing.path(CURSOR).mkdir()
    else:
        narrowing.write(CURSOR, content)
    ran = narrowing.run("recover")
    assert (ran.code, CURSOR[1:] in ran.stdout) == (ExitCode.NARROWED, True), ran
    assert not narrowing.path(JOURNAL).exists()
    assert narrowing.run("apply", "--yes").code == ExitCode.INCOMPLETE
    assert "work/api" in narrowing.read(CLAUDE)
    if content is None:
        narrowing.path(CURSOR).rmdir()
    narrowing.write(CURSOR, good)
    converges(narrowing)


def test_a_file_that_cannot_be_written_for_recovery_blocks_nothing_else(narrowing: World):
    files = FaultyFiles(None, Fault(1, broken_disk, lasting=False, operations=("commit", "stage")))
    outcome = operations.recover(machine(narrowing.root, files))
    assert (outcome.exit_code, len(outcome.failures)) == (ExitCode.NARROWED, 1)
    assert "time" in narrowing.read(CURSOR)
    converges(narrowing)


def test_a_file_that_cannot_be_put_back_yet_waits(changing: World):
    files = FaultyFiles(None, Fault(2, broken_disk, lasting=False, operations=("commit",)))
    assert operations.recover(machine(changing.root, files)).exit_code == ExitCode.RECOVER
    assert "work/api" in changing.read(CLAUDE)
    assert operations.recover(machine(changing.root)).exit_code == 0
    assert "work/api" not in changing.read(CLAUDE)


@pytest.mark.parametrize("damage", ["gone", "other"])
def test_without_its_pre_image_a_file_stays_as_applied_and_is_known_as_ours(changing: World, damage: str):
    name = next(
        file["preimage"]
        for file in json.loads(changing.read(JOURNAL))["files"]
        if file["path"].endswith(".claude.json")
    )
    changing.path(f"{OWN}/{name}").unlink()
    if damage == "other":
        changing.write(f"{OWN}/{name}", "{}")
    ran = changing.run("recover")
    assert (ran.code, "pre-image" in ran.stdout) == (ExitCode.NARROWED, True), ran
    assert "work/api" in changing.read(CLAUDE)
    changing.say(WANTED.replace("/work/api", "/work/other"))
    assert {item["reason"] for item in changing.plan()["changes"]} == {"manifest_changed"}
    changing.say(WANTED)
    converges(changing)


def test_what_somebody_wrote_since_stays_and_what_is_ours_is_known(changing: World):
    edit(changing, CLAUDE, "{", '{\n  "theme": "dark",')
    assert changing.run("recover").code == 0
    assert '"theme": "dark"' in changing.read(CLAUDE)
    assert "work/api" in changing.read(CLAUDE), "their file is not replaced by the pre-image"
    changing.say(WANTED.replace("/work/api", "/work/other"))
    assert {item["reason"] for item in changing.plan()["changes"]} == {"manifest_changed"}


def test_what_took_the_name_of_a_removed_server_is_not_removed_for_it(narrowing: World):
    edit(narrowing, CURSOR, "uvx", "/opt/mine")
    assert narrowing.run("recover").code == 0
    assert "/opt/mine" in narrowing.read(CURSOR)
    assert {item["address"]: item["reason"] for item in narrowing.plan()["unmanaged"]} == {
        "cursor/user/time": "name_reused"
    }


def test_what_was_removed_and_came_back_is_removed_again(changing: World):
    """A host that had the old content in memory wrote it back."""
    old = json.loads(changing.read(f"{OWN}/journal.json"))["files"][0]["preimage"]
    changing.write(CLAUDE, changing.read(f"{OWN}/{old}"))
    assert "time" in changing.read(CLAUDE)
    assert changing.run("recover").code == 0
    assert "time" not in changing.read(CLAUDE)


@pytest.mark.parametrize("name", [CURSOR, CLAUDE])
def test_a_file_that_is_gone_stays_gone(changing: World, name: str):
    changing.path(name).unlink()
    assert changing.run("recover").code == 0
    assert not changing.path(name).exists()
    assert {item["reason"] for item in changing.plan()["changes"]} >= {"removed_by_hand"}


def test_without_the_key_what_held_no_secret_is_still_taken_away(narrowing: World):
    narrowing.path(f"{OWN}/key").unlink()
    assert narrowing.run("recover").code == 0
    assert "time" not in narrowing.read(CURSOR)
    plan = narrowing.plan()
    assert {item["reason"] for item in plan["changes"]} == {"not_ours"}, "lost state deletes nothing"


def test_what_a_killed_apply_had_staged_is_swept_away_and_nothing_else(changing: World):
    left = [
        changing.write("~/.cursor/.mcp.json.mcpconf-0123456789abcdef", "x"),
        changing.write(f"{OWN}/.state.json.mcpconf-0123456789abcdef", "x"),
    ]
    others = [
        changing.write("~/.cursor/.other.json.mcpconf-0123456789abcdef", "x"),
        changing.write("~/.cursor/.mcp.json.mcpconf-012345678", "x"),
        changing.write("~/.cursor/mcp.json.mcpconf-0123456789abcdef", "x"),
    ]
    assert changing.run("recover").code == 0
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in others)
