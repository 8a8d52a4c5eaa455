"""An installation that is gone, as the formats for reviews and builds tell it: once, and no graver than it is."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from mcpconf.artifacts import input_digest
from mcpconf.operations import manifest
from tests.stored import install, lock, locked
from tests.world import World

MANIFEST = """\
mcpconf: 1
launch: locked
servers:
  files: {package: "npm:files", version: "1.0.0"}
hosts: {cursor: {create: true}}
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path, {"os": "linux", "home": "/home/dev", "user": "dev", "env": {"PATH": "/usr/bin"}})
    made.say(MANIFEST)
    node = made.write("/usr/bin/node", "ELF")
    node.chmod(0o755)
    server = locked(input_digest=input_digest(manifest(str(made.manifest)).manifest.servers["files"]))
    lock(made, {"files": server})
    folder = install(made, server)
    assert made.run("apply", "--yes").code == 0
    subprocess.run(["chmod", "-R", "u+w", str(folder)], check=True)
    shutil.rmtree(folder)
    return made


def test_markdown_tells_drift_once(world: World):
    told = world.run("plan", "--format", "markdown")
    assert told.code == 0
    assert told.stdout.count("`files` is not in the store") == 1
    assert "will be undone" in told.stdout
    assert "MCP601" not in told.stdout


def test_what_apply_installs_is_no_error_of_a_build(world: World):
    told = world.run("plan", "--format", "github")
    assert told.stdout.startswith("::warning title=MCP601 drift::`files` is not in the store")
    assert "::error" not in told.stdout
    assert {item["severity"] for item in world.plan()["findings"]} <= {"warning", "info"}
