"""The host that CONTRIBUTING adds as an example: its row and golden hold, and nothing else is needed to plan and apply."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mcpconf.hosts.rows import load_row
from tests.hosts.test_host_machines import look
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / ".github" / "CONTRIBUTING.md").read_text("utf-8")


def block(mark: str) -> str:
    found = re.search(rf"<!-- {mark} -->\n```\w+\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    return found[1]


ROW, MACHINES = block("row"), yaml.safe_load(block("golden"))


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine["os"])
def test_the_golden_is_what_comes_of_the_row(machine):
    assert look(load_row(ROW, "tern.toml"), machine) == machine["expect"]


def test_the_golden_has_every_operating_system_and_the_row_the_size_of_the_others():
    assert [machine["os"] for machine in MACHINES] == ["linux", "macos", "windows"]
    assert len(ROW.splitlines()) <= 150


def test_the_file_of_data_is_all_that_is_needed(tmp_path):
    package = tmp_path / "program" / "mcpconf"
    shutil.copytree(ROOT / "mcpconf", package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "hosts" / "data" / "tern.toml").write_text(ROW, "utf-8")
    world = World(tmp_path / "world")
    world.write("~/.tern/mcp.json", '{\n  // mine\n  "mcpServers": {"theirs": {"command": "/opt/theirs"}}\n}\n')
    world.say('mcpconf: 1\nservers: {ours: {command: ["/opt/ours"], timeout: 5}}\nhosts: {tern: {}}\n')
    paths = ["-m", str(world.manifest), "--root", str(world.root)]

    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "mcpconf", *words],
            cwd=package.parent,
            env={**os.environ, "PYTHONPATH": str(package.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("apply", "--yes", *paths)
    assert run("plan", "--detailed-exitcode", *paths).startswith("No changes.")
    text = world.read("~/.tern/mcp.json")
    assert "// mine" in text
    assert json.loads(text.replace("// mine", ""))["mcpServers"]["ours"] == {"command": "/opt/ours", "timeout": 5000}
    assert "/opt/ours" in run("hosts", "--effective", "tern", *paths[2:])
