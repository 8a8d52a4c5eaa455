"""One writer at a time; whoever waits is told for whom; a holder that died holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mcpconf.errors import ExitCode, McpconfError
from mcpconf.system.locks import KernelLocks
from mcpconf.system.paths import Resolver

HOLD = """
import sys, time
from mcpconf.system.locks import KernelLocks
from mcpconf.system.paths import Resolver
with KernelLocks(Resolver(sys.argv[1])).exclusive("/lock", 5):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
print("left", flush=True)
"""


@pytest.fixture
def locks(tmp_path: Path) -> KernelLocks:
    return KernelLocks(Resolver(str(tmp_path)))


def holder(root: Path, seconds: float) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(root), str(seconds)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def ended(process: subprocess.Popen[str]) -> None:
    process.communicate()


def test_whoever_waits_too_long_is_told_for_whom(tmp_path: Path, locks: KernelLocks):
    process = holder(tmp_path, 60)
    try:
        began = time.monotonic()
        with pytest.raises(McpconfError) as caught, locks.exclusive("/lock", 0.2):
            raise AssertionError("two writers")
        assert 0.1 < time.monotonic() - began < 5
        assert caught.value.code == ExitCode.LOCKED
        told = caught.value.problems[0]
        assert "another mcpconf is writing" in told.message
        assert "waited 0.2 s" in told.message
        if sys.platform == "linux":
            assert f"(process {process.pid})" in told.message
        assert "--lock-timeout" in told.hint
    finally:
        process.kill()
        ended(process)


def test_whoever_waits_long_enough_goes_on(tmp_path: Path, locks: KernelLocks):
    process = holder(tmp_path, 0.3)
    with locks.exclusive("/lock", 20):
        assert process.stdout
        assert process.stdout.readline() == "left\n"
    ended(process)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_holder_that_died_holds_nothing(tmp_path: Path, locks: KernelLocks, number: int):
    process = holder(tmp_path, 60)
    os.kill(process.pid, number)
    ended(process)
    with locks.exclusive("/lock", 0):
        pass


def test_an_error_inside_lets_go(locks: KernelLocks):
    with pytest.raises(KeyError), locks.exclusive("/lock", 1):
        raise KeyError
    with locks.exclusive("/lock", 0):
        pass


def test_taking_the_lock_again_writes_nothing(tmp_path: Path, locks: KernelLocks):
    with locks.exclusive("/lock", 1):
        assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600
    before = [(path, path.stat().st_mtime_ns) for path in (tmp_path, *tmp_path.iterdir())]
    with locks.exclusive("/lock", 1):
        pass
    assert [(path, path.stat().st_mtime_ns) for path in (tmp_path, *tmp_path.iterdir())] == before
    assert (tmp_path / "lock").read_bytes() == b""


@pytest.mark.parametrize("obstacle", ["folder", "link"])
def test_a_lock_that_cannot_be_is_told(tmp_path: Path, locks: KernelLocks, obstacle: str):
    if obstacle == "folder":
        (tmp_path / "lock").mkdir()
    else:
        (tmp_path / "lock").symlink_to("lock")
    with pytest.raises(McpconfError) as caught, locks.exclusive("/lock", 0.1):
        raise AssertionError("held what cannot be held")
    assert caught.value.code == ExitCode.NO_PLAN
    assert "the lock cannot be taken" in caught.value.problems[0].message


def test_a_holder_that_the_system_does_not_tell_goes_without_a_name(tmp_path: Path):
    from mcpconf.system.locks import _holder

    (tmp_path / "free").write_bytes(b"")
    assert _holder(str(tmp_path / "free")) == ""
    assert _holder(str(tmp_path / "none")) == ""
