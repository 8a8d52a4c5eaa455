"""`mcpconf export --codeowners`: lines that GitHub and GitLab take, and none that they would pass over."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.world import Ran, World

POLICY = {
    "approvers": {"security": ["Grace", "@linus"], "data": ["grace", "acme/data", "ada@example.org"]},
    "approvals": [{"when": {"direction": "wider"}, "require": 1, "of": ["security", "margaret"]}],
}
OWNERS = "@Grace @linus @acme/data ada@example.org @margaret"


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path / "repo" / "team")
    subprocess.run(["git", "init", "-q", str(tmp_path / "repo")], check=True)
    return made


def export(world: World, policy: dict, *words: str, form: str = "github", **more: object) -> Ran:
    world.say(yaml.safe_dump({"mcpconf": "1", "servers": {}, "hosts": {}, "policy": policy, **more}, sort_keys=False))
    return World.run(world, "export", "--codeowners", form, *words)


def test_github(world: World) -> None:
    world.layer("../org/base layer.yaml", "mcpconf: 1\n")
    ran = export(world, POLICY, include=["../org/base layer.yaml"])
    assert ran.stdout.splitlines() == [
        "# what MCP servers may do, and who approves it: by `mcpconf export --codeowners github`",
        f"/.github/CODEOWNERS {OWNERS}",
        f"/CODEOWNERS {OWNERS}",
        f"/docs/CODEOWNERS {OWNERS}",
        f"/team/mcpconf.yaml {OWNERS}",
        f"/team/mcpconf.lock {OWNERS}",
        f"/team/mcpconf.approvals {OWNERS}",
        f"/org/base\\ layer.yaml {OWNERS}",
    ]


def test_gitlab(world: World) -> None:
    ran = export(world, {"approvers": {"security": ["grace"]}}, form="gitlab")
    assert ran.stdout.splitlines()[1:] == [
        "[mcpconf]",
        "/CODEOWNERS @grace",
        "/docs/CODEOWNERS @grace",
        "/.gitlab/CODEOWNERS @grace",
        "/team/mcpconf.yaml @grace",
        "/team/mcpconf.lock @grace",
        "/team/mcpconf.approvals @grace",
    ]


def test_a_link_is_owned_with_what_it_leads_to(world: World) -> None:
    world.layer("real.yaml", "mcpconf: 1\n")
    (world.folder / "base.yaml").symlink_to("real.yaml")
    data = export(world, POLICY, "--format", "json", include=["base.yaml"]).json
    assert {"team/base.yaml", "team/real.yaml"} <= {*data["paths"]}


def test_what_somebody_else_would_pass_over_is_not_written(world: World) -> None:
    for name in ("Grace Hopper", "grace#x", "@", "a@b", "-- /x"):
        ran = export(world, {"approvers": {"security": ["grace", name]}})
        assert (ran.code, ran.stdout) == (1, "")
        assert "is no name of a user" in ran.stderr
        assert "mcpconf.yaml:" in ran.stderr
    assert "names nobody who approves" in export(world, {}).stderr


@pytest.mark.parametrize("name", ["a*.yaml", "a#.yaml", "[a].yaml", "!a.yaml"])
def test_a_path_that_would_mean_something_else_is_refused(world: World, name: str) -> None:
    world.layer(name, "mcpconf: 1\n")
    ran = export(world, POLICY, include=[name])
    assert (ran.code, ran.stdout) == (1, "")
    assert "has no words in CODEOWNERS" in ran.stderr


def test_without_a_repository_there_are_no_paths(tmp_path: Path) -> None:
    ran = export(World(tmp_path), POLICY)
    assert ran.code == 64
    assert "is in no git repository" in " ".join(ran.stderr.split())


def test_git_finds_each_path_by_its_pattern(world: World) -> None:
    """CODEOWNERS has the patterns of gitignore, which git itself can be asked about."""
    world.layer("../org/base layer.yaml", "mcpconf: 1\n")
    text = export(world, POLICY, include=["../org/base layer.yaml"]).stdout
    patterns = [line.removesuffix(f" {OWNERS}") for line in text.splitlines()[1:]]
    top = world.folder.parent
    (top / ".gitignore").write_text("\n".join(patterns) + "\n")
    for path in ("team/mcpconf.yaml", "team/mcpconf.lock", "org/base layer.yaml", ".github/CODEOWNERS"):
        assert subprocess.run(["git", "-C", str(top), "check-ignore", "-q", path], check=False).returncode == 0
    for path in ("mcpconf.yaml", "x/team/mcpconf.yaml", "org/base"):
        assert subprocess.run(["git", "-C", str(top), "check-ignore", "-q", path], check=False).returncode == 1
