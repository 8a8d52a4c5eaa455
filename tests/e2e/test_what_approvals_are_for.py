"""Hosts keep approvals by name. What the name stands for may change with an update, and the approval stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.surfaces import lock, surface, tool
from tests.world import World

SETTINGS = "~/.claude/settings.json"
MINE = "grant:claude-code/user/settings#permissions.allow.=mcp__files__write_file"
OTHER = "grant:claude-code/user/settings#permissions.allow.=mcp__files__list_dir"

BEFORE = surface(tools={"write_file": tool("Writes a file."), "list_dir": tool("Lists a folder.")})
AFTER = surface(tools={"write_file": tool("Writes a file, and mails it."), "list_dir": tool("Lists a folder.")})
AGAIN = surface(tools={"write_file": tool("Writes no file."), "list_dir": tool("Lists a folder.")})
WITHOUT = surface(tools={"list_dir": tool("Lists a folder.")})


def manifest(url: str = "https://files.example/mcp", more: str = "") -> str:
    return f'mcpconf: 1\nservers:\n  files: {{url: "{url}"{more}}}\nhosts: {{claude-code: {{create: true}}}}\n'


def allowing(*names: str) -> str:
    return json.dumps({"permissions": {"allow": [f"mcp__files__{name}" for name in names]}})


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A person has let two tools act without asking, and the first apply has seen that."""
    world = World(tmp_path)
    world.write("~/.claude.json", "{}")
    world.write(SETTINGS, allowing("write_file", "list_dir"))
    world.say(manifest())
    show(world, BEFORE)
    assert world.run("apply", "--yes").code == 0
    assert unmanaged(world) == {MINE: False, OTHER: False}
    return world


def show(world: World, shown, *, approved: bool = True) -> None:
    lock(world.manifest, {"files": shown})
    if approved:
        ran = world.run("approve", "files", "--yes", "--by", "ada@example.org")
        assert ran.code == 0, ran.stdout + ran.stderr


def unmanaged(world: World) -> dict[str, bool]:
    """Each approval that is only told, with whether it is new."""
    return {item["address"]: item["new"] for item in world.plan()["unmanaged"]}


def reasons(world: World) -> dict[str, str]:
    return {item["address"]: item["reason"] for item in world.plan()["unmanaged"]}


def test_an_approval_of_a_tool_that_is_another_one_now_is_named(world: World) -> None:
    show(world, AFTER, approved=False)
    plan = world.plan()
    assert unmanaged(world) == {MINE: True, OTHER: False}
    assert "approved for another definition" in reasons(world)[MINE]
    assert "approved for another definition" not in reasons(world)[OTHER]
    assert [item["address"] for item in plan["drift"] if item["kind"] == "unmanaged"] == [MINE]


def test_once_the_new_definition_is_approved_it_is_named_and_no_news(world: World) -> None:
    show(world, AFTER)
    assert unmanaged(world) == {MINE: False, OTHER: False}
    assert "approved for another definition" in reasons(world)[MINE]
    assert world.plan()["detailed_exit_code"] == 0


def test_whoever_has_seen_it_is_not_told_again(world: World) -> None:
    show(world, AFTER, approved=False)
    assert world.run("accept", MINE).code == 0
    assert unmanaged(world) == {MINE: False, OTHER: False}
    assert "another definition" not in reasons(world)[MINE]
    show(world, AGAIN, approved=False)
    assert unmanaged(world) == {MINE: True, OTHER: False}


def test_an_unattended_apply_blesses_nothing(world: World) -> None:
    show(world, AFTER, approved=False)
    world.run("apply", "--yes")
    assert unmanaged(world)[MINE]


def test_what_was_seen_before_anything_was_locked_is_held_to_the_first_lock(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write("~/.claude.json", "{}")
    world.write(SETTINGS, allowing("write_file"))
    world.say(manifest())
    assert world.run("apply", "--yes").code == 0
    show(world, BEFORE)
    assert unmanaged(world) == {MINE: False}
    assert world.run("apply", "--yes").code == 0
    show(world, AFTER, approved=False)
    assert unmanaged(world) == {MINE: True}


def test_a_lock_that_tells_nothing_any_more_makes_nothing_new(world: World) -> None:
    world.manifest.with_suffix(".lock").unlink()
    assert unmanaged(world) == {MINE: False, OTHER: False}
    show(world, AFTER, approved=False)
    assert unmanaged(world) == {MINE: True, OTHER: False}


def test_a_tool_that_an_update_took_away_keeps_no_approval_by_a_pattern(world: World) -> None:
    world.say(manifest(more=', permissions: {tools: {auto: ["*_file", "list_dir"]}}'))
    show(world, BEFORE)
    assert world.run("apply", "--yes").code == 0
    assert json.loads(world.read(SETTINGS))["permissions"]["allow"][-1] == "mcp__files__*_file"
    assert world.plan()["changes"] == []
    show(world, WITHOUT)
    assert [(item["address"], item["action"]) for item in world.plan()["changes"]] == [(MINE, "revoke")]
    assert world.run("apply", "--yes").code == 0
    assert json.loads(world.read(SETTINGS))["permissions"]["allow"] == ["mcp__files__list_dir", "mcp__files__*_file"]


def test_a_name_that_is_used_again_inherits_nothing(world: World) -> None:
    world.say(manifest("https://others.example/mcp"))
    show(world, BEFORE)
    changes = {item["address"]: (item["action"], item["reason"]) for item in world.plan()["changes"]}
    assert changes == {
        "claude-code/user/files": ("replace", "manifest_changed"),
        MINE: ("revoke", "revoked"),
        OTHER: ("revoke", "revoked"),
    }
    assert world.run("apply", "--yes", "--max-privilege", "critical").code == 0
    assert json.loads(world.read(SETTINGS))["permissions"]["allow"] == []
    world.write(SETTINGS, allowing("write_file"))
    assert world.plan()["changes"] == []
    assert unmanaged(world) == {MINE: True}
    assert world.run("accept", MINE).code == 0
    assert unmanaged(world) == {MINE: False}


def test_another_version_or_bridge_of_the_same_server_keeps_its_approvals(world: World) -> None:
    world.say(manifest().replace("url:", "command: [npx, -y, mcp-remote@0.1.38,").replace('mcp"}', 'mcp"]}'))
    lock(world.manifest, {"files": BEFORE})
    assert {item["address"] for item in world.plan()["changes"]} == {"claude-code/user/files"}
    assert unmanaged(world) == {MINE: False, OTHER: False}
