"""What people see of permissions, compared character by character.

`MCPCONF_GOLDENS=write pytest tests/e2e/test_permitted_screens.py` writes the screens anew; read the difference.
"""

import os
from pathlib import Path

import pytest
import yaml

from tests.world import World

GOLDENS = Path(__file__).parents[1] / "goldens"
WRITE = os.environ.get("MCPCONF_GOLDENS") == "write"
CASES = Path(__file__).parents[1] / "cases" / "permissions"
SCREENS = {
    "permissions-show": ("three-columns", ("show", "files"), 0),
    "permissions-show-container": ("three-columns", ("show", "box"), 0),
    "permissions-show-json": ("three-columns", ("show", "notes", "--format", "json"), 0),
    "permissions-diff": ("diff", ("diff", "mcpconf.yaml", "wider.yaml"), 2),
    "permissions-diff-json": ("diff", ("diff", "mcpconf.yaml:files", "narrower.yaml", "--format", "json"), 0),
}


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen(name: str, tmp_path: Path) -> None:
    case, words, code = SCREENS[name]
    told = yaml.safe_load((CASES / f"{case}.yaml").read_text())
    world = World(tmp_path)
    world.say(told["manifest"])
    for file, text in told.get("layers", {}).items():
        world.layer(file, text)
    for file, text in told.get("files", {}).items():
        world.write(file, text)
    ran = world.run("permissions", *words)
    assert ran.code == code, ran.stderr
    text = ran.stdout.replace(f"{tmp_path}/", "")
    golden = GOLDENS / f"{name}.txt"
    if WRITE:
        golden.write_text(text)
    assert text == golden.read_text()
