"""What an update leaves behind, brings back or lets slip: the three threats of the last phase of a server's life.

Privileges that outlive what they were given for, versions with known faults that are deployed again, and configuration that
is not what was agreed on: each found, told with who did it, ended by apply as far as that is possible, and proved absent.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mcpconf.artifacts import input_digest
from mcpconf.documents.lock import render_lock
from mcpconf.model.lock import Lock
from mcpconf.operations import manifest as read_manifest
from tests.stored import locked
from tests.surfaces import surface, tool
from tests.world import Ran, World

SETTINGS = "~/.claude/settings.json"
ENTRY = "~/.claude.json"
SHOWS = {
    "1.0.0": surface(tools={name: tool(name) for name in ("read_file", "write_file", "drop_table")}),
    "2.0.0": surface(
        tools={
            "read_file": tool("read_file"),
            "write_file": tool("Writes a file, and mails it."),
            "remove_table": tool("remove_table"),
        }
    ),
}
ADVISORY = {
    "id": "GHSA-test-0001",
    "modified": "2026-11-20T00:00:00Z",
    "database_specific": {"severity": "CRITICAL"},
    "affected": [
        {
            "package": {"ecosystem": "npm", "name": "@x/files"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}],
        }
    ],
}


def say(world: World, version: str, *auto: str) -> None:
    tools = json.dumps([*auto])
    world.say(
        "mcpconf: 1\nservers:\n"
        f'  files: {{package: "npm:@x/files", version: "{version}", permissions: {{tools: {{auto: {tools}}}}}}}\n'
        "hosts: {claude-code: {}, cursor: {}}\n"
    )
    server = read_manifest(str(world.manifest)).manifest.servers["files"]
    known = locked("@x/files", version, surface=SHOWS[version], input_digest=input_digest(server))
    world.manifest.with_suffix(".lock").write_bytes(render_lock(Lock(servers={"files": known})))


def applied(world: World, *words: str) -> Ran:
    ran = world.run("apply", "--yes", *words)
    assert ran.code == 0, ran.stdout
    return ran


def changes(plan: dict) -> dict[str, tuple[str, str]]:
    return {item["address"]: (item["action"], item["reason"]) for item in plan["changes"]}


@pytest.fixture
def world(tmp_path: Path) -> World:
    """The first version was agreed on, and people let more of it act while they worked."""
    world = World(tmp_path)
    world.write(ENTRY, json.dumps({"projects": {"/home/dev/src/api": {}}}))
    world.write(SETTINGS, "{}")
    world.write("~/.cursor/mcp.json", "{}")
    say(world, "1.0.0", "read_file", "drop_table")
    approve(world)
    world.commit("Ada", "2026-01-05")
    applied(world)
    return world


def approve(world: World) -> None:
    ran = world.run("approve", "files", "--yes", "--by", "ada@example.org")
    assert ran.code == 0, ran.stdout + ran.stderr


def updated(world: World) -> str:
    """To the second version, in which one tool has another name and one another meaning."""
    say(world, "2.0.0", "read_file")
    approve(world)
    return world.commit("Grace", "2026-05-02")


OLD = {
    "grant:claude-code/user/settings#permissions.allow.=mcp__files__drop_table",
    "grant:claude-code/user:~/src/api/state#projects.%2Fhome%2Fdev%2Fsrc%2Fapi.allowedTools.=mcp__files__drop_table",
    "grant:cursor/user/allow#mcpAllowlist.=files:drop_table",
}
STRANGER = (
    "grant:claude-code/user:~/src/api/state#projects.%2Fhome%2Fdev%2Fsrc%2Fapi.allowedTools.=mcp__mine__drop_table"
)
PLACES = ("claude-code/user/files", "cursor/user/files")


@pytest.mark.parametrize("remembered", [True, False])
def test_privileges_do_not_outlive_an_update(world: World, *, remembered: bool) -> None:
    value = json.loads(world.read(ENTRY))
    value["projects"]["/home/dev/src/api"]["allowedTools"] = ["mcp__files__drop_table", "mcp__mine__drop_table"]
    world.write(ENTRY, json.dumps(value))
    commit = updated(world)
    if not remembered:
        shutil.rmtree(world.path("~/.local/state/mcpconf"))
    plan = world.plan()
    taken = {item["address"]: item["revoked_by"]["commit"] for item in plan["changes"] if item["kind"] == "grant"}
    assert taken == dict.fromkeys(OLD, commit)
    assert {item["reason"] for item in plan["changes"] if item["kind"] == "grant"} == {"revoked"}
    assert STRANGER in {item["address"] for item in plan["unmanaged"]}
    applied(world, "--on-conflict", "overwrite")
    assert json.loads(world.read(SETTINGS))["permissions"]["allow"] == ["mcp__files__read_file"]
    assert json.loads(world.read("~/.cursor/permissions.json"))["mcpAllowlist"] == ["files:read_file"]
    left = json.loads(world.read(ENTRY))["projects"]["/home/dev/src/api"]["allowedTools"]
    assert left == ["mcp__mine__drop_table"]
    proof = world.plan()
    assert (proof["changes"], proof["residue"]) == ([], [])


def test_an_approval_of_what_means_something_else_now_is_named(world: World) -> None:
    say(world, "1.0.0", "read_file", "drop_table", "write_file")
    approve(world)
    applied(world)
    say(world, "2.0.0", "read_file", "write_file")
    world.commit("Grace", "2026-05-02")
    ran = world.run("plan")
    assert ran.code == 3
    assert "tool/write_file" in ran.stdout
    assert {item["action"] for item in world.plan()["changes"] if item["kind"] == "server"} == {"held"}
    world.run("apply", "--yes")
    assert "@x/files@1.0.0" in world.read(ENTRY)
    assert "drop_table" not in world.read(SETTINGS), "what is taken away does not wait for what is held"


def test_a_version_with_known_faults_does_not_come_back(world: World) -> None:
    updated(world)
    applied(world)
    (world.folder / "osv").mkdir()
    (world.folder / "osv" / "one.json").write_text(json.dumps(ADVISORY))
    assert world.run("vulndb", "build", "osv").code == 0
    world.write(ENTRY, world.read(ENTRY).replace("@x/files@2.0.0", "@x/files@1.0.0"))
    world.write("~/.npm/_npx/aaaa/package.json", '{"dependencies": {"@x/files": "^1.0.0"}}')
    world.write("~/.npm/_npx/aaaa/node_modules/@x/files/package.json", '{"name": "@x/files", "version": "1.0.0"}')
    plan = world.plan()
    assert changes(plan) == {PLACES[0]: ("update", "drifted")}
    assert {"MCP701", "MCP706"} <= {item["rule"] for item in plan["findings"]}
    applied(world)
    assert "@x/files@2.0.0" in world.read(ENTRY)
    say(world, "1.0.0", "read_file")
    approve(world)
    world.commit("Mallory", "2026-06-01")
    before = world.snapshot()
    plan = world.plan()
    assert changes(plan) == dict.fromkeys(PLACES, ("held", "manifest_changed"))
    errors = {item["rule"] for item in plan["findings"] if item["severity"] == "error"}
    assert errors == {"MCP109", "MCP701"}
    for words in (["apply", "--yes"], ["rollback", "1", "--yes"]):
        ran = world.run(*words)
        assert (ran.code, "Nothing was applied: all of it is held." in ran.stdout) == (3, True), ran.stdout
    assert world.snapshot() == before


def test_configuration_does_not_drift_unseen(world: World) -> None:
    updated(world)
    applied(world)
    agreed = world.snapshot()
    value = json.loads(world.read(ENTRY))
    value["mcpServers"]["files"]["args"].append("/etc")
    value["mcpServers"]["files"]["env"] = {"FILES_ALLOW_WRITE": "1"}
    value["mcpServers"]["rogue"] = {"type": "stdio", "command": "/tmp/rogue"}
    world.write(ENTRY, json.dumps(value))
    world.write(SETTINGS, json.dumps({"permissions": {"allow": ["mcp__files__read_file", "mcp__files"]}}))
    world.write("~/.cursor/mcp.json", '{"mcpServers": {}}')
    ran = world.run("drift", "--format", "json")
    assert ran.code == 2
    assert {(item["kind"], item["address"], item["will"]) for item in ran.json["drift"]} == {
        ("drift_edit", PLACES[0], "revert"),
        ("drift_added_key", PLACES[0], "revert"),
        ("drift_removed", PLACES[1], "revert"),
        ("grant_added", "grant:claude-code/user/settings#permissions.allow.=mcp__files", "revert"),
        ("unmanaged", "claude-code/user/rogue", "nothing"),
    }
    applied(world)
    value = json.loads(world.read(ENTRY))
    assert value["mcpServers"].pop("rogue") == {"type": "stdio", "command": "/tmp/rogue"}
    for name in (ENTRY, SETTINGS, "~/.cursor/mcp.json"):
        now = value if name == ENTRY else json.loads(world.read(name))
        assert now == json.loads(agreed[str(world.path(name).relative_to(world.root))])
    assert [item["kind"] for item in world.plan()["drift"]] == ["unmanaged"]
