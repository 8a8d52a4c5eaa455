"""Processes are ended by what they are, not by their number alone, and told of where only lines of words are to be had."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mcpconf.errors import Problem
from mcpconf.model.process import Process
from mcpconf.system import processes
from mcpconf.system.processes import OwnProcesses, listed

SLEEPS = (sys.executable, "-c", "import time; time.sleep(60)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)",
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are seen in /proc")


def found(pid: int) -> Process:
    """Once it is what it was started as."""
    for _ in range(100):
        process = next(process for process in OwnProcesses().own() if process.pid == pid)
        if process.argv[:1] == SLEEPS[:1] and "-c" in process.argv:
            return process
        time.sleep(0.02)
    raise AssertionError(process)


def test_a_process_is_ended_and_its_end_is_seen():
    with subprocess.Popen(SLEEPS) as child:
        process = found(child.pid)
        assert OwnProcesses().end(process)
        assert child.wait(5) == -15


def test_another_process_of_that_number_is_left_alone():
    with subprocess.Popen(SLEEPS) as child:
        process = found(child.pid)
        assert OwnProcesses().end(process._replace(started="2001-01-01T00:00:00Z"))
        assert child.poll() is None
        child.kill()


def test_one_that_is_something_else_by_now_is_left_alone_and_runs_on():
    with subprocess.Popen(SLEEPS) as child:
        process = found(child.pid)
        assert not OwnProcesses().end(process._replace(argv=("other",)))
        assert child.poll() is None
        child.kill()


def test_one_that_does_not_end_is_told(monkeypatch):
    monkeypatch.setattr(processes, "_PATIENCE", 0.2)
    with subprocess.Popen(STUBBORN, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        assert not OwnProcesses().end(found(child.pid))
        monkeypatch.delattr(os, "pidfd_open")
        assert not OwnProcesses().end(found(child.pid))
        child.kill()


def test_without_a_handle_it_is_waited_for(monkeypatch):
    monkeypatch.delattr(os, "pidfd_open")
    with subprocess.Popen(SLEEPS) as child:
        time.sleep(0.1)
        process = found(child.pid)
        reaping = threading.Thread(target=child.wait)
        reaping.start()
        assert OwnProcesses().end(process)
        reaping.join()
        assert child.wait(5) == -15


@pytest.mark.parametrize("handle", [True, False])
def test_one_that_cannot_be_seen_has_not_ended(monkeypatch, handle):
    with subprocess.Popen(SLEEPS) as child:
        process = found(child.pid)
        monkeypatch.setattr(processes, "_PROCESSES", "/nowhere")
        if not handle:
            monkeypatch.delattr(os, "pidfd_open")
        assert not OwnProcesses().end(process)
        assert child.poll() is None
        child.kill()


def test_one_that_is_gone_has_ended():
    with subprocess.Popen(SLEEPS) as child:
        process = found(child.pid)
        child.kill()
    assert OwnProcesses().end(process)


LINES = """\
    1     0 Thu Nov 26 11:27:20 2026 /sbin/launchd
  501   501 Fri Nov 27 04:05:06 2026 /opt/node/bin/node /Users/dev/My Servers/x.js --root /srv
  502   501 Sun Nov  1 23:59:59 2026 npx -y @x/files
  503   501 nonsense
"""


def test_lines_of_ps_are_understood():
    assert [*listed(LINES, 501, 502)] == [
        Process(501, ("/opt/node/bin/node /Users/dev/My Servers/x.js --root /srv",), "2026-11-27T04:05:06Z")
    ]
    assert [process.started for process in listed(LINES, 501, 0)] == ["2026-11-27T04:05:06Z", "2026-11-01T23:59:59Z"]


@pytest.mark.skipif(not Path("/bin/ps").exists(), reason="there is no ps")
def test_where_there_is_only_ps_it_is_asked(monkeypatch):
    monkeypatch.setattr(processes.sys, "platform", "darwin")
    with subprocess.Popen(SLEEPS) as child:
        own = OwnProcesses().own()
        child.kill()
    assert [process.argv for process in own if process.pid == child.pid] == [(" ".join(SLEEPS),)]
    monkeypatch.setattr(processes, "_PS", (shutil.which("false") or "/bin/false",))
    assert isinstance(OwnProcesses().own(), Problem)
    assert replace(processes._UNSEEN).kind == "unreadable"
