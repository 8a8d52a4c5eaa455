"""Processes that are what was revoked, by their command lines and the packages that they lie in."""

from dataclasses import dataclass, replace

import pytest

from mcpconf.canonical import digest
from mcpconf.errors import Problem
from mcpconf.model.observed import Observed
from mcpconf.model.process import Process
from mcpconf.reconcile.gone import Gone
from mcpconf.residue import processes
from mcpconf.residue.looking import Surroundings
from mcpconf.system.facts import rooted_machine
from tests.world import World

STARTED = "2026-03-01T08:00:00Z"


@dataclass
class Running:
    processes: tuple[Process, ...] | Problem | None

    def own(self):
        return self.processes

    def listens(self, pid):
        return ("127.0.0.1:8080",) if pid == 2 else ()


def gone(identity: str, *command: str) -> Gone:
    return Gone(
        identity,
        "cursor/user/files",
        frozenset({"files"}),
        frozenset({"FILES_TOKEN"}),
        frozenset({digest([*command])} if command else ()),
    )


def look(world: World, item: Gone, *running: tuple[str, ...]):
    listed = tuple(
        Process(pid, argv, STARTED, frozenset({"PATH", "FILES_TOKEN"})) for pid, argv in enumerate(running, 1)
    )
    machine = replace(rooted_machine(str(world.root)), processes=Running(listed))
    return processes.look(Surroundings(machine, {}, Observed(), lambda words: digest([*words])), (item,))


@pytest.mark.parametrize(
    ("item", "argv"),
    [
        (gone("npm:@x/files"), ("npx", "-y", "@x/files@1.2.0", "/srv")),
        (gone("npm:@x/files"), ("npm exec @x/files@1.2.0 /srv",)),
        (gone("npm:@x/files"), ("node /home/dev/.npm/_npx/aa/node_modules/.bin/files /srv",)),
        (gone("command:files", "/opt/files", "--root", "/srv"), ("/opt/files --root /srv",)),
        (gone("npm:@x/files"), ("node", "/home/dev/.npm/_npx/aa/node_modules/.bin/files", "/srv")),
        (gone("npm:@x/files"), ("node", "/app/node_modules/@y/own/node_modules/@x/files/index.js")),
        (gone("pypi:mcp-server-time"), ("uvx", "mcp-server-time")),
        (gone("pypi:mcp-server-time"), ("/e/bin/python", "/e/bin/mcp-server-time")),
        (gone("oci:docker.io/x/files"), ("docker", "run", "-i", "--rm", "x/files:1")),
        (gone("command:files", "/opt/files", "--root", "/srv"), ("/opt/files", "--root", "/srv")),
        (gone("command:files", "/opt/files", "--root", "/srv"), ("/bin/sh", "-e", "/opt/files", "--root", "/srv")),
        (gone("command:python -m files.server"), ("/usr/bin/python3", "-m", "files.server")),
        (gone("url:https://a.example/mcp"), ("npx", "-y", "mcp-remote", "https://a.example/mcp")),
    ],
)
def test_a_process_is_known_by_what_it_runs(tmp_path, item, argv):
    world = World(tmp_path)
    world.write("/home/dev/.npm/_npx/aa/node_modules/@x/files/dist/index.js", "")
    world.write("/home/dev/.npm/_npx/aa/node_modules/.bin/there", "")
    world.path("/home/dev/.npm/_npx/aa/node_modules/.bin/files").symlink_to("../@x/files/dist/index.js")
    world.write("/e/lib/python3.12/site-packages/mcp_server_time-1.0.0.dist-info/METADATA", "")
    looked = look(world, item, ("sleep", "1"), argv)
    assert [left.where for left in looked.found] == ["process 2"]
    message = looked.found[0].message
    assert STARTED in message
    assert "127.0.0.1:8080" in message
    assert "`FILES_TOKEN`" in message
    assert "PATH" not in message


@pytest.mark.parametrize(
    ("item", "argv"),
    [
        (gone("npm:@x/files"), ("npx", "-y", "@y/files")),
        (gone("npm:@x/files"), ("node", "/src/node_modules/@y/files/index.js")),
        (gone("npm:@x/files"), ("node", "/src/node_modules/@x/files/node_modules/@y/own/index.js")),
        (gone("npm:@x/files"), ("vim", "@x/files")),
        (gone("pypi:mcp-server-time"), ("/e/bin/python", "/e/bin/other")),
        (gone("pypi:mcp-server-time"), ("/other/bin/python", "/other/bin/mcp-server-time")),
        (gone("command:files", "/opt/files", "--root", "/srv"), ("/opt/files", "--root", "/etc")),
        (gone("command:files", "/opt/files", "--root", "/srv"), ("files",)),
        (gone("command:python -m files.server"), ("/usr/bin/python3", "-m", "other.server")),
        (gone("url:https://a.example/mcp"), ("npx", "-y", "mcp-remote", "https://b.example/mcp")),
        (gone("npm:@x/files"), ()),
    ],
)
def test_a_name_alone_is_nobody(tmp_path, item, argv):
    world = World(tmp_path)
    world.write("/e/lib/python3.12/site-packages/mcp_server_time-1.0.0.dist-info/METADATA", "")
    assert look(world, item, argv).found == ()


def test_a_path_that_leads_nowhere_hides_no_other(tmp_path):
    world = World(tmp_path)
    loop = world.path("/a/node_modules/loop/node_modules")
    loop.parent.mkdir(parents=True)
    loop.symlink_to("node_modules")
    argv = ("/a/node_modules/loop/node_modules/x", "/b/node_modules/@x/files/index.js")
    assert [left.where for left in look(world, gone("npm:@x/files"), argv).found] == ["process 1"]


def test_what_cannot_be_seen_is_told(tmp_path):
    machine = rooted_machine(str(World(tmp_path).root))
    around = Surroundings(machine, {}, Observed(), lambda words: digest([*words]))
    assert "stands for a machine" in processes.look(around, (gone("npm:x"),)).skipped
    problem = Problem("unreadable", "not here", None, "")
    unseen = replace(around, machine=replace(machine, processes=Running(problem)))
    assert processes.look(unseen, (gone("npm:x"),)).problems == (problem,)
