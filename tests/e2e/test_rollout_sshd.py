"""The rollout script over a real ssh, to a real sshd on this machine's own address.

`MCPCONF_SSHD=/usr/sbin/sshd python -m pytest tests/e2e/test_rollout_sshd.py` runs it, as root after `mkdir -p /run/sshd`
where Debian's sshd asks for that folder. It starts the program on 127.0.0.1 and a free port, with keys of its own, and ends it.
"""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.fleet import MCPCONF, Fleet
from tests.world import World

SSHD = os.environ.get("MCPCONF_SSHD", "")
pytestmark = pytest.mark.skipif(not SSHD, reason="MCPCONF_SSHD: not said")

MANIFEST = """\
mcpconf: 1
include: [org/base.yaml]
hosts: {cursor: {}}
"""
BASE = """\
mcpconf: 1
servers:
  files: {package: "npm:@modelcontextprotocol/server-filesystem", version: "2026.8.31", args: ["${home}/work"]}
"""


@pytest.fixture
def fleet(tmp_path: Path):
    """Two names for this machine, each with an mcpconf of its own; and one that nobody answers for."""
    made = Fleet(tmp_path / "fleet")
    (made.folder / "mcpconf.yaml").write_text(MANIFEST)
    (made.folder / "org").mkdir()
    (made.folder / "org" / "base.yaml").write_text(BASE)
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", made.folder / key], check=True)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    options = [
        f"Port={port}",
        "ListenAddress=127.0.0.1",
        f"AuthorizedKeysFile={made.folder / 'user.pub'}",
        "PidFile=none",
    ]
    options += ["StrictModes=no", "UsePAM=no", "PasswordAuthentication=no", "PermitRootLogin=yes"]
    log = (made.folder / "log").open("w")
    words = [SSHD, "-D", "-e", "-f", os.devnull, "-h", str(made.folder / "host")]
    server = subprocess.Popen([*words, *(word for option in options for word in ("-o", option))], stderr=log)
    public = (made.folder / "host.pub").read_text()
    (made.folder / "known").write_text(f"[127.0.0.1]:{port} {public}")
    (made.folder / "config").write_text(
        f"Host one two\n  HostName 127.0.0.1\n  Port {port}\n"
        f"Host nobody\n  HostName 127.0.0.1\n  Port 1\n"
        f"Host *\n  User {getpass.getuser()}\n  IdentityFile {made.folder / 'user'}\n  IdentitiesOnly yes\n"
        f"  UserKnownHostsFile {made.folder / 'known'}\n  GlobalKnownHostsFile /dev/null\n"
    )
    log.close()
    while "Server listening" not in (told := (made.folder / "log").read_text()):
        assert server.poll() is None, told
        time.sleep(0.05)
    yield made
    server.terminate()
    server.wait()


def test_over_a_real_ssh(fleet: Fleet) -> None:
    world = World(fleet.folder / "it's one")
    world.write("~/.cursor/mcp.json", '{"mcpServers": {}}\n')
    program = fleet.program("it's $(mcpconf)", MCPCONF.replace('"$@"', f'"$@" --root "{world.root}"'))
    fleet.lines = ["one ssh one", "nobody ssh nobody"]
    options = ("--ssh-config", str(fleet.folder / "config"), "--command", str(program), "--max-failed", "1")
    done = fleet.roll(*options)
    assert done.results == {"one": "ok", "nobody": "unreachable"}, done.told + done.errors
    assert done.steps["one"] == ["plan 2", "apply 0", "verify 0"]
    assert "@modelcontextprotocol/server-filesystem@2026.8.31" in world.read("~/.cursor/mcp.json")
    assert "Connection refused" in done.reports["nobody"]["said"]
    again = fleet.roll(*options)
    assert again.steps["one"] == ["plan 0", "apply 0", "verify 0"]


def test_a_host_that_is_not_known_is_not_reached_and_nobody_is_asked(fleet: Fleet) -> None:
    (fleet.folder / "known").write_text("")
    fleet.lines = ["one ssh one"]
    done = fleet.roll("--ssh-config", str(fleet.folder / "config"))
    assert done.results == {"one": "unreachable"}
    assert "verification failed" in done.reports["one"]["said"]


def test_a_machine_that_is_slow_over_ssh(fleet: Fleet) -> None:
    program = fleet.program("slow", "#!/bin/sh\nsleep 20\n")
    fleet.lines = ["one ssh one"]
    done = fleet.roll("--ssh-config", str(fleet.folder / "config"), "--command", str(program), "--limit", "3")
    assert done.steps == {"one": ["plan 124"]}
