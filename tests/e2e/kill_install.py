"""Kills an install before each operation on the disk in turn, as `kill -9` does. Run as a program of its own: it forks.

The argument is a folder with `home/`, `mcpconf.yaml` and `mcpconf.lock`. Each copy of it, in `copies/` there, is left as the
kill left it.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import sys
from pathlib import Path

from mcpconf.cli.door import run
from tests import pretended

WRITING = frozenset(
    {"os.mkdir", "os.rename", "os.chmod", "os.remove", "os.rmdir", "os.link", "os.symlink", "shutil.rmtree"}
)
SELDOM = 3
"""Of the files that are opened, which are many, only each third."""


class Deadly:
    """Counts what is done below a folder, and ends the process before the n-th."""

    def __init__(self, folder: Path, at: int) -> None:
        self.folder = str(folder)
        self.left = at
        self.opened = 0

    def __call__(self, event: str, arguments: tuple) -> None:
        if event == "open":
            self.opened += self.folder in str(arguments[0])
            counts = self.folder in str(arguments[0]) and self.opened % SELDOM == 0
        else:
            counts = event in WRITING and any(self.folder in str(item) for item in arguments)
        self.left -= counts
        if counts and self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def installed(copy: Path) -> int:
    os.environ["HOME"] = str(copy / "home")
    with contextlib.redirect_stdout(io.StringIO()):
        return run(["install", "-m", str(copy / "mcpconf.yaml")])


def killed(copy: Path, at: int) -> bool:
    """Install in a child that dies. False if it came to its end."""
    child = os.fork()
    if child == 0:
        sys.addaudithook(Deadly(copy / "home", at))
        os._exit(installed(copy))
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def main(folder: Path) -> None:
    """The first install, which comes to its end, loads what the others need."""
    pretended.take_the_place()
    (folder / "copies").mkdir()
    assert installed(_copied(folder, 0)) == 0
    _remove(folder / "copies" / "0")
    at = 1
    while killed(_copied(folder, at), at):
        at += 1
    _remove(folder / "copies" / str(at))


def _copied(folder: Path, at: int) -> Path:
    copy = folder / "copies" / str(at)
    shutil.copytree(folder, copy, symlinks=True, ignore=shutil.ignore_patterns("copies"))
    return copy


def _remove(copy: Path) -> None:
    for path in copy.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o700)
    shutil.rmtree(copy)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
