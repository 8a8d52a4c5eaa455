"""What cannot be looked at is told, never left out."""

from __future__ import annotations

import json
from dataclasses import replace

from mcpconf.errors import Problem
from mcpconf.formats import FORMATS
from mcpconf.model.state import Applied, State, Tombstone
from mcpconf.observe import MAXIMUM_PROJECTS, applied_folders, observe
from mcpconf.system.facts import rooted_machine
from mcpconf.system.sources import bundled_rows
from tests.world import World


class Unlistable:
    """The files of a machine, one folder of which cannot be listed."""

    def __init__(self, files, folder):
        self._files = files
        self._folder = folder

    def __getattr__(self, name):
        return getattr(self._files, name)

    def names(self, folder):
        if folder == self._folder:
            return Problem("unreadable", "no permission")
        return self._files.names(folder)


def test_a_folder_that_cannot_be_listed_is_a_problem(tmp_path):
    world = World(tmp_path)
    machine = rooted_machine(str(world.root))
    folder = "/home/dev/.config/Code/User/profiles"
    machine = replace(machine, files=Unlistable(machine.files, folder))
    found = observe(machine, bundled_rows(), ())
    assert [problem.message for problem in found.problems] == ["no permission"]
    assert observe(rooted_machine(str(world.root)), bundled_rows(), ()).problems == ()


def test_projects_beyond_the_limit_are_a_problem(tmp_path):
    world = World(tmp_path)
    projects = {f"/home/dev/p{number}": {} for number in range(MAXIMUM_PROJECTS)}
    world.write("~/.claude.json", json.dumps({"projects": projects}))
    machine = rooted_machine(str(world.root))
    rows = {"claude-code": bundled_rows()["claude-code"]}
    assert observe(machine, rows, ()).problems == ()
    found = observe(machine, rows, ["~/named"])
    assert [problem.kind for problem in found.problems] == ["oversized"]
    assert found.projects[0] == "/home/dev/named"
    assert len(found.projects) == MAXIMUM_PROJECTS


def test_folders_of_the_state_are_looked_at():
    applied = Applied(server="x", identity="", fields={}, file="")
    entries = {"cursor/project:~/a/x": applied, "codex/project:~/a/y": applied, "cursor/user/x": applied}
    marks = [Tombstone(address="cursor/project:~/b%20c/x", identity="")]
    assert applied_folders(State(entries=entries, tombstones=marks)) == ("~/a", "~/b c")


def test_a_host_that_we_fail_to_decode_is_unknown_and_hides_no_other(tmp_path):
    world = World(tmp_path)
    world.write("~/.cursor/mcp.json", '{"mcpServers": {"x": {"command": "/x"}}}')
    world.write("~/.claude.json", '{"mcpServers": {"y": {"type": "stdio", "command": "/y"}}}')
    rows = bundled_rows()
    broken = replace(rows["cursor"], dialect=rows["cursor"].dialect._replace(words=None))
    found = observe(rooted_machine(str(world.root)), {**rows, "cursor": broken}, ())
    assert [str(entry.address) for entry in found.entries] == ["claude-code/user/y"]
    unknown = [file for file in found.files if file.problem is not None]
    assert [(file.location.path, file.problem.kind) for file in unknown] == [("/home/dev/.cursor/mcp.json", "internal")]


def test_a_file_that_we_fail_to_read_hides_no_other(tmp_path, monkeypatch):
    def failing(text):
        raise StopIteration(text)

    world = World(tmp_path)
    world.write("~/.codex/config.toml", "[mcp_servers.x]\ncommand = 'x'\n")
    world.write("~/.cursor/mcp.json", '{"mcpServers": {"x": {"command": "x"}}}')
    monkeypatch.setitem(FORMATS, "toml", replace(FORMATS["toml"], parse=failing))
    found = observe(rooted_machine(str(world.root)), bundled_rows(), ())
    assert [str(entry.address) for entry in found.entries] == ["cursor/user/x"]
    (file,) = [file for file in found.files if file.problem and file.location.write]
    assert file.present
    assert file.problem.kind == "internal"
    assert file.problem.message == "it could not be read (StopIteration): a bug of mcpconf"
