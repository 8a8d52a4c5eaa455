"""The rollout script with the real mcpconf: machines that are folders, machines behind ssh, and this machine itself."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mcpconf import operations
from mcpconf.system.facts import rooted_machine
from tests.e2e.kill_points import killed
from tests.fleet import MCPCONF, Fleet
from tests.world import LINUX, World

MANIFEST = """\
mcpconf: 1
servers:
  files: {package: "npm:@modelcontextprotocol/server-filesystem", version: "2026.8.31", args: ["${home}/work"]}
  github:
    url: https://api.githubcopilot.com/mcp/
    headers: {Authorization: {secret: GITHUB_MCP_TOKEN, prefix: "Bearer "}}
hosts: {cursor: {}, claude-code: {}}
absent:
  - {package: "npm:postmark-mcp", reason: MAL-2025-47604}
"""
ROGUE = '"mail": {"command": "npx", "args": ["-y", "postmark-mcp@1.0.16"]}'
TOKEN = "ghp_q7Zr2LxW9vBn4KtY6mHs1JdP8cFg3RaEoUiT"
STATE = "~/.local/state/mcpconf"


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    made = Fleet(tmp_path / "fleet")
    (made.folder / "mcpconf.yaml").write_text(MANIFEST)
    return made


def machine(fleet: Fleet, name: str, *, applied: bool = True) -> World:
    """A machine of the fleet, in sync."""
    world = World(fleet.folder / name, {**LINUX, "env": {"GITHUB_MCP_TOKEN": "set"}})
    world.write("~/.cursor/mcp.json", '{"mcpServers": {}}\n')
    world.write("~/.claude.json", '{"mcpServers": {}}\n')
    if applied:
        words = ("--yes", "-m", str(fleet.folder / "mcpconf.yaml"))
        assert world.run("apply", *words).code == 0
    fleet.lines.append(f"{name} --root {name}/machine")
    return world


def test_a_fleet_in_every_condition(fleet: Fleet) -> None:
    machine(fleet, "in-sync")
    machine(fleet, "new", applied=False)
    drifted = machine(fleet, "drifted")
    cursor = drifted.read("~/.cursor/mcp.json").replace('"files": {', f'{ROGUE},\n    "files": {{')
    drifted.write("~/.cursor/mcp.json", cursor.replace("${env:GITHUB_MCP_TOKEN}", TOKEN))
    drifted.write("~/.claude.json", drifted.read("~/.claude.json").replace("/home/dev/work", "/"))
    broken = machine(fleet, "broken")
    broken.write("~/.cursor/mcp.json", '{"mcpServers": ')
    conflict = machine(fleet, "conflict", applied=False)
    conflict.write("~/.cursor/mcp.json", '{"mcpServers": {"files": {"command": "files-server"}}}')
    interrupted = machine(fleet, "interrupted")
    for file in ("~/.cursor/mcp.json", "~/.claude.json"):
        interrupted.write(file, interrupted.read(file).replace("2026.8.31", "2025.8.21"))
    plan = operations.plan(rooted_machine(str(interrupted.root)), str(fleet.folder / "mcpconf.yaml")).plan
    journal = interrupted.path(f"{STATE}/journal.json")
    assert any(killed(interrupted.folder, plan, at, "before") and journal.exists() for at in range(1, 40))
    fleet.lines.append("gone --root gone/machine")

    untouched = conflict.snapshot()
    dry = fleet.roll("--dry-run")
    assert dry.results == {
        "in-sync": "ok",
        "new": "differs",
        "drifted": "differs",
        "broken": "unchecked",
        "conflict": "differs",
        "interrupted": "unchecked",
        "gone": "failed",
    }
    fleet.lines.pop()  # a machine whose facts cannot be read stops everything

    done = fleet.roll("--max-failed", "1")
    assert done.results == {
        "in-sync": "ok",
        "new": "ok",
        "drifted": "ok",
        "broken": "unchecked",
        "conflict": "conflict",
        "interrupted": "ok",
    }, done.told
    assert done.code == 1
    assert done.steps["in-sync"] == ["plan 0", "apply 0", "verify 0"]
    assert done.steps["conflict"] == ["plan 2", "apply 4", "plan 2", "apply 4"]
    assert done.steps["interrupted"] == ["plan 8", "apply 0", "verify 0"]
    assert conflict.snapshot() == untouched
    assert "postmark" not in drifted.read("~/.cursor/mcp.json")
    assert "/home/dev/work" in drifted.read("~/.claude.json")
    assert {*done.reports["drifted"]["applied"]} == {"cursor/user/mail", "cursor/user/github", "claude-code/user/files"}
    assert done.reports["drifted"]["backups"]
    assert done.reports["broken"]["unknowns"][0]["where"] == "/home/dev/.cursor/mcp.json:1:16"
    assert len({report["origin"]["manifest_digest"] for report in done.reports.values()}) == 1
    texts = "".join(path.read_text() for path in done.folder.iterdir())
    assert TOKEN not in texts + done.told + done.errors


def test_a_manifest_that_is_broken_stops_at_the_first_machine(fleet: Fleet) -> None:
    machine(fleet, "one")
    second = machine(fleet, "two", applied=False)
    (fleet.folder / "mcpconf.yaml").write_text(MANIFEST.replace("servers:", "serverz:"))
    before = second.snapshot()
    done = fleet.roll("--max-failed", "5")
    assert done.code == 3
    assert done.results == {"one": "failed", "two": "left-out"}
    [problem] = [item for item in done.reports["one"]["error"]["problems"] if "serverz" in item["message"]]
    assert problem["line"] == 2
    assert second.snapshot() == before


def test_a_policy_that_blocks_stops_at_the_first_machine(fleet: Fleet) -> None:
    machine(fleet, "one")
    machine(fleet, "two")
    (fleet.folder / "mcpconf.yaml").write_text(MANIFEST + 'policy: {require: [owner], packages: {deny: ["npm:*"]}}\n')
    done = fleet.roll("--max-failed", "5")
    assert done.code == 3
    assert done.results == {"one": "blocked", "two": "left-out"}
    assert {finding["rule"] for finding in done.reports["one"]["findings"]} >= {"MCP801"}


def test_a_lock_that_is_held_and_one_that_is_let_go(fleet: Fleet) -> None:
    import threading

    from filelock import FileLock

    held, freed = machine(fleet, "held"), machine(fleet, "freed")
    first, second = (FileLock(world.path(f"{STATE}/lock"), mode=0o600, thread_local=False) for world in (held, freed))
    with first:
        second.acquire()
        timer = threading.Timer(2.5, second.release, kwargs={"force": True})
        timer.start()
        try:
            done = fleet.roll("--tries", "2", "--pause", "3", "--canary", "0")
        finally:
            timer.join()
    assert done.results == {"held": "failed", "freed": "ok"}, done.told
    assert done.steps["held"] == ["plan 0", "apply 7", "apply 7"]
    assert done.reports["held"]["error"]["problems"][0]["kind"] == "locked"


@pytest.fixture(params=["/bin/sh", "/bin/bash"])
def remote(request, fleet: Fleet) -> dict[str, str]:
    """Machines one and two behind an `ssh`, each with mcpconf where a person would have put it."""
    environment = {**fleet.ssh(), "LOGIN_SHELL": request.param}
    for name in ("one.example.org", "dev@two.example.org"):
        world = machine(fleet, name)
        home = Path(environment["HOMES"]) / name
        shutil.move(fleet.folder / name, home)
        program = home / ".local" / "bin" / "mcpconf"
        program.parent.mkdir(parents=True)
        program.write_text(MCPCONF.replace('"$@"', f'"$@" --root "{home}/machine"'))
        program.chmod(0o755)
        assert world.folder.name == name
    fleet.lines = ["one ssh one.example.org", "two ssh dev@two.example.org"]
    return environment


def test_over_ssh(fleet: Fleet, remote: dict[str, str]) -> None:
    homes = Path(remote["HOMES"])
    (fleet.folder / "org").mkdir()
    (fleet.folder / "org" / "base.yaml").write_text(MANIFEST.replace("hosts: {cursor: {}, claude-code: {}}\n", ""))
    (fleet.folder / "mcpconf.yaml").write_text(
        "mcpconf: 1\ninclude: [org/base.yaml]\nhosts: {cursor: {servers: [files]}}\n"
    )
    (fleet.folder / "private.env").write_text("stays here")
    fleet.lines.append("three ssh three.example.org")
    done = fleet.roll("--max-failed", "1", "--command", "mcpconf", **remote)
    assert done.results == {"one": "ok", "two": "ok", "three": "unreachable"}, done.told + done.errors
    assert done.code == 1
    assert done.reports["three"]["said"] == 'ssh: connect to host three.example.org port 22: "No route" to host'
    assert done.steps["three"] == []
    world = World(homes / "one.example.org")
    assert '"github"' not in world.read("~/.cursor/mcp.json")
    assert not [path for path in homes.rglob("*.yaml") if path.name != "machine.yaml"], "what was sent is gone again"
    calls = (homes / "ssh-calls").read_text().splitlines()
    assert all("-o BatchMode=yes" in call and " -- " in call for call in calls)
    commands = {call.partition(" -- ")[2].partition(" ")[2] for call in calls}
    assert len(commands) == 3, "to unpack, to run a shell, to clean up: constant texts"


def test_words_for_another_machine_are_quoted(fleet: Fleet, remote: dict[str, str]) -> None:
    homes = Path(remote["HOMES"])
    odd = "it's $(touch PWNED) `touch PWNED`; touch PWNED"
    for name in ("one.example.org", "dev@two.example.org"):
        bin_folder = homes / name / ".local" / "bin"
        (bin_folder / "mcpconf").rename(bin_folder / odd)
    done = fleet.roll("--command", odd, **remote)
    assert done.results == {"one": "ok", "two": "ok"}, done.told
    assert not [*homes.rglob("PWNED"), *Path.cwd().glob("PWNED")]


def test_no_mcpconf_on_a_machine(fleet: Fleet, remote: dict[str, str]) -> None:
    done = fleet.roll("--command", "no-such-mcpconf", "--max-failed", "1", **remote)
    assert done.results == {"one": "failed", "two": "failed"}
    assert done.steps["one"] == ["plan 127"]
    assert "no-such-mcpconf" in done.reports["one"]["said"]


def test_this_machine_alone(fleet: Fleet) -> None:
    world = machine(fleet, "here", applied=False)
    fleet.program("mcpconf", MCPCONF.replace('"$@"', f'"$@" --root "{world.root}"'))
    done = fleet.roll("--local", inventory=False)
    assert done.code == 0, done.told + done.errors
    [(name, report)] = done.reports.items()
    assert (report["reach"], report["result"]) == ("--local", "ok")
    assert name.startswith(os.uname().nodename.split(".")[0][:20])
    assert '"github"' in world.read("~/.cursor/mcp.json")
