"""A saved plan: for one machine, user, key and state, applied once, and not edited."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mcpconf.canonical import keyed
from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode
from mcpconf.model.plan import Plan
from mcpconf.reconcile.conclude import plan_digest
from mcpconf.system.facts import rooted_machine
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


def test_a_saved_plan_is_applied_once(world: World):
    plan = saved(world)
    assert world.run("apply", str(plan)).code == 0
    ran = world.run("apply", str(plan))
    assert (ran.code, "already applied" in ran.stderr) == (ExitCode.STALE, True), ran


def test_a_saved_plan_is_outdated_by_another_apply(world: World):
    plan = saved(world)
    assert world.run("apply", "--yes", "--target", "cursor/user/time").code == 0
    ran = world.run("apply", str(plan))
    assert (ran.code, "something else was applied" in ran.stderr) == (ExitCode.STALE, True), ran


def test_a_saved_plan_without_operations_is_always_fine(world: World):
    assert world.run("apply", "--yes").code == 0
    plan = saved(world)
    for _ in range(2):
        assert world.run("apply", str(plan)).code == 0
    world.say(MANIFEST)
    assert world.run("apply", "--yes").code == 0
    before = everything(world)
    assert world.run("apply", str(plan)).code == 0
    assert everything(world) == before


@pytest.mark.parametrize("what", ["machine", "user", "key"])
def test_a_saved_plan_is_bound_to_machine_user_and_key(world: World, what: str):
    plan = saved(world)
    facts = world.root / "machine.yaml"
    if what == "machine":
        facts.write_text(facts.read_text() + "env: {XDG_STATE_HOME: /home/dev/.local/state}\n")
        facts.write_text(facts.read_text().replace("os: linux", "os: macos"))
        world.path("~/Library/Application Support").mkdir(parents=True)
        world.path("~/Library/Application Support/mcpconf").symlink_to("../../.local/state/mcpconf")
    elif what == "user":
        facts.write_text(facts.read_text().replace("user: dev", "user: other"))
    else:
        world.path("~/.local/state/mcpconf/key").write_bytes(os.urandom(32))
    before = world.snapshot()
    ran = world.run("apply", str(plan))
    assert (ran.code, "another machine or user" in ran.stderr) == (ExitCode.STALE, True), ran
    assert world.snapshot() == before


@pytest.mark.parametrize("seal", ["broken", "renewed"])
def test_a_saved_plan_that_was_edited_is_refused(world: World, seal: str):
    plan = saved(world)
    document = json.loads(plan.read_text())
    document["changes"][0]["edits"] = [{"at": ["theme"], "value": "evil"}]
    if seal == "renewed":
        document["changes"][0]["precondition"] = None
        document["plan_digest"] = plan_digest(Plan.model_validate(document))
    plan.write_text(json.dumps(document))
    before = everything(world)
    ran = world.run("apply", str(plan))
    assert ran.code == ExitCode.NO_PLAN, ran
    assert ("edited or damaged" if seal == "broken" else "edited after it was made") in ran.stderr
    assert everything(world) == before


def test_no_digest_that_a_plan_shows_seals_a_saved_plan(world: World):
    """Whoever writes a host's file chooses of what the plan shows a keyed digest."""
    plan = saved(world)
    document = json.loads(plan.read_text())
    document["changes"][0]["precondition"] = None
    wanted = document["plan_digest"] = plan_digest(Plan.model_validate(document))
    world.say(MANIFEST)
    world.write("~/.cursor/mcp.json", json.dumps({"mcpServers": {"files": wanted}}))
    shown = [item["precondition"]["value"] for item in world.plan()["changes"] if item.get("precondition")]
    key = Store.of(rooted_machine(str(world.root))).key()
    assert key is not None
    assert keyed(key, wanted) in shown
    for seal in shown + [digest.replace("keyed:", "sealed:") for digest in shown]:
        plan.write_text(json.dumps({**document, "seal": seal}))
        ran = world.run("apply", str(plan))
        assert (ran.code, "edited after it was made" in ran.stderr) == (ExitCode.NO_PLAN, True), ran


def test_a_forged_plan_with_a_right_digest_is_refused(world: World):
    """Whoever can reckon the digest still lacks the machine's key."""
    path = saved(world)
    plan = Plan.model_validate_json(path.read_bytes())
    forged = plan.model_copy(update={"changes": [plan.changes[0].model_copy(update={"file": "/home/dev/.bashrc"})]})
    path.write_text(forged.model_copy(update={"plan_digest": plan_digest(forged)}).model_dump_json())
    before = world.snapshot()
    ran = world.run("apply", str(path))
    assert (ran.code, world.snapshot()) == (ExitCode.NO_PLAN, before), ran
    assert "edited after it was made" in ran.stderr
