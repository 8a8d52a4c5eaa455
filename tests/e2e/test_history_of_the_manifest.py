"""What is on a machine without a state, explained by real commits: merges, layers, shallow clones, hostile repositories."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from mcpconf.system.history import refusal
from tests.world import World

WITH = 'mcpconf: 1\nservers:\n  files: {command: ["/opt/files"]}\n  clock: {command: ["/opt/clock"]}\nhosts: {cursor: {}}\n'
WITHOUT = 'mcpconf: 1\nservers:\n  clock: {command: ["/opt/clock"]}\nhosts: {cursor: {}}\n'
ENTRY = '{"mcpServers": {"files": {"command": "/opt/files"}}}\n'
QUIET = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
WHO = {f"GIT_{role}_{key}": "x@example.org" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}


def git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), *words]
    environment = {**os.environ, **QUIET, **WHO}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.strip()


def revoked(tmp_path: Path) -> tuple[World, str]:
    world = World(tmp_path)
    world.write("~/.cursor/mcp.json", ENTRY)
    world.say(WITH)
    world.commit("Ada", "2026-03-01")
    world.say(WITHOUT)
    return world, world.commit("Grace", "2026-05-02")


def found(world: World) -> dict:
    return {change["address"]: change for change in world.plan()["changes"]}


def test_the_commit_behind_a_merge_is_named(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write("~/.cursor/mcp.json", ENTRY)
    world.say(WITH)
    world.commit("Ada", "2026-03-01")
    git(tmp_path, "checkout", "-q", "-b", "branch")
    world.say(WITHOUT)
    taken = world.commit("Grace", "2026-05-02")
    git(tmp_path, "checkout", "-q", "-")
    world.say(WITH + "policy: {unmanaged: keep}\n")
    world.commit("Ada", "2026-05-03")
    git(tmp_path, "merge", "-q", "--no-ff", "-m", "merge", "branch")
    change = found(world)["cursor/user/files"]
    assert change["revoked_by"] == {"commit": taken, "author": "Grace", "date": "2026-05-02"}


def test_a_layer_has_a_history_too(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write("~/.cursor/mcp.json", ENTRY)
    world.say("mcpconf: 1\ninclude: [org/base.yaml]\nhosts: {cursor: {}}\n")
    world.layer("org/base.yaml", 'mcpconf: 1\nservers:\n  files: {command: ["/opt/files"]}\n')
    world.commit("Ada", "2026-03-01")
    world.layer("org/base.yaml", 'mcpconf: 1\nservers:\n  other: {command: ["/opt/other"]}\n')
    taken = world.commit("Grace", "2026-05-02")
    assert found(world)["cursor/user/files"]["revoked_by"]["commit"] == taken


def test_a_shallow_clone_is_named(tmp_path: Path) -> None:
    revoked(tmp_path / "whole")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{tmp_path}/whole", "clone")
    clone = World(tmp_path / "clone")
    clone.write("~/.cursor/mcp.json", ENTRY)
    ran = clone.run("plan")
    assert "history: unknown, for the repository of the manifest is a shallow clone" in ran.stdout
    assert "git fetch --unshallow" in ran.stdout
    assert "cursor/user/files" not in found(clone)
    assert "shallow" in clone.plan()["history_unknown"]
    asked = clone.run("residue")
    assert asked.code == 8
    assert "nothing remembers what was here: there is no state, and the repository" in " ".join(asked.stdout.split())


def test_outside_of_git_it_is_said_too(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write("~/.cursor/mcp.json", ENTRY)
    world.say(WITHOUT)
    assert "history: unknown, for the manifest is not in a git repository" in world.run("plan").stdout


def test_nothing_of_a_hostile_repository_runs(tmp_path: Path) -> None:
    world, taken = revoked(tmp_path)
    for name in ("textconv", "fsmonitor", "pager", "ssh"):
        git(tmp_path, "config", *_TRAPS[name], f"touch {tmp_path}/ran-{name}; false")
    (tmp_path / ".gitattributes").write_text("*.yaml diff=trap filter=trap\n")
    for hook in ("post-checkout", "post-index-change", "reference-transaction"):
        path = tmp_path / ".git/hooks" / hook
        path.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran-hook\n")
        path.chmod(0o755)
    assert found(world)["cursor/user/files"]["revoked_by"]["commit"] == taken
    assert [*tmp_path.glob("ran-*")] == []


_TRAPS = {
    "textconv": ("diff.trap.textconv",),
    "fsmonitor": ("core.fsmonitor",),
    "pager": ("core.pager",),
    "ssh": ("core.sshCommand",),
}


def test_replaced_objects_do_not_count(tmp_path: Path) -> None:
    world, taken = revoked(tmp_path)
    first = git(tmp_path, "rev-parse", "HEAD~1:mcpconf.yaml")
    other = git(tmp_path, "rev-parse", "HEAD:mcpconf.yaml")
    git(tmp_path, "replace", first, other)
    assert found(world)["cursor/user/files"]["revoked_by"]["commit"] == taken


def test_an_author_with_a_control_character_is_escaped(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write("~/.cursor/mcp.json", ENTRY)
    world.say(WITH)
    world.commit("Ada", "2026-03-01")
    world.say(WITHOUT)
    world.commit("Gr\x1b[31mace\u202e", "2026-05-02")
    shown = world.run("plan").stdout
    assert not {"\x1b", "\u202e"} & set(shown)
    assert "Gr" in shown


def test_a_content_that_git_has_lost_is_no_clean_history(tmp_path: Path) -> None:
    world, _ = revoked(tmp_path)
    lost = git(tmp_path, "rev-parse", "HEAD~1:mcpconf.yaml")
    (tmp_path / ".git/objects" / lost[:2] / lost[2:]).unlink()
    plan = world.plan()
    assert "cursor/user/files" not in {change["address"] for change in plan["changes"]}
    assert "earlier versions of the manifest cannot be read" in plan["history_unknown"]


def test_a_year_of_other_commits_reports_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write("~/.cursor/mcp.json", '{"mcpServers": {"mine": {"command": "/opt/mine"}}}\n')
    for month in range(1, 13):
        world.say(f'mcpconf: 1\nservers:\n  s{month}: {{command: ["/opt/s{month}"]}}\nhosts: {{vscode: {{}}}}\n')
        world.commit("Ada", f"2025-{month:02}-01")
    world.say("mcpconf: 1\nservers: {}\nhosts: {cursor: {}}\n")
    world.commit("Ada", "2026-01-01")
    plan = world.plan()
    assert (plan["changes"], plan["residue"], plan["detailed_exit_code"]) == ([], [], 0)


def unknown(world: World) -> str:
    return world.plan()["history_unknown"]


def test_why_git_does_not_tell_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path)
    world.write("~/.cursor/mcp.json", ENTRY)
    world.say(WITHOUT)
    git(tmp_path, "init", "-q")
    assert unknown(world) == f"the repository `{tmp_path}` has no commit yet"
    world.commit("Ada", "2026-03-01")
    assert unknown(world) == ""
    (tmp_path / ".git/HEAD").write_text("nothing\n")
    assert unknown(world).startswith(f"git could not read `{tmp_path}` (fatal: not a git repository")
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert unknown(world) == f"git does not run here, or does not answer for `{tmp_path}`"


def test_a_repository_of_another_user_is_named(tmp_path: Path) -> None:
    revoked(tmp_path)
    environment = {**os.environ, "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    done = subprocess.run(
        ["git", "-C", str(tmp_path), "rev-parse", "HEAD"], env=environment, capture_output=True, check=False
    )
    assert b"dubious ownership" in done.stderr
    told = refusal(str(tmp_path), done)
    assert told == f"git takes `{tmp_path}` for another user's (`git config --global --add safe.directory {tmp_path}`)"
