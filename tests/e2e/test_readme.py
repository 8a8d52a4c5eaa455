"""The manifest that the README shows is one that loads, plans and blocks nothing."""

from __future__ import annotations

import re
from pathlib import Path

from tests.world import World

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_the_manifest_of_the_readme_acts(tmp_path: Path) -> None:
    section = README.partition("## The manifest\n")[2]
    shown = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    assert shown is not None
    world = World(tmp_path, {"os": "linux", "home": "/home/dev", "user": "dev", "labels": ["data"]})
    world.say(shown[1])
    world.layer("org/base.yaml", "mcpconf: 1\n")
    for file in ("~/.claude.json", "~/.cursor/mcp.json", "~/.codex/config.toml", "~/src/shop/.vscode/mcp.json"):
        world.write(file, "" if file.endswith("toml") else "{}")
    plan = world.plan()
    assert plan["exit_code"] == 0, plan["findings"]
    assert {change["address"] for change in plan["changes"]} >= {
        "claude-code/user/legacy",
        "claude-code/project:~/src/shop/github",
        "codex/user/files",
        "cursor/user/files",
    }


def test_every_command_is_in_the_readme() -> None:
    from mcpconf.cli.app import app

    table = README.partition("## Commands\n")[2].partition("| exit code |")[0]
    named = {word.split()[0] for word in re.findall(r"`([a-z][^`]*)`", table)}
    assert {command.name or command.callback.__name__ for command in app.registered_commands} <= named
