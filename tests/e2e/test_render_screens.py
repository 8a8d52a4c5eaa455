"""What machines of three systems get from a manifest of two layers: whole screens, and the same as a plan there would write.

`MCPCONF_GOLDENS=write` writes them anew, as for the other screens.
"""

from __future__ import annotations

import json
import os

import pytest

from mcpconf.cli.door import run
from tests.e2e.test_goldens import compare
from tests.world import World

TOP = """\
mcpconf: 1
include: [org/base.yaml]
servers:
  files:
    env: {LOG_LEVEL: debug}
    hosts: {codex: {env: {CODEX: "1"}}}
  time: {package: "pypi:mcp-server-time", version: "2026.10.19", args: [--local-timezone, Europe/Berlin]}
  old: {command: [/opt/old]}
hosts:
  claude-code: {create: true}
  cursor: {create: true, servers: [files, github, time]}
projects:
  - {path: ~/src/shop, hosts: [claude-code, vscode], servers: [files]}
groups:
  clocks: {when: {labels: [clocks]}, add: {servers: [time]}}
absent: [{command: [/opt/old], reason: replaced}]
"""
BASE = """\
mcpconf: 1
servers:
  files:
    package: npm:@modelcontextprotocol/server-filesystem
    version: "2026.8.31"
    args: ["${home}/my notes"]
    hosts: {cursor: {args: ["${workspace}"]}}
    owner: platform@example.org
  github:
    url: https://api.githubcopilot.com/mcp/
    headers: {Authorization: {secret: GITHUB_MCP_TOKEN, prefix: "Bearer "}}
    hosts: {codex: {name: github-mcp}}
  browser: {package: "oci:ghcr.io/example/browser-mcp", version: "1.4.0", env: {DISPLAY: "${env:DISPLAY}"}}
  mail: {package: "npm:@example/mail", version: "1.0.0", timeout: 60}
  past: {command: [/opt/past], expires: 2026-01-31}
groups:
  data:
    when: {labels: [data], os: [linux, macos]}
    add: {servers: [mail], hosts: {codex: {create: true}}}
    drop: {servers: [browser]}
policy: {expired: remove, packages: {deny: ["npm:postmark-mcp"]}}
"""
MACHINES = {
    "linux": {"os": "linux", "home": "/home/dev", "user": "dev", "labels": ["data"]},
    "macos": {"os": "macos", "home": "/Users/dev", "user": "dev", "labels": ["data", "clocks"]},
    "windows": {"os": "windows", "home": "C:/Users/dev", "user": "dev", "labels": ["data"]},
}


@pytest.fixture(params=MACHINES)
def world(request, tmp_path, monkeypatch) -> World:
    monkeypatch.chdir(tmp_path)
    made = World(tmp_path, MACHINES[request.param])
    made.say(TOP)
    made.layer("org/base.yaml", BASE)
    return made


def test_a_screen_for_each_system(world: World) -> None:
    ran = world.run("render", "-m", "mcpconf.yaml")
    compare(f"render-{world.facts['os']}", f"{ran.stdout}{ran.stderr}[exit {ran.code}]\n")


def test_where_every_value_is_written(world: World) -> None:
    ran = world.run("render", "--explain", "-m", "mcpconf.yaml")
    compare(f"render-explain-{world.facts['os']}", f"{ran.stdout}{ran.stderr}[exit {ran.code}]\n")


def test_it_is_what_a_plan_would_write_there(world: World) -> None:
    """On a machine that has the project, every host and no file yet."""
    world.write("~/src/shop/README", "")
    world.write("~/.vscode/README", "")
    planned = {
        change["address"]: (change["file"], change["after"])
        for change in world.plan()["changes"]
        if change["action"] in ("create", "held") and change["after"]
    }
    rendered = {
        entry["address"]: (entry["file"], entry["entry"])
        for host in world.run("render", "--format", "json").json["hosts"]
        for entry in host["entries"]
        if host["id"] != "vscode"
    }
    assert rendered
    assert rendered == {address: value for address, value in planned.items() if not address.startswith("vscode/")}


def test_the_facts_of_this_machine_without_others(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["machine"]["home"] == os.environ["HOME"]
    assert run(["render", "--machine", "none.yaml"]) == 1
    assert "there is no file of facts here" in capsys.readouterr().err
