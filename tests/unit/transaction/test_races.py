"""Other programs write too: what a plan expects, what may change under it, and what a saved plan is bound to."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mcpconf.errors import ExitCode
from mcpconf.model.plan import Plan
from mcpconf.transaction.generations import removes_literal
from mcpconf.transaction.prepare import Prepared, Work
from tests.faults import Fault, FaultyFiles, apply, broken_disk, machine
from tests.world import World

MANIFEST = """
mcpconf: 1
servers:
  files: {package: "npm:@modelcontextprotocol/server-filesystem", version: "2026.8.31", args: ["${home}/work"]}
  time: {package: "pypi:mcp-server-time", version: "2026.10.19"}
hosts: {cursor: {create: true}, claude-code: {}}
"""
FEWER = MANIFEST.replace('  time: {package: "pypi:mcp-server-time", version: "2026.10.19"}\n', "").replace(
    "/work", "/work/api"
)
STATE = "~/.claude.json"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One apply behind it, and a manifest that wants a delete and an update in each of two files."""
    world = World(tmp_path)
    world.write(STATE, '{\n  "numStartups": 1,\n  "mcpServers": {}\n}\n')
    world.say(MANIFEST)
    assert world.run("apply", "--yes").code == 0
    world.say(FEWER)
    return world


def saved(world: World) -> Path:
    out = world.folder / "plan.json"
    assert world.run("plan", "--out", str(out)).code == 0
    return out


def rewrite(world: World, name: str, old: str, new: str) -> None:
    text = world.read(name)
    assert old in text
    world.write(name, text.replace(old, new))


def everything(world: World) -> dict[str, tuple[bytes, int]]:
    return {
        str(path): (path.read_bytes() if path.is_file() else b"", path.stat().st_mtime_ns)
        for path in sorted(world.root.rglob("*"))
    }


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("~/.cursor/mcp.json", "}/work", "}/else", "`cursor/user/files`: it has changed"),
        ("~/.cursor/mcp.json", '"time"', '"clock"', "`cursor/user/time`: it has gone"),
        (STATE, '"mcpServers"', '"servers"', "it has gone"),
        (STATE, '"numStartups"', "numStartups", "~/.claude.json:2"),
    ],
)
def test_a_target_edited_after_the_plan_stops_everything(world: World, name: str, old: str, new: str, says: str):
    plan = saved(world)
    rewrite(world, name, old, new)
    before = everything(world)
    ran = world.run("apply", str(plan))
    assert ran.code == ExitCode.STALE, ran
    for text in ("Nothing was written", name, says):
        assert text in ran.stdout
    assert everything(world) == before


def test_other_bytes_of_the_file_may_change(world: World):
    plan = saved(world)
    rewrite(world, STATE, '"numStartups": 1', '"numStartups": 2,\n  "theme":   "dark"')
    assert world.run("apply", str(plan)).code == 0
    text = world.read(STATE)
    assert '"numStartups": 2,\n  "theme":   "dark"' in text
    assert "time" not in text
    assert world.run("plan", "--detailed-exitcode").code == 0


def test_a_changed_mode_is_another_file(world: World):
    plan = saved(world)
    world.path(STATE).chmod(0o640)
    ran = world.run("apply", str(plan))
    assert (ran.code, "another owner or mode" in ran.stdout) == (ExitCode.STALE, True), ran


def test_a_file_that_is_gone_is_another_file(world: World):
    plan = saved(world)
    world.path(STATE).unlink()
    ran = world.run("apply", str(plan))
    assert (ran.code, "gone" in ran.stdout) == (ExitCode.STALE, True)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"mcpServers": {}}', "its container has appeared"),
        ('{"mcpServers": {"files": {"command": "x"}}}', "appeared"),
        ('{"mcpServers": []}', "no longer a map"),
        ("{}", "its file has appeared"),
    ],
)
def test_a_file_that_appears_is_not_written(tmp_path: Path, content: str, says: str):
    world = World(tmp_path)
    world.say(MANIFEST)
    plan = saved(world)
    world.write("~/.cursor/mcp.json", content)
    ran = world.run("apply", str(plan))
    assert (ran.code, says in ran.stdout) == (ExitCode.STALE, True), ran
    assert world.read("~/.cursor/mcp.json") == content


