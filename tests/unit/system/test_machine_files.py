"""Reading real files: whatever lies at a path, it is told, and nothing blocks."""

from __future__ import annotations

import os
import signal
import socket
import threading
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mcpconf.errors import Problem
from mcpconf.ports import MAXIMUM_BYTES, Snapshot
from mcpconf.system.files import MachineFiles
from mcpconf.system.paths import Resolver


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "home").mkdir(parents=True)
    return tmp_path / "root"


@pytest.fixture
def files(root: Path) -> MachineFiles:
    return MachineFiles(Resolver(str(root)), {})


@pytest.fixture(autouse=True)
def _never_blocks():
    """A read that waits for a pipe would hang the test; the alarm makes it fail."""

    def fail(*_args):
        raise AssertionError("blocked")

    kept = signal.signal(signal.SIGALRM, fail)
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, kept)


def kind(found: object) -> str:
    assert isinstance(found, Problem)
    return found.kind


def test_what_is_not_there_is_none(files: MachineFiles, root: Path):
    (root / "home/file").write_text("x")
    for path in ("/home/none", "/none/none", "/home/file/below"):
        assert files.read(path) is None
        assert not files.exists(path)
    assert files.names("/none") == ()
    assert files.names("/home") == ("file",)
    assert files.exists("/home/file")


def test_folders_pipes_sockets_and_devices_are_told_and_not_opened(files: MachineFiles, root: Path):
    (root / "home/folder").mkdir()
    os.mkfifo(root / "home/pipe")
    with socket.socket(socket.AF_UNIX) as server:
        with chdir(root / "home"):  # the path of a socket is short
            server.bind("socket")
        for name in ("folder", "pipe", "socket"):
            found = files.read(f"/home/{name}")
            assert kind(found) == "not-a-file"
            assert ("folder" in found.message) == (name == "folder")


def test_a_pipe_with_a_writer_is_not_disturbed(files: MachineFiles, root: Path):
    """Opening it would end the wait of the program that writes to it."""
    os.mkfifo(root / "home/pipe")
    opened = threading.Event()

    def write() -> None:
        descriptor = os.open(root / "home/pipe", os.O_WRONLY)
        opened.set()
        os.close(descriptor)

    thread = threading.Thread(target=write)
    thread.start()
    assert kind(files.read("/home/pipe")) == "not-a-file"
    assert not opened.wait(0.2)
    os.close(os.open(root / "home/pipe", os.O_RDONLY | os.O_NONBLOCK))
    thread.join()


@pytest.mark.parametrize("size", [MAXIMUM_BYTES, MAXIMUM_BYTES + 1])
def test_a_file_that_no_host_writes_is_not_read(files: MachineFiles, root: Path, size: int):
    with (root / "home/large").open("wb") as file:
        file.truncate(size)
    found = files.read("/home/large")
    assert isinstance(found, Snapshot) if size == MAXIMUM_BYTES else kind(found) == "oversized"


def test_a_file_that_grows_while_it_is_read_is_bounded():
    from mcpconf.system.files import _read_all

    endless = os.open("/dev/zero", os.O_RDONLY)
    try:
        assert MAXIMUM_BYTES < len(_read_all(endless, 0)) < MAXIMUM_BYTES + 10_000_000
    finally:
        os.close(endless)


@pytest.mark.parametrize("text", ["/home/\0", "/home/\ud800", "/home/" + "x" * 300, "/" + "x/" * 5000])
def test_text_that_is_no_path_is_a_problem_and_no_crash(files: MachineFiles, text: str):
    assert kind(files.read(text)) == "unreadable"
    assert kind(files.read("/home/x", within=text)) == "unreadable"
    assert isinstance(files.names(text), Problem)
    assert files.exists(text)


def test_modes_of_a_tree_in_git_come_from_its_description(root: Path):
    (root / "home/file").write_text("x")
    files = MachineFiles(Resolver(str(root)), {"/home/file": 0o640})
    found = files.read("/home/file")
    assert isinstance(found, Snapshot)
    assert found.mode == 0o640


@pytest.fixture
def open_folder():
    """A folder that another user may enter."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_what_may_not_be_read_is_told(open_folder: Path):
    """As a user who is not root: in a process of its own, which gives its rights away."""
    home = open_folder / "home"
    home.mkdir()
    (home / "closed").mkdir()
    (home / "secret").write_text("x")
    (home / "secret").chmod(0)
    (home / "closed").chmod(0)
    (home / "fixed").mkdir()
    (home / "fixed/file").write_text("old")
    (home / "fixed").chmod(0o555)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        told = b"failed"
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            files = MachineFiles(Resolver(str(open_folder)), {})
            kinds = [files.read(path) for path in ("/home/secret", "/home/closed/file")]
            kinds += [files.names("/home/closed")]
            assert {item.kind for item in kinds} == {"unreadable"}
            assert files.exists("/home/closed/file")
            try:
                files.stage("/home/fixed/file", b"new", 0o644, None)
            except PermissionError:
                told = b"fine"
        finally:
            os.write(writer, told)
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    assert os.read(reader, 100) == b"fine"
    os.close(reader)
    assert (home / "fixed/file").read_text() == "old"
    for name in ("closed", "fixed"):
        (home / name).chmod(0o755)
