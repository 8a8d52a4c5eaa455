"""A server that was approved, used, upgraded and revoked over five commits, and everything that remembers it."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.world import World

CLOCK = '  clock: {command: ["/opt/clock"], env: {SHARED_TOKEN: "${env:SHARED_TOKEN}"}}\n'
FAR = '  far: {url: "https://far.example/mcp"}\n'
REST = """\
hosts: {cursor: {}, claude-code: {}, codex: {}}
projects: [{path: ~/src/api, hosts: [cursor]}]
"""


def manifest(servers: str, more: str = "") -> str:
    return f"mcpconf: 1\nservers:\n{servers}{REST}{more}"


def files(version: str, auto: str) -> str:
    return (
        f'  files:\n    package: "npm:@x/files"\n    version: "{version}"\n'
        '    env: {FILES_TOKEN: {secret: FILES_TOKEN}, SHARED_TOKEN: "${env:SHARED_TOKEN}", MODE: ro}\n'
        f"    permissions: {{tools: {{call: [read_file, list_dir, write_file], auto: [{auto}]}}}}\n"
    )


OTHER = {
    "~/.cursor/mcp.json": '{"mcpServers": {"mine": {"command": "/opt/mine"}}}\n',
    "~/.claude.json": '{"numStartups": 7, "projects": {"/home/dev/src/api": {"hasTrustDialogAccepted": true}}}\n',
    "~/.claude/settings.json": '{"permissions": {"allow": ["Bash(ls)", "mcp__mine__look"]}, "model": "m"}\n',
    "~/.codex/config.toml": '# mine\nmodel = "m"\n',
    "~/.bashrc": "export EDITOR=vi\n",
    "~/src/api/.git/HEAD": "ref: refs/heads/main\n",
}
"""What is on the machine all along, and is nobody's business."""

MARK = hashlib.md5(b"https://far.example/mcp", usedforsecurity=False).hexdigest()
"""By which `mcp-remote` names what it keeps of an address."""

USED = {
    "~/.npm/_npx/aaaa/package.json": '{"dependencies": {"@x/files": "^1.0.0"}}',
    "~/.npm/_npx/aaaa/node_modules/@x/files/package.json": '{"name": "@x/files", "version": "1.0.0"}',
    "~/.npm/_npx/bbbb/node_modules/@x/other/package.json": '{"name": "@x/other", "version": "1.0.0"}',
    "~/.bashrc": "export EDITOR=vi\nexport FILES_TOKEN=s3cr3t-value-of-files\nexport SHARED_TOKEN=hunter2hunter2\n",
    "~/.cursor/mcp.json.bak": '{"mcpServers": {"files": {"command": "npx", "args": ["-y", "@x/files@1.0.0"]}}}\n',
    "~/src/api/.devcontainer/devcontainer.json": '{"mcp": {"any": {"command": "npx", "args": ["@x/files"]}}}\n',
    "~/.claude/.credentials.json": '{"mcpOAuth": {"far|0123456789abcdef": {"serverName": "far", "serverUrl": "https://far.example/mcp", "accessToken": "s3cr3t-value-of-far"}}}\n',
    f"~/.mcp-auth/mcp-remote-0.1.38/{MARK}_tokens.json": '{"access_token": "s3cr3t-value-of-far"}',
}
"""What using the server leaves behind, beside the files of hosts."""


ENTRIES = {
    *(f"{place}/far" for place in ("claude-code/user", "codex/user", "cursor/user", "cursor/project:~/src/api")),
    *(f"{place}/files" for place in ("claude-code/user", "codex/user", "cursor/user", "cursor/project:~/src/api")),
}
READING = {
    "grant:claude-code/user/settings#permissions.allow.=mcp__files__read_file",
    "grant:claude-code/user:~/src/api/state#projects.%2Fhome%2Fdev%2Fsrc%2Fapi.allowedTools.=mcp__files",
    "grant:cursor/user/allow#mcpAllowlist.=files:read_file",
    "grant:cursor/project:~/src/api/allow-project#mcpAllowlist.=files:read_file",
}
WRITING = "grant:claude-code/user/settings#permissions.allow.=mcp__files__write_file"
ENDED_BY_HAND = {
    "/home/dev/.claude.json:": "in another scope, under another name and in another version",
    "/home/dev/src/api/.mcp.json:1": "in a file that git tracks",
    "/home/dev/.npm/_npx/aaaa/node_modules/@x/files": "in a cache",
    "/home/dev/.bashrc:2": "a secret that only it was given",
    "/home/dev/.codex/config.toml:": "commented out",
    "/home/dev/src/api/.devcontainer/devcontainer.json#/mcp/any": "in a dev container",
    "/home/dev/.cursor/mcp.json.bak#/mcpServers/files": "in a copy of a file",
    "/home/dev/.claude/.credentials.json": "a sign-in of a host",
    f"/home/dev/.mcp-auth/mcp-remote-0.1.38/{MARK}_tokens.json": "a sign-in of a bridge",
}
"""Where the rest lies, and why that is not for apply to remove."""