class Host:
    """A program that rewrites its file just before we do, a number of times."""

    def __init__(self, world: World, times: int, name: str = STATE) -> None:
        self.world = world
        self.left = times
        self.name = name
        self.count = 1

    def __call__(self, target: str) -> None:
        if target.endswith(self.name[1:]) and self.left:
            self.left -= 1
            self.count += 1
            text = self.world.read(self.name)
            old = f'"numStartups": {self.count - 1}'
            assert old in text
            self.world.write(self.name, text.replace(old, f'"numStartups": {self.count}'))


@pytest.mark.parametrize("times", [1, 2])
def test_a_host_that_writes_at_the_same_moment_is_given_way(world: World, times: int):
    host = Host(world, times)
    outcome = apply(machine(world.root, FaultyFiles(None, meddle=host)), world.manifest)
    assert outcome.end == "applied", outcome
    assert f'"numStartups": {times + 1}' in world.read(STATE)
    assert "time" not in world.read(STATE)
    assert world.run("plan", "--detailed-exitcode").code == 0


def test_a_host_that_never_stops_wins_and_the_rest_is_narrowed(world: World):
    outcome = apply(machine(world.root, FaultyFiles(None, meddle=Host(world, 99))), world.manifest)
    assert (outcome.end, outcome.exit_code) == ("narrowed", ExitCode.NARROWED)
    assert [item.message for item in outcome.failures] == ["another program keeps writing to it"]
    assert outcome.applied == ["cursor/user/time"]
    assert set(outcome.not_attempted) == {"claude-code/user/files", "claude-code/user/time", "cursor/user/files"}
    assert '"numStartups": 4' in world.read(STATE)
    assert world.run("apply", "--yes").code == 0


def test_what_a_host_wrote_meanwhile_survives_the_way_back(world: World):
    """It writes during the first phase, and the disk fails in the second: its bytes are in what is put back."""
    kept = world.folder / "kept"
    shutil.copytree(world.root, kept)
    probe = FaultyFiles(None, meddle=Host(world, 1))
    apply(machine(world.root, probe), world.manifest)
    last = max(at for at, done in enumerate(probe.done, 1) if done == ("commit", "/home/dev/.cursor/mcp.json"))
    shutil.rmtree(world.root)
    kept.rename(world.root)
    fault = Fault(last, broken_disk, lasting=False)
    outcome = apply(machine(world.root, FaultyFiles(None, fault, Host(world, 1))), world.manifest)
    assert outcome.exit_code == ExitCode.NARROWED, outcome
    assert outcome.rolled_back == ["claude-code/user/files"]
    assert '"numStartups": 2' in world.read(STATE)
    assert "work/api" not in world.read(STATE)
    assert "time" not in world.read(STATE)


def test_an_entry_that_a_host_changes_at_that_moment_is_left_to_a_new_plan(world: World):
    def meddle(target: str) -> None:
        if target.endswith(".cursor/mcp.json") and "/else" not in world.read("~/.cursor/mcp.json"):
            rewrite(world, "~/.cursor/mcp.json", "}/work", "}/else")

    outcome = apply(machine(world.root, FaultyFiles(None, meddle=meddle)), world.manifest)
    assert outcome.exit_code == ExitCode.NARROWED
    assert "/else" in world.read("~/.cursor/mcp.json")
    assert world.run("plan", "--detailed-exitcode").code == 2


def test_a_file_that_turns_into_a_link_at_that_moment_is_not_written(world: World):
    def meddle(target: str) -> None:
        path = world.path("~/.cursor/mcp.json")
        if target.endswith(".cursor/mcp.json") and not path.is_symlink():
            path.rename(world.path("~/moved.json"))
            path.symlink_to("../moved.json")

    outcome = apply(machine(world.root, FaultyFiles(None, meddle=meddle)), world.manifest)
    assert outcome.exit_code == ExitCode.NARROWED
    assert outcome.failures[0].message.startswith("`cursor/user/time`: its file is another one")
    assert "time" in world.read("~/moved.json")


