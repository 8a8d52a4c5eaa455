"""The team example on three operating systems: plan, apply, converge; and what import makes of the machine afterwards."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from tests.world import World

EXAMPLE = Path(__file__).parents[2] / "examples" / "team"
HOME = "/home/dev"

MOVED: dict[str, tuple[str, dict[str, str]]] = {
    "linux": (HOME, {}),
    "macos": (
        "/Users/dev",
        {
            ".config/Code": "Library/Application Support/Code",
            ".config/Claude": "Library/Application Support/Claude",
        },
    ),
    "windows": (
        "C:/Users/dev",
        {
            ".config/Code": "AppData/Roaming/Code",
            ".config/Claude": "AppData/Roaming/Claude",
            ".config/zed": "AppData/Roaming/Zed",
            ".config/goose": "AppData/Roaming/Block/goose/config",
            ".cursor/mcp.json": ".Cursor/MCP.json",
            ".claude.json": ".Claude.json",
        },
    ),
}
"""Per system the home, and where a host keeps there what it keeps elsewhere on Linux; Windows with names in other cases."""

PROJECTS = ("shop", "site", "forecast")


@pytest.fixture(params=MOVED)
def world(request, tmp_path: Path) -> World:
    """The example's machine as one of that system, its manifest beside it."""
    home, moved = MOVED[request.param]
    facts = {**yaml.safe_load((EXAMPLE / "machine" / "machine.yaml").read_text()), "os": request.param, "home": home}
    made = World(tmp_path, facts)
    shutil.copytree(EXAMPLE / "org", tmp_path / "org")
    made.say((EXAMPLE / "mcpconf.yaml").read_text())
    source = EXAMPLE / "machine" / "home" / "dev"
    for path in sorted(source.rglob("*")):
        if path.is_file():
            made.write(
                f"~/{_there(path.relative_to(source).as_posix(), moved)}",
                path.read_bytes().replace(HOME.encode(), home.encode()),
            )
    return made


def _there(name: str, moved: dict[str, str]) -> str:
    return next((name.replace(old, new, 1) for old, new in moved.items() if name.startswith(old)), name)


def test_it_plans_applies_and_converges(world: World) -> None:
    before = world.snapshot()
    plan = world.plan()
    assert plan["exit_code"] == 0, plan["findings"]
    assert plan["summary"]["not_installed"] == 0
    assert {"create"} == {change["action"] for change in plan["changes"]}
    assert len({change["host"] for change in plan["changes"]}) == 10
    if world.facts["os"] != "windows":
        [shared] = [item for item in plan["changes"] if item["address"] == "claude-code/project:~/src/site/browser"]
        assert shared["also_read_by"] == ["vscode"]
    applied = world.run("apply", "--yes")
    assert applied.code == 0, applied.stdout + applied.stderr
    assert world.run("plan", "--detailed-exitcode").stdout.startswith("No changes.")
    after = world.snapshot()
    again = world.run("apply", "--yes")
    assert again.code == 0
    assert world.snapshot() == after
    _only_additions(before, after)


def _only_additions(before: dict[str, bytes], after: dict[str, bytes]) -> None:
    """Every line that was there is there still, in its order, but for a comma or bracket that an addition needs."""
    for name, old in before.items():
        lines = iter(_bare(after[name]))
        missing = [line for line in _bare(old) if line not in lines]
        assert not missing, (name, missing)


def _bare(data: bytes) -> list[str]:
    return [line.rstrip(" ,{}[]\r\t") for line in data.decode().split("\n") if line.strip(" ,{}[]\r\t")]


def test_groups_decide_by_the_facts_of_the_machine(world: World) -> None:
    addresses = {change["address"] for change in world.plan()["changes"]}
    assert "codex/user/git" in addresses
    assert ("claude-code/project:~/src/shop/browser" in addresses) is (world.facts["os"] != "windows")
    facts = world.root / "machine.yaml"
    facts.write_text(yaml.safe_dump({**world.facts, "labels": []}))
    assert not [change for change in world.plan()["changes"] if change["server"] == "git"]


def test_what_is_there_can_be_imported_and_needs_no_change(world: World) -> None:
    assert world.run("apply", "--yes").code == 0
    for state in list(world.root.rglob("state.json")):
        shutil.rmtree(state.parent)
    before = world.snapshot()
    world.manifest.unlink()
    imported = world.run("import")
    assert imported.code == 0, imported.stdout + imported.stderr
    assert world.snapshot() == before
    plan = world.run("plan", "--detailed-exitcode")
    assert plan.code == 0, plan.stdout + plan.stderr
    assert plan.stdout.startswith("No changes.")
