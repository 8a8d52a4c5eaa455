"""Servers that are asked inside bubblewrap: they show the same as outside, see nothing of the machine, and leave nothing."""

from __future__ import annotations

import json

import pytest

from tests.toys import PYTHON, Toys
from tests.toys.web import served

LOOK = """
import os, socket, sys
def attempt(what):
    try:
        return str(what())
    except OSError as error:
        return type(error).__name__
home, port = sys.argv[1:]
print(attempt(lambda: os.listdir(home)), attempt(lambda: open("/etc/passwd").read()[:4]),
      attempt(lambda: socket.create_connection(("127.0.0.1", int(port)), 2)), file=sys.stderr)
sys.exit(9)
"""


@pytest.fixture
def toys(tmp_path) -> Toys:
    return Toys(tmp_path)


def test_a_confined_server_shows_what_it_shows_outside(toys, monkeypatch):
    own = {"args": ["${workspace}/a", "/srv/documents"], "env": {"T": {"secret": "T"}}}
    toys.say(zone="zone", gated="gated", variables="variables", modern="modern")
    document = json.loads(toys.manifest.read_text())
    for server in document["servers"].values():
        server.update(own)
    toys.manifest.write_text(json.dumps(document))
    ran = toys.run("lock", "--surface")
    assert (ran.code, ran.stderr) == (0, ""), ran
    inside = toys.lock
    assert "sandboxed by bubblewrap" in toys.run("probe", "zone").stdout
    monkeypatch.setattr("mcpconf.supply.probing.works", lambda _workshop: False)
    (toys.folder / "mcpconf.lock").unlink()
    ran = toys.run("lock", "--surface")
    assert ran.code == 0, ran
    assert "not sandboxed" in ran.stderr
    assert toys.lock == inside


def test_a_confined_server_sees_neither_the_machine_nor_the_network(toys, tmp_path):
    code = tmp_path / "look.py"
    code.write_text(LOOK)
    with served() as (address, seen):
        port = address.rpartition(":")[2]
        toys.say(notes={"command": [PYTHON, "-I", "-S", str(code), str(toys.folder), port]})
        assert toys.run("lock").code == 0
        told = " ".join(toys.run("probe").stdout.split())
        assert "said last: ['look.py'] FileNotFoundError ConnectionRefusedError" in told, told
        assert seen == []
        told = " ".join(toys.run("probe", "--network").stdout.split())
        assert "socket.socket" in told, told


def test_a_daemon_of_a_confined_server_is_gone(toys):
    toys.say(notes="daemon /tmp/pid")
    toys.run("lock")
    ran = toys.run("probe", "--format", "json")
    assert ran.json["servers"][0]["sandboxed"] == "bubblewrap", ran
    assert ran.code == 0, ran
    assert toys.left() == []


def test_the_folders_that_arguments_name_are_there_and_empty(toys, tmp_path):
    secret = tmp_path / "documents"
    secret.mkdir()
    (secret / "diary").write_text("mine")
    code = tmp_path / "look.py"
    code.write_text(
        "import os, sys\nprint([os.listdir(word) for word in sys.argv[1:]], file=sys.stderr)\nsys.exit(9)\n"
    )
    arguments = [str(secret), "${workspace}/a", "${home}"]
    toys.say(notes={"command": [PYTHON, "-I", "-S", str(code)], "args": arguments})
    toys.run("lock")
    assert "said last: [[], [], []]" in " ".join(toys.run("probe").stdout.split())