class Told(NamedTuple):
    world: World
    revoking: str
    narrowing: str


def edited(world: World, name: str, change) -> None:
    value = json.loads(world.read(name))
    change(value)
    world.write(name, json.dumps(value, indent=2) + "\n")


def approved_by_hand(world: World) -> None:
    """What people and hosts add while they work with it."""
    edited(
        world, "~/.claude/settings.json", lambda value: value["permissions"]["allow"].append("mcp__files__write_file")
    )
    edited(
        world,
        "~/.claude.json",
        lambda value: value["projects"]["/home/dev/src/api"].update(allowedTools=["mcp__files"]),
    )
    edited(
        world,
        "~/.claude.json",
        lambda value: value["projects"]["/home/dev/src/api"].update(mcpServers={"old-files": _entry("1.0.0")}),
    )
    world.write("~/src/api/.mcp.json", json.dumps({"mcpServers": {"files": _entry("1.2.0")}}))
    world.track("~/src/api", ".mcp.json")
    text = world.read("~/.codex/config.toml")
    world.write(
        "~/.codex/config.toml",
        text + '\n# [mcp_servers.files_old]\n# command = "npx"\n# args = ["-y", "@x/files@1.0.0"]\n',
    )


def _entry(version: str) -> dict:
    return {"command": "npx", "args": ["-y", f"@x/files@{version}"]}


@pytest.fixture
def told(tmp_path: Path) -> Told:
    world = World(tmp_path)
    for name, content in OTHER.items():
        world.write(name, content)
    shutil.rmtree(world.path("~/src/api/.git"))
    world.track("~/src/api")
    world.say(manifest(files("1.0.0", "read_file, write_file") + FAR + CLOCK))
    world.commit("Ada", "2026-01-05")
    applied(world, "--move-secrets")
    for name, content in USED.items():
        world.write(name, content)
    world.path("~/.claude/.credentials.json").chmod(0o600)
    world.say(manifest(files("1.2.0", "read_file, write_file") + FAR + CLOCK))
    world.commit("Ada", "2026-02-10")
    applied(world)
    world.say(manifest(files("1.2.0", "read_file") + FAR + CLOCK))
    narrowing = world.commit("Bob", "2026-03-15")
    applied(world)
    approved_by_hand(world)
    world.say(manifest(files("1.2.0", "read_file") + FAR + CLOCK, "policy: {unmanaged: keep}\n"))
    world.commit("Ada", "2026-04-20")
    world.say(manifest(CLOCK, "policy: {unmanaged: keep}\n"))
    return Told(world, world.commit("Grace", "2026-05-02"), narrowing)


def applied(world: World, *options: str) -> None:
    ran = world.run("apply", "--yes", *options)
    assert ran.code in (0, 3), ran.stdout + ran.stderr


def left_over(plan: dict) -> dict[str, str]:
    """Where each thing lies, with the commit that revoked it."""
    return {item["where"]: item["revoked_by"]["commit"] for item in plan["residue"]}


def named(found: dict[str, str]) -> set[str]:
    return {
        known for where in found for known in ENDED_BY_HAND if where == known or where.rstrip("0123456789") == known
    }


def taken(plan: dict) -> dict[str, str]:
    return {item["address"]: item["revoked_by"]["commit"] for item in plan["changes"]}


def test_every_leftover_is_named_with_the_commit_that_revoked_it(told: Told) -> None:
    ran = told.world.run("plan", "--detailed-exitcode", "--format", "json")
    assert ran.code == 2
    assert taken(ran.json) == {**dict.fromkeys(ENTRIES | READING, told.revoking), WRITING: told.narrowing}
    found = left_over(ran.json)
    assert set(found.values()) == {told.revoking}
    assert (named(found), len(found)) == ({*ENDED_BY_HAND}, len(ENDED_BY_HAND))
    shown = told.world.run("plan").stdout
    assert "(Grace, 2026-05-02)" in shown
    assert "(Bob, 2026-03-15)" in shown
    assert not [text for text in ("s3cr3t", "hunter2") if text in shown + ran.stdout]


