"""`from mcpconf import plan, apply, Manifest`: the same plans and ends as the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import mcpconf
from mcpconf import Manifest, apply, load, plan
from mcpconf.errors import McpconfError
from tests.world import World

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "workstation"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.example(tmp_path, EXAMPLE)


def test_a_plan_is_the_one_of_the_command_line(world):
    shown = world.plan()
    shown.pop("resource_changes")
    assert json.loads(plan(world.manifest, root=world.root).model_dump_json()) == shown


def test_apply_makes_the_plan_empty(world):
    outcome = apply(str(world.manifest), root=world.root)
    assert (outcome.end, outcome.exit_code, len(outcome.applied)) == ("applied", 0, 14)
    assert plan(world.manifest, root=world.root).detailed_exit_code == 0


def test_a_manifest_made_by_a_program_needs_no_file(world):
    loaded = load(world.manifest)
    made = Manifest.model_validate({"mcpconf": "1", "servers": {}, "hosts": {"cursor": {"servers": []}}})
    assert plan(loaded, root=world.root).summary == plan(world.manifest, root=world.root).summary
    assert {change.action for change in plan(made, root=world.root).changes} == {"delete", "revoke"}
    assert plan(made, root=world.root).origin.commit is None


def test_the_layers_of_a_manifest_stay_together(world):
    world.layer("org/base.yaml", 'mcpconf: 1\npolicy: {packages: {allow: ["npm:@acme/*"]}}\n')
    world.say(
        "mcpconf: 1\ninclude: [org/base.yaml]\nservers: {mail: {package: 'npm:@acme/mail', version: 1.0.0}}\n"
        "policy: {packages: {allow: ['npm:@acme/files', 'npm:mail']}}\n"
    )
    for source in (world.manifest, load(world.manifest)):
        assert [item.rule for item in plan(source, root=world.root).findings if item.subject == "desired"] == ["MCP801"]


def test_targets_and_conflicts_are_passed_on(world):
    only = plan(world.manifest, root=world.root, targets=["docs"], excludes=["vscode/**"], on_conflict="keep")
    assert [change.address for change in only.changes] == ["claude-code/user/docs"]


def test_what_cannot_be_read_is_raised_with_its_place(tmp_path):
    path = tmp_path / "mcpconf.yaml"
    path.write_text("mcpconf: 1\nservers: {x: {}}\nhots: {}\n")
    with pytest.raises(McpconfError) as caught:
        load(path)
    assert len(caught.value.problems) == 2
    assert all(problem.where and problem.where.line for problem in caught.value.problems)


def test_nothing_else_is_promised():
    assert mcpconf.__all__ == ["Manifest", "__version__", "apply", "load", "plan"]
    with pytest.raises(AttributeError, match="no attribute `rollback`"):
        _ = mcpconf.rollback
