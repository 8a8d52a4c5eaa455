"""What is said of a plan that was saved."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.rules import test_rules as rules
from tests.world import World

SERVER = yaml.safe_load((rules.FOLDER / "MCP706" / "good.yaml").read_text())


@pytest.mark.parametrize(
    ("more", "end"),
    [
        ("", "which the store does not have: `mcpconf install`, then save it anew"),
        ("  notes: {command: [/opt/notes]}\n", "save it anew; to make exactly these changes: mcpconf apply saved"),
    ],
)
def test_what_the_store_does_not_have_is_named(more: str, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    world = World(tmp_path)
    world.layer("mcpconf.lock", SERVER["lock"])
    world.say(SERVER["manifest"].replace("servers:\n", f"servers:\n{more}"))
    ran = world.run("plan", "--out", "saved")
    assert ran.stderr.splitlines()[-1].startswith("saved the plan without `time`, which the store does not have")
    assert ran.stderr.splitlines()[-1].endswith(end)
    assert world.run("plan", "--out", "saved", "--quiet").stderr == ""


def test_without_anything_missing_it_is_said_how_to_apply_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    world = World(tmp_path)
    world.say("mcpconf: 1\nservers: {notes: {command: [/opt/notes]}}\nhosts: {cursor: {create: true}}\n")
    told = "saved the plan; to make exactly these changes: mcpconf apply saved"
    assert world.run("plan", "--out", "saved").stderr.splitlines()[-1] == told