def test_what_can_be_removed_is_and_nothing_else(told: Told) -> None:
    world = told.world
    before = world.snapshot()
    assert world.run("apply", "--yes").code == 0
    after = world.snapshot()
    assert {name for name in before if after.get(name) != before[name]} == {
        "home/dev/.claude.json",
        "home/dev/.claude/settings.json",
        "home/dev/.codex/config.toml",
        "home/dev/.cursor/mcp.json",
        "home/dev/.cursor/permissions.json",
        "home/dev/src/api/.cursor/mcp.json",
        "home/dev/src/api/.cursor/permissions.json",
    }
    assert {*after} - {*before} == set()
    left = json.loads(world.read("~/.cursor/mcp.json"))["mcpServers"]
    assert {name: left[name]["command"] for name in left} == {"mine": "/opt/mine", "clock": "/opt/clock"}
    assert json.loads(world.read("~/.claude/settings.json")) == json.loads(OTHER["~/.claude/settings.json"])
    known = json.loads(world.read("~/.claude.json"))
    assert known["projects"]["/home/dev/src/api"].pop("mcpServers") == {"old-files": _entry("1.0.0")}
    assert known["projects"]["/home/dev/src/api"].pop("allowedTools") == []
    assert [*known.pop("mcpServers")] == ["clock"]
    assert known == json.loads(OTHER["~/.claude.json"])
    assert world.read("~/.codex/config.toml").startswith(OTHER["~/.codex/config.toml"])
    assert "[mcp_servers.files]" not in world.read("~/.codex/config.toml")
    assert "files_old" in world.read("~/.codex/config.toml")


def test_a_second_plan_proves_absence(told: Told) -> None:
    world = told.world
    assert world.run("apply", "--yes").code == 0
    plan = world.run("plan", "--detailed-exitcode", "--format", "json")
    assert (plan.code, plan.json["changes"], len(plan.json["residue"])) == (2, [], len(ENDED_BY_HAND))
    assert set(left_over(plan.json).values()) == {told.revoking}
    end_by_hand(world)
    assert world.run("backups", "purge", "--all", "--yes").code == 0
    proof = world.run("plan", "--detailed-exitcode", "--format", "json")
    assert (proof.code, proof.json["residue"]) == (0, []), proof.stdout
    for server in ("files", "far"):
        ran = world.run("residue", server)
        assert (ran.code, "gone: nothing of" in ran.stdout) == (0, True), ran.stdout


def end_by_hand(world: World) -> None:
    """What the instructions say."""
    edited(world, "~/.claude.json", lambda value: value["projects"]["/home/dev/src/api"].pop("mcpServers"))
    world.path("~/src/api/.mcp.json").unlink()
    for name in ("~/.npm/_npx/aaaa", "~/src/api/.devcontainer", "~/.mcp-auth"):
        shutil.rmtree(world.path(name))
    for name in ("~/.cursor/mcp.json.bak", "~/.claude/.credentials.json"):
        world.path(name).unlink()
    world.write("~/.bashrc", "export EDITOR=vi\nexport SHARED_TOKEN=hunter2hunter2\n")
    world.write("~/.codex/config.toml", world.read("~/.codex/config.toml").partition("\n# [mcp_servers")[0])


def test_without_the_state_everything_is_still_named(told: Told) -> None:
    world = told.world
    shutil.rmtree(world.path("~/.local/state/mcpconf"))
    plan = world.run("plan", "--detailed-exitcode", "--format", "json")
    assert plan.code == 2
    found = left_over(plan.json)
    assert {*taken(plan.json)} | {*map(str, found)} >= ENTRIES | READING | {WRITING}
    assert set(found.values()) == {told.revoking}
    assert named(found) == {*ENDED_BY_HAND}
    assert taken(plan.json) == {**dict.fromkeys(ENTRIES | READING, told.revoking), WRITING: told.narrowing}
    assert world.run("apply", "--yes").code == 0
    again = world.run("plan", "--detailed-exitcode", "--format", "json")
    assert (again.code, again.json["changes"]) == (2, [])
    assert named(left_over(again.json)) == {*ENDED_BY_HAND}


def test_a_year_of_other_history_reports_nothing(tmp_path: Path) -> None:
    """The machine is full of what somebody uses, and no commit ever granted any of it here."""
    world = World(tmp_path)
    for name, content in {**OTHER, **USED}.items():
        world.write(name, content)
    shutil.rmtree(world.path("~/src/api/.git"))
    world.track("~/src/api")
    world.path("~/.claude/.credentials.json").chmod(0o600)
    for week in range(52):
        servers = (
            f'  s{week}: {{package: "npm:@y/s{week}", version: "1.0.{week}", env: {{S_TOKEN: "${{env:S_TOKEN}}"}}}}\n'
        )
        world.say(manifest(servers + CLOCK))
        world.commit("Ada", f"2025-{1 + week // 5:02}-{1 + week % 5:02}")
    world.say(manifest(CLOCK))
    world.commit("Ada", "2026-01-01")
    applied(world, "--move-secrets")
    plan = world.run("plan", "--detailed-exitcode", "--format", "json")
    assert (plan.code, plan.json["changes"], plan.json["residue"]) == (0, [], []), plan.stdout
    assert not [item for item in plan.json["unmanaged"] if item["new"]]
