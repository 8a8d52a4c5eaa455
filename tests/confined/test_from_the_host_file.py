"""A server started by the entry that `mcpconf apply` wrote tries to get at what its permissions do not name."""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import pytest

from mcpconf import operations
from mcpconf.system.facts import real_machine

TOY = Path(__file__).with_name("toy.py")
MANIFEST = """\
mcpconf: 1
hosts: {cursor: {create: true}}
servers:
  inside:
    command: ["TOY"]
    hash: "sha256:HASH"
    env: {LEVEL: info, TOKEN: {secret: TOKEN}}
    permissions:
      fs: [{path: ~/read, mode: ro}, {path: ~/write, mode: rw}]
      net: {out: none}
      env: [LEVEL, TOKEN, SHARED]
      enforce: bwrap
  online:
    command: ["TOY"]
    hash: "sha256:HASH"
    permissions: {net: {out: any}, enforce: bwrap}
  outside:
    command: ["TOY"]
    hash: "sha256:HASH"
    env: {LEVEL: info, TOKEN: {secret: TOKEN}}
"""
VARIABLES = {"TOKEN": "t0ken-of-a-test", "SHARED": "shared", "OTHER": "0ther-of-a-test"}


class Server:
    def __init__(self, entry: dict, home: Path) -> None:
        self.words = [text.replace("${userHome}", str(home)) for text in (entry["command"], *entry.get("args", ()))]
        given = {
            name: re.sub(r"\$\{env:(\w+)\}", lambda m: VARIABLES[m[1]], text)
            for name, text in entry.get("env", {}).items()
        }
        self.environment = {**os.environ, **VARIABLES, **given}

    def __enter__(self) -> Self:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(self.words, env=self.environment, **pipes)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()

    def ask(self, what: str, value: object = None):
        """What it got; None if it could not."""
        self.process.stdin.write(json.dumps({what: value}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline()).get("did")


@pytest.fixture
def home() -> Iterator[Path]:
    """Where homes of tests are not hidden: `/tmp` inside is another one, and `/dev` is for devices."""
    with TemporaryDirectory(dir="/var/tmp") as folder:
        yield Path(folder, "home")


@pytest.fixture
def entries(home: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    """The servers of a host's file, written by an apply at a home that has secrets in it."""
    for name in (".ssh/id", "other/plans", "read/book", "write/page"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(f"what {name} holds")
    toy = home / "toy.py"
    toy.write_bytes(b"#!/usr/bin/python3\n" + TOY.read_bytes())
    toy.chmod(0o755)
    monkeypatch.setenv("HOME", str(home))
    manifest = home / "mcpconf.yaml"
    manifest.write_text(MANIFEST.replace("TOY", str(toy)).replace("HASH", hashlib.sha256(toy.read_bytes()).hexdigest()))
    outcome = operations.apply(real_machine(), str(manifest), lambda _plan, _scrubber: "yes")
    assert (outcome.end, outcome.held) == ("applied", [])
    assert operations.plan(real_machine(), str(manifest)).plan.summary.update == 0
    return {
        name: Server(entry, home)
        for name, entry in json.loads((home / ".cursor/mcp.json").read_text())["mcpServers"].items()
    }


PRIVATE = (
    "HOME/.ssh/id",
    "HOME/other/plans",
    "HOME/.cursor/mcp.json",
    "HOME/.local/state/mcpconf/key",
    "HOME/mcpconf.yaml",
    "/etc/passwd",
    "/etc/shadow",
)


def test_without_walls_it_gets_at_everything(entries: dict, home: Path) -> None:
    """What the others cannot do can be done: their tests would notice."""
    with entries["outside"] as server, listening() as addresses:
        for path in PRIVATE if os.getuid() == 0 else PRIVATE[:-1]:
            assert server.ask("read", path.replace("HOME", str(home))), path
        assert server.ask("write", str(home / "other/new"))
        assert all(server.ask("reach", address) for address in addresses)
        assert len(server.ask("processes")) > 2
        assert "OTHER" in server.ask("variables")
        assert "0ther-of-a-test" in server.ask("environments")


@pytest.mark.parametrize("name", ["inside", "online"])
def test_it_reads_nothing_that_is_not_named(entries: dict, home: Path, name: str) -> None:
    with entries[name] as server:
        for path in (
            *PRIVATE,
            "/etc/machine-id",
            "/var/log",
            "/run",
            "/sys/kernel",
            "/proc/kcore",
            f"/proc/{os.getpid()}/environ",
        ):
            where = path.replace("HOME", str(home))
            assert server.ask("read", where) is None, path
            assert server.ask("names", where) is None, path
        assert server.ask("names", "~") == []
        assert server.ask("read", f"{home}/read/../.ssh/id") is None
        if name == "inside":
            assert server.ask("names", str(home)) == ["read", "toy.py", "write"]


def test_it_writes_nowhere_else(entries: dict, home: Path) -> None:
    with entries["inside"] as server:
        before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
        for path in ("read/book", "read/new", "toy.py", ".ssh/id", ".cursor/mcp.json", ".local/state/mcpconf/key"):
            assert server.ask("write", str(home / path)) is None, path
        for path in ("new", ".bashrc", ".ssh/new"):
            assert server.ask("write", str(home / path)) is None, path
        assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before
        for path in ("/new", "/usr/new", "/etc/new", "/proc/sys/kernel/core_pattern"):
            assert server.ask("write", path) is None, path


def test_a_link_in_a_folder_of_its_own_leads_nowhere(entries: dict, home: Path) -> None:
    (home / "write/out").symlink_to(home / ".ssh")
    with entries["inside"] as server:
        assert server.ask("read", f"{home}/write/out/id") is None


@contextmanager
def listening() -> Iterator[list[list[object]]]:
    """Sockets of this machine, in every way that a process can reach one without a file."""
    with (
        socket.create_server(("127.0.0.1", 0)) as loopback,
        socket.create_server(("::1", 0), family=socket.AF_INET6) as six,
        socket.create_server(("0.0.0.0", 0)) as everywhere,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        abstract.bind(b"\0mcpconf-of-a-test")
        abstract.listen()
        own = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=False).stdout.split()
        yield [
            ["inet", "127.0.0.1", loopback.getsockname()[1]],
            ["inet6", "::1", six.getsockname()[1]],
            ["unix", "\0mcpconf-of-a-test"],
            *(["inet", address, everywhere.getsockname()[1]] for address in own if "." in address),
        ]


def test_it_reaches_no_address(entries: dict) -> None:
    with listening() as addresses, entries["inside"] as server:
        for address in (*addresses, ["inet", "1.1.1.1", 443], ["inet6", "2606:4700:4700::1111", 443]):
            assert server.ask("reach", address) is None, address


def test_with_a_network_it_reaches_them(entries: dict) -> None:
    with listening() as addresses, entries["online"] as server:
        assert all(server.ask("reach", address) for address in addresses)
        assert server.ask("read", "/etc/resolv.conf")


def test_it_sees_no_other_process_and_no_variable_that_is_not_named(entries: dict) -> None:
    with entries["inside"] as server:
        assert server.ask("processes") == [1, 2]
        seen = server.ask("variables")
        assert seen.pop("PWD") == seen["HOME"]
        seen.pop("LC_CTYPE", None)  # Python sets it for itself
        assert seen.keys() == {"HOME", "LEVEL", "PATH", "SHARED", "TOKEN"}
        assert (seen["LEVEL"], seen["TOKEN"], seen["SHARED"]) == ("info", "t0ken-of-a-test", "shared")
        assert "0ther-of-a-test" not in server.ask("environments")
        assert not [word for word in server.words if "t0ken-of-a-test" in word]
    with entries["online"] as server:
        assert server.ask("variables").keys() <= {"HOME", "LC_CTYPE", "PATH", "PWD"}


def test_what_is_declared_works(entries: dict, home: Path) -> None:
    with entries["inside"] as server:
        assert server.ask("read", f"{home}/read/book") == "what read/book holds"
        assert server.ask("read", f"{home}/write/page") == "what write/page holds"
        assert server.ask("write", f"{home}/write/new")
        assert server.ask("write", "~/scratch")
    assert (home / "write/new").read_text() == "x"
