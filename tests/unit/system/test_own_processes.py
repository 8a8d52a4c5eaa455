"""What is told of the processes of this user, on the system that the tests run on."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from mcpconf.errors import Problem
from mcpconf.system.processes import OwnProcesses

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
    seen = OwnProcesses(real=True)
    found = {item.pid: item for item in seen.own()}
    told = found[process.pid]
    assert list(told.argv) == words
    assert "FILES_TOKEN" in told.variables
    assert "s3cr3t" not in repr(told)
    assert abs(datetime.fromisoformat(told.started) - datetime.now(UTC)) < timedelta(minutes=2)
    assert seen.listens(process.pid) == (f"127.0.0.1:{port}",)
    assert os.getpid() not in found


def test_nothing_runs_in_a_folder():
    assert OwnProcesses(real=False).own() is None


@pytest.mark.skipif(LINUX, reason="processes are seen on Linux")
def test_elsewhere_that_is_told():
    assert isinstance(OwnProcesses(real=True).own(), Problem)
