"""The examples do what their READMEs show: every `console` block is run on a copy, and its screens are compared.

`MCPCONF_GOLDENS=write python -m pytest tests/e2e/test_examples.py` writes the screens anew; read the difference.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet import MCPCONF, PROJECT
from tests.world import World

EXAMPLES = PROJECT / "examples"
SHOWN = sorted(path.parent.name for path in EXAMPLES.glob("*/README.md"))
WRITE = os.environ.get("MCPCONF_GOLDENS") == "write"
BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
PASSING = re.compile(r"\b20\d\d-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?")
"""Days and times move; how long a machine took does not show."""


def commands(block: str) -> Iterator[str]:
    for line in block.splitlines():
        if line.startswith("$ "):
            yield line.removeprefix("$ ")


def screen(command: str, folder: Path, programs: Path) -> str:
    """What a person would see, and how it ended if not well."""
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "COLUMNS": "100", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    told = done.stdout if not done.stdout or done.stdout.endswith("\n") else f"{done.stdout}\n"
    ended = f"[exit {done.returncode}]\n" if done.returncode and not told.endswith(f"exit {done.returncode}\n") else ""
    return f"$ {command}\n{told}{ended}"


@pytest.mark.parametrize("name", SHOWN)
def test_the_readme_shows_what_happens(name: str, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "mcpconf").write_text(MCPCONF)
    (programs / "mcpconf").chmod(0o755)
    folder = tmp_path / name
    shutil.copytree(EXAMPLES / name, folder, symlinks=True)
    readme = EXAMPLES / name / "README.md"
    text = readme.read_text()
    assert BLOCK.search(text)

    def run(block: re.Match[str]) -> str:
        return "".join(screen(command, folder, programs) for command in commands(block[0]))

    new = BLOCK.sub(run, text)
    if WRITE:
        readme.write_text(new)
    assert PASSING.sub("DAY", new) == PASSING.sub("DAY", readme.read_text())


def test_a_broken_machine_in_exit_codes(tmp_path: Path) -> None:
    """Not checked before all else; then nothing of the interrupted apply; then only what takes away."""
    world = World.example(tmp_path, EXAMPLES / "broken-machine")
    assert world.run("plan").code == 8
    assert world.run("recover").code == 0
    before = world.snapshot()
    assert world.run("apply", "--yes").code == 5
    assert stat.S_IMODE(world.path("~/.codex/config.toml").stat().st_mode) == 0o400, "what machine.yaml says of it"
    for unread in ("Claude/claude_desktop_config.json", "zed/settings.json"):
        name = f"home/dev/.config/{unread}"
        assert world.snapshot()[name] == before[name]
    assert "ghp_" not in world.read("~/.config/Code/User/mcp.json")
