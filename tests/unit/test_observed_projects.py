"""How a project is looked at: by its folder first, and by every file where that cannot be listed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mcpconf.errors import Problem
from mcpconf.observe import observe
from mcpconf.recording import Recording
from mcpconf.system.facts import rooted_machine
from mcpconf.system.files import MachineFiles
from mcpconf.system.sources import bundled_rows
from tests.world import World


class Unlisted(MachineFiles):
    """Folders that may be entered, and not listed."""

    def names(self, folder: str) -> tuple[str, ...] | Problem:
        return Problem("unreadable", f"`{folder}` may not be listed")


def machine(tmp_path: Path):
    world = World(tmp_path)
    world.write("~/app/.cursor/mcp.json", '{"mcpServers": {"near": {"command": "/bin/near"}}}')
    world.write("~/app/src/main.py", "")
    return rooted_machine(str(world.root))


def test_files_that_cannot_be_there_are_not_looked_for(tmp_path: Path) -> None:
    recording = Recording(machine(tmp_path))
    observed = observe(recording.recorded, bundled_rows(), ["~/app"])
    asked = [arguments[0] for port, name, *arguments in recording.answers if (port, name) == ("files", "read")]
    assert {path for path in asked if path.startswith("/home/dev/app/")} == {
        "/home/dev/app/.cursor/mcp.json",
        "/home/dev/app/.cursor/permissions.json",
        "/home/dev/app/.cursor/cli.json",
    }
    assert [str(entry.address) for entry in observed.entries] == ["cursor/project:~/app/near"]


def test_where_the_folder_cannot_be_listed_every_file_is_tried(tmp_path: Path) -> None:
    there = machine(tmp_path)
    files = Unlisted(there.files.resolver, {})
    observed = observe(replace(there, files=files), bundled_rows(), ["~/app"])
    assert [str(entry.address) for entry in observed.entries] == ["cursor/project:~/app/near"]