def test_a_link_that_appears_at_that_moment_is_kept(tmp_path: Path):
    world = World(tmp_path)
    world.say(MANIFEST.replace(", claude-code: {}", ""))

    def meddle(target: str) -> None:
        path = world.path("~/.cursor/mcp.json")
        if target.endswith("mcp.json") and not path.is_symlink():
            path.symlink_to("../dotfiles.json")

    outcome = apply(machine(world.root, FaultyFiles(None, meddle=meddle)), world.manifest)
    assert outcome.exit_code == 0, outcome
    assert world.path("~/.cursor/mcp.json").is_symlink()
    assert "time" in world.read("~/dotfiles.json")


def test_a_host_that_overwrites_at_once_is_told(world: World):
    old = world.read("~/.cursor/mcp.json")
    files = FaultyFiles(None)

    def meddle(target: str) -> None:
        both_phases = files.done.count(("commit", "/home/dev/.cursor/mcp.json")) == 2
        if target.endswith("journal.json") and both_phases:
            world.write("~/.cursor/mcp.json", old)

    files.meddle = meddle
    outcome = apply(machine(world.root, files), world.manifest)
    assert outcome.exit_code == ExitCode.RECOVER, outcome
    assert any("overwritten by another program" in item.message for item in outcome.failures)
    assert set(outcome.applied) == {"claude-code/user/files", "claude-code/user/time"}
    assert world.run("recover").code == 0
    assert "time" not in world.read("~/.cursor/mcp.json"), "what was taken away is taken away again"
    assert world.run("apply", "--yes").code == 0
    assert world.run("plan", "--detailed-exitcode").code == 0


def linked(folder: Path, manifest: str) -> tuple[World, FaultyFiles]:
    """Two hosts whose files are links to one."""
    world = World(folder)
    world.say(manifest)
    world.write("~/dotfiles/mcp.json", '{"mcpServers": {}}\n')
    world.path("~/.cursor").mkdir()
    world.path("~/.cursor/mcp.json").symlink_to("../dotfiles/mcp.json")
    world.path("~/.claude.json").symlink_to("dotfiles/mcp.json")
    return world, FaultyFiles(None)


def test_two_paths_that_lead_to_one_file_are_written_as_one(tmp_path: Path):
    one_each = MANIFEST.replace("cursor: {create: true}", "cursor: {servers: [files]}")
    world, files = linked(tmp_path, one_each.replace("claude-code: {}", "claude-code: {servers: [time]}"))
    outcome = apply(machine(world.root, files), world.manifest)
    assert outcome.exit_code == 0, outcome
    assert set(outcome.applied) == {"cursor/user/files", "claude-code/user/time"}
    assert [path for operation, path in files.done if operation == "commit" and "dotfiles" in path] == [
        "/home/dev/dotfiles/mcp.json"
    ]
    assert set(json.loads(world.read("~/dotfiles/mcp.json"))["mcpServers"]) == {"files", "time"}
    assert world.path("~/.claude.json").is_symlink()


def test_two_hosts_that_want_different_things_in_one_file_are_told(tmp_path: Path):
    world, files = linked(tmp_path, MANIFEST)
    outcome = apply(machine(world.root, files), world.manifest)
    assert outcome.exit_code == ExitCode.STALE
    assert "are the same place in one file" in outcome.failures[0].message
    assert world.read("~/dotfiles/mcp.json") == '{"mcpServers": {}}\n'


def test_a_value_that_could_not_be_digested_may_be_a_secret(world: World):
    plan = Plan.model_validate(json.loads(saved(world).read_text()))
    change = next(item for item in plan.changes if item.precondition)
    unknown = change.model_copy(update={"precondition": change.precondition.model_copy(update={"value": None})})
    for item, literal in ((change, False), (unknown, True)):
        work = Work(item.file, item.format, "", (item,))
        assert removes_literal(Prepared(work, item.file, None, b"", b"")) is literal
