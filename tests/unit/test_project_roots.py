"""Projects that are told by paths: worktrees that know of each other, and folders that an editor opened."""

import pytest

from mcpconf.errors import Problem
from mcpconf.hosts.roots import local_path, worktrees
from mcpconf.ports import Facts
from mcpconf.system.facts import rooted_machine
from tests.world import World

LINUX = Facts("linux", "/home/dev", "dev", "1")
WINDOWS = Facts("windows", "C:/Users/dev", "dev", "1")
BACK = "gitdir: /home/dev/api/.git/worktrees/fix\n"


@pytest.mark.parametrize(
    ("link", "back", "found"),
    [
        ("/home/dev/fix/.git\n", BACK, ["/home/dev/fix"]),
        ("../../../../fix/.git\n", "gitdir: ../api/.git/worktrees/fix\n", ["/home/dev/fix"]),
        ("/home/dev/fix/.git\n", "gitdir: /home/dev/api/.git/worktrees/other\n", []),
        ("/home/dev/fix/.git\n", BACK.removeprefix("gitdir: "), []),
        ("/home/dev/fix/.git\n/home/dev/x/.git\n", BACK, []),
        ("/home/dev/fix/.git\0\n", BACK, []),
        ("/home/dev/fix\n", BACK, []),
        ("/home/dev/nowhere/.git\n", BACK, []),
        ("\n", BACK, []),
    ],
)
def test_a_worktree_and_its_project_point_at_each_other(tmp_path, link, back, found):
    world = World(tmp_path)
    world.write("~/api/.git/worktrees/fix/gitdir", link)
    world.write("~/fix/.git", back)
    assert [*worktrees(["/home/dev/api", "/home/dev/fix"], rooted_machine(str(world.root)).files)] == found


def test_what_cannot_be_listed_has_no_worktrees():
    class Closed:
        def names(self, _folder):
            return Problem("unreadable", "no", None, "")

    assert [*worktrees(["/home/dev/api"], Closed())] == []


@pytest.mark.parametrize(
    ("uri", "facts", "path"),
    [
        ("file:///home/dev/my%20api", LINUX, "/home/dev/my api"),
        ("file://localhost/home/dev", LINUX, "/home/dev"),
        ("file://server/home/dev", LINUX, ""),
        ("vscode-remote://ssh/home/dev", LINUX, ""),
        ("file:///home/%00", LINUX, ""),
        ("file:///home/%ff", LINUX, ""),
        ("file:///home/dev/..", LINUX, ""),
        ("file://[/home", LINUX, ""),
        ("file:///c%3A/Users/dev", WINDOWS, "C:/Users/dev"),
        ("file:///Users/dev", WINDOWS, ""),
    ],
)
def test_only_a_folder_of_this_machine_has_a_path(uri, facts, path):
    assert local_path(uri, facts) == path
