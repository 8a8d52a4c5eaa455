"""What is told of the processes of this user, on the system that the tests run on."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from mcpconf.documents.machine import MachineFacts
from mcpconf.errors import Problem
from mcpconf.model.process import Process, Standing
from mcpconf.system.described import DescribedProcesses
from mcpconf.system.processes import OwnProcesses

FACTS = {"os": "linux", "home": "/home/dev", "user": "dev"}
LINUX = sys.platform == "linux"
SERVE = (
    "import socket, sys; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); "
    "print(s.getsockname()[1], flush=True); sys.stdin.read()"
)


@pytest.fixture
def server():
    words = [sys.executable, "-c", SERVE, "--token", "x"]
    environment = {**os.environ, "FILES_TOKEN": "s3cr3t-value"}
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        yield process, int(process.stdout.readline()), words
        process.stdin.close()


@pytest.mark.skipif(not LINUX, reason="processes are seen on Linux")
def test_a_process_is_told_with_its_words_start_and_names_of_variables(server):
    process, port, words = server
    seen = OwnProcesses()
    found = {item.pid: item for item in seen.own()}
    told = found[process.pid]
    assert list(told.argv) == words
    assert "FILES_TOKEN" in told.variables
    assert "s3cr3t" not in repr(told)
    assert abs(datetime.fromisoformat(told.started) - datetime.now(UTC)) < timedelta(minutes=2)
    assert seen.listens(process.pid) == (f"127.0.0.1:{port}",)
    assert os.getpid() not in found


@pytest.mark.skipif(not LINUX, reason="processes are seen on Linux")
def test_the_older_are_told_by_a_word_of_theirs(server):
    process, _, words = server
    seen = OwnProcesses()
    word = words[-2]
    assert process.pid in {item.pid for item in seen.older("2999-01-01T00:00:00Z", word)}
    assert not seen.older("2999-01-01T00:00:00Z", "no such word in any command line" + word)
    assert not seen.older("2001-01-01T00:00:00Z", word)


def test_nothing_runs_in_a_folder():
    nothing = DescribedProcesses(MachineFacts(**FACTS))
    assert (nothing.own(), nothing.older("2999-01-01T00:00:00Z", "a"), nothing.contained()) == (None, None, None)
    assert nothing.listens(1) == ()
    assert nothing.standing("A") == ()


def test_what_is_told_of_a_folder_is_never_ended():
    said = {"pid": str(os.getpid()), "argv": ("files",), "started": "2026-01-02T08:00:00Z", "listens": ("[::1]:80",)}
    seen = DescribedProcesses(MachineFacts(**FACTS, processes=(said,), variables={"session": ("A", "B")}))
    told = Process(os.getpid(), ("files",), "2026-01-02T08:00:00Z")
    assert seen.own() == seen.older("2026-01-03T08:00:00Z", "file") == (told,)
    assert seen.listens(told.pid) == ("[::1]:80",)
    assert seen.standing("A", "C") == (Standing("A", "session"),)
    assert not seen.end(told)


@pytest.mark.skipif(LINUX, reason="processes are seen on Linux")
def test_elsewhere_that_is_told():
    assert isinstance(OwnProcesses().own(), Problem)
