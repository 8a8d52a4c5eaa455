"""Locks of hosts: taken as each host takes them, given back whole, and never taken from one who holds them."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path

import pytest

from mcpconf.errors import ExitCode, McpconfError
from mcpconf.model.guard import Guard
from mcpconf.system.locks import KernelLocks
from mcpconf.system.paths import Resolver

FOLDER = Guard("Host", "folder", "/host/file.json.lock", 10)
KERNEL = Guard("Host", "kernel", "/host/.lock", 0)


@pytest.fixture
def locks(tmp_path: Path) -> KernelLocks:
    (tmp_path / "host").mkdir()
    return KernelLocks(Resolver(str(tmp_path)))


def refused(locks: KernelLocks, guard: Guard) -> str:
    with pytest.raises(McpconfError) as caught, locks.guarded(guard, 0.1):
        raise AssertionError("taken")
    assert caught.value.code == ExitCode.LOCKED
    return str(caught.value)


def test_a_folder_is_there_while_it_is_held_and_names_its_owner(tmp_path: Path, locks: KernelLocks) -> None:
    with locks.guarded(FOLDER, 0):
        (marker,) = (tmp_path / "host/file.json.lock").iterdir()
        assert marker.name.startswith(f"owner.{os.getpid()}.")
        assert marker.read_text() == marker.name.removeprefix("owner.")
        assert f"(process {os.getpid()})" in refused(locks, FOLDER)
    assert list((tmp_path / "host").iterdir()) == []


def test_a_folder_is_given_back_after_an_error(tmp_path: Path, locks: KernelLocks) -> None:
    with pytest.raises(ZeroDivisionError), locks.guarded(FOLDER, 0):
        raise ZeroDivisionError
    assert list((tmp_path / "host").iterdir()) == []


def test_a_folder_that_was_left_behind_is_put_aside(tmp_path: Path, locks: KernelLocks) -> None:
    lock = tmp_path / "host/file.json.lock"
    lock.mkdir()
    (lock / "owner.1.2.3").write_text("1.2.3")
    refused(locks, FOLDER)
    old = time.time() - 11
    os.utime(lock, (old, old))
    with locks.guarded(FOLDER, 1):
        assert [path.name for path in lock.iterdir()] != ["owner.1.2.3"]
    assert list((tmp_path / "host").iterdir()) == []


def test_a_lock_that_another_took_over_stays_theirs(tmp_path: Path, locks: KernelLocks) -> None:
    lock = tmp_path / "host/file.json.lock"
    with locks.guarded(FOLDER, 0):
        lock.rename(tmp_path / "aside")
        lock.mkdir()
        (lock / "owner.1.2.3").write_text("1.2.3")
    assert [path.name for path in lock.iterdir()] == ["owner.1.2.3"]


def test_whoever_waits_long_enough_goes_on(tmp_path: Path, locks: KernelLocks) -> None:
    lock = tmp_path / "host/file.json.lock"
    lock.mkdir()
    (lock / "owner.1.2.3").write_text("1.2.3")

    def let_go() -> None:
        (lock / "owner.1.2.3").unlink()
        lock.rmdir()

    threading.Timer(0.2, let_go).start()
    with locks.guarded(FOLDER, 20):
        assert lock.is_dir()


@pytest.mark.parametrize("guard", [FOLDER, KERNEL])
def test_a_host_that_never_wrote_gets_no_file_of_a_lock(guard: Guard, tmp_path: Path, locks: KernelLocks) -> None:
    (tmp_path / "host").rmdir()
    with locks.guarded(guard, 0):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_file_of_a_kernel_lock_stays_the_same_file(tmp_path: Path, locks: KernelLocks) -> None:
    file = tmp_path / "host/.lock"
    file.write_text("")
    before = file.stat()
    with locks.guarded(KERNEL, 0), file.open() as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    with file.open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert "Host is writing its file" in refused(locks, KERNEL)


def test_a_link_in_place_of_a_lock_is_not_followed(tmp_path: Path, locks: KernelLocks) -> None:
    (tmp_path / "elsewhere").write_text("")
    (tmp_path / "host/.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(McpconfError) as caught, locks.guarded(KERNEL, 0):
        raise AssertionError("taken")
    assert caught.value.code == ExitCode.NO_PLAN
