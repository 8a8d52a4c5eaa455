"""A host file that cannot be read is named, left as it is, and stands in nobody's way."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tests.world import World

MANIFEST = """\
mcpconf: 1
servers:
  files: {package: "npm:@modelcontextprotocol/server-filesystem", version: "2026.8.31", args: ["${home}/work"]}
hosts: {claude-code: {create: true}, codex: {create: true}, cursor: {create: true}, vscode: {create: true}}
"""
CURSOR, CLAUDE, CODEX, CODE = (
    "~/.cursor/mcp.json",
    "~/.claude.json",
    "~/.codex/config.toml",
    "~/.config/Code/User/mcp.json",
)
SERVER = b"@modelcontextprotocol/server-filesystem@2026.8.31"
DEEP = 100_000

BAD = {
    "malformed": (CURSOR, b'{\n  "mcpServers": {"a": {"command": "x",}}\n}', "malformed", ":2:39"),
    "truncated": (CURSOR, b'{"mcpServers": {"a": {"comm', "malformed", ":1:23"),
    "comment in strict JSON": (CLAUDE, b'{\n// mine\n"mcpServers": {}}', "malformed", ":2:1"),
    "no number": (CURSOR, b'{"n": NaN, "mcpServers": {}}', "malformed", ":1:7"),
    "broken comment": (CODE, b'{"servers": {} /* }', "malformed", ":1:"),
    "list of servers": (CURSOR, b'{"mcpServers": []}', "container", ":1:2"),
    "list at the top": (CURSOR, b"[]", "container", ""),
    "number at the top": (CURSOR, b"3", "container", ""),
    "null of servers": (CODE, b'{"servers": null}', "container", ":1:2"),
    "array of tables": (CODEX, b"[[mcp_servers]]\na = 1\n", "container", ":1:"),
    "number of servers": (CODEX, b"mcp_servers = 3\n", "container", ":1:1"),
    "doubled container": (CURSOR, b'{"mcpServers": {}, "mcpServers": {}}', "duplicate-key", ":1:20"),
    "doubled server": (CURSOR, b'{"mcpServers": {"a": {}, "a": {}}}', "duplicate-key", ":1:26"),
    "doubled field": (CURSOR, b'{"mcpServers": {"a": {"url": "x", "url": "y"}}}', "duplicate-key", ":1:35"),
    "doubled table": (CODEX, b'[mcp_servers.a]\nurl="x"\n[mcp_servers.a]\nurl="y"\n', "malformed", ":3:15"),
    "UTF-16 with mark": (CURSOR, '{"mcpServers": {}}'.encode("utf-16"), "encoding", ":1:1"),
    "UTF-16 little": (CURSOR, '{"mcpServers": {}}'.encode("utf-16-le"), "encoding", ":1:1"),
    "UTF-16 big": (CURSOR, '{"mcpServers": {}}'.encode("utf-16-be"), "encoding", ":1:1"),
    "UTF-32": (CURSOR, '{"mcpServers": {}}'.encode("utf-32"), "encoding", ":1:1"),
    "NUL behind": (CURSOR, b'{"mcpServers": {}}\0\0', "encoding", ":1:19"),
    "NUL inside": (CODEX, b'[mcp_servers."a\0"]\n', "encoding", ":1:16"),
    "Latin-1": (CURSOR, b'{"mcpServers": {"caf\xe9": {}}}', "encoding", ":1:21"),
    "deep list": (CURSOR, b'{"a": ' + b"[" * DEEP, "malformed", ":1:"),
    "deep map": (CURSOR, b'{"a":' * DEEP + b"1" + b"}" * DEEP, "malformed", ":1:"),
    "deep array": (CODEX, b"a = " + b"[" * DEEP, "malformed", ":1:"),
    "deep comments": (CODE, b'{"a":' * DEEP + b"//", "malformed", ":1:"),
    "open table": (CODEX, b"[mcp_servers\nx = 1", "malformed", ":1:13"),
    "long number": (CURSOR, b'{"n": ' + b"9" * DEEP + b"}", "malformed", ":1:7"),
}


@pytest.mark.parametrize("name", BAD)
def test_it_is_named_and_untouched_and_the_others_are_applied(name: str, tmp_path: Path) -> None:
    path, content, kind, place = BAD[name]
    world = World(tmp_path)
    world.say(MANIFEST)
    world.write(path, content)
    unknown = unknown_file(world, path)
    assert unknown["kind"] == kind
    assert unknown["where"].startswith(str(path).replace("~", "/home/dev") + place)
    others_are_applied(world, path)
    assert world.path(path).read_bytes() == content


def unknown_file(world: World, path: str) -> dict:
    """Seen by plan and status; told with a place."""
    plan = world.plan()
    assert (plan["exit_code"], plan["complete"]) == (8, False)
    (unknown,) = plan["unknowns"]
    assert unknown["reason"]
    ran = world.run("status")
    assert ran.code == 8, ran.stdout + ran.stderr
    assert path in ran.stdout
    assert "No changes" not in ran.stdout
    return unknown


def others_are_applied(world: World, path: str) -> None:
    ran = world.run("apply", "--yes")
    assert ran.code == 8, ran.stdout + ran.stderr
    others = [name for name in (CURSOR, CLAUDE, CODEX, CODE) if name != path]
    assert all(SERVER in world.path(name).read_bytes() for name in others)
    after = world.plan()
    assert [item["action"] for item in after["changes"]] == ["unknown"]


def test_every_command_that_looks_tells_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.say(MANIFEST)
    world.write(CURSOR, "[")
    for command, code in (("plan", 8), ("status", 8), ("verify", 8), ("hosts", 8)):
        ran = world.run(command)
        assert ran.code == code
        assert (command == "verify") is (CURSOR not in ran.stdout)


def _fifo(target: Path) -> None:
    os.mkfifo(target)


def _socket(target: Path) -> None:
    """Bound from within the folder, because the address of a socket is short."""
    here = Path.cwd()
    os.chdir(target.parent)
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(target.name)
    finally:
        os.chdir(here)


def _large(target: Path) -> None:
    with target.open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)


def _loop(target: Path) -> None:
    target.symlink_to("b.json")
    (target.parent / "b.json").symlink_to(target.name)


def _outside(target: Path) -> None:
    target.symlink_to("/etc/passwd")


def _far_outside(target: Path) -> None:
    target.symlink_to("../" * 20 + "etc/passwd")


def _device(target: Path) -> None:
    target.symlink_to("/dev/zero")


STRANGE = {
    "folder": (Path.mkdir, "not-a-file"),
    "pipe": (_fifo, "not-a-file"),
    "socket": (_socket, "not-a-file"),
    "device": (_device, "symlink"),
    "64 MB": (_large, "oversized"),
    "link in a circle": (_loop, "symlink"),
    "link out of the home": (_outside, "symlink"),
    "link out of the machine": (_far_outside, "symlink"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_what_is_no_file_of_this_user_is_left_alone(name: str, tmp_path: Path) -> None:
    make, kind = STRANGE[name]
    world = World(tmp_path)
    world.say(MANIFEST)
    target = world.path(CURSOR)
    target.parent.mkdir()
    make(target)
    before = target.lstat()
    assert unknown_file(world, CURSOR)["kind"] == kind
    others_are_applied(world, CURSOR)
    after = target.lstat()
    assert (after.st_mode, after.st_size, after.st_mtime_ns) == (before.st_mode, before.st_size, before.st_mtime_ns)


def test_a_key_doubled_elsewhere_is_nobody_elses_business(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.say(MANIFEST)
    world.write(CURSOR, '{"x": 1, "x": 2, "mcpServers": {}}')
    assert world.run("apply", "--yes").code == 0
    assert world.read(CURSOR).startswith('{"x": 1, "x": 2, ')


def test_a_link_within_the_home_is_followed_and_kept(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.say(MANIFEST)
    world.write("~/dotfiles/cursor.json", "{}")
    target = world.path(CURSOR)
    target.parent.mkdir()
    target.symlink_to("../dotfiles/cursor.json")
    assert world.run("apply", "--yes").code == 0
    assert target.is_symlink()
    assert SERVER in world.path("~/dotfiles/cursor.json").read_bytes()


def test_a_refused_file_is_unknown_whoever_runs_the_test() -> None:
    """The system's refusals, asked of the port itself: root may read everything, so no mode can show it."""
    import errno

    from mcpconf.errors import Problem
    from mcpconf.system.unreadable import problem as unreadable

    for number in (errno.EACCES, errno.EPERM, errno.EIO, errno.ENXIO, errno.ELOOP):
        problem = unreadable("/home/dev/.cursor/mcp.json", OSError(number, os.strerror(number)))
        assert isinstance(problem, Problem)
        assert problem.hint
