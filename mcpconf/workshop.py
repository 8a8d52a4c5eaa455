"""What those need who lock and install: programs, the network, whole folders. A plan asks none of them.

The ports of `ports` are for everybody; `system/` implements these too.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from mcpconf.errors import Problem
from mcpconf.ports import Machine


@dataclass(frozen=True, slots=True)
class Call:
    """A program to run: no shell, in `folder`, for at most `seconds`.

    It gets the user's environment with `env` above it; a variable that is None there is taken away.
    """

    argv: tuple[str, ...]
    folder: str
    env: Mapping[str, str | None] = field(default_factory=dict)
    seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended. What it printed is cut off behind `MAXIMUM_BYTES`."""

    code: int
    out: bytes
    err: bytes


class Programs(Protocol):
    """Programs of the machine, for those who lock and install. A plan runs none."""

    def run(self, call: Call) -> Ran | Problem:
        """A Problem if it did not start or took too long; then nothing of it is left running."""

    def own(self, name: str) -> str:
        """The path of a program that was installed together with mcpconf; "" if there is none."""

    def end(self) -> None:
        """End what others still run here, and start nothing more."""


class Incoming(Protocol):
    """A file that is got from the network, in one go or in several. It tells what goes wrong with it by McpconfError.

    `tag` is how a server calls what is here already, "" if it did not say, and `size` how many bytes that is.
    """

    tag: str
    size: int

    def begin(self, tag: str, at: int) -> None:
        """What follows is of that tag, and belongs behind the first `at` bytes."""

    def write(self, data: bytes) -> None:
        """The next bytes."""


class Web(Protocol):
    """The network, for those who lock and install. A plan asks nothing of it."""

    def get(self, url: str, limit: int, headers: Mapping[str, str] = ..., *, outside: bool = ...) -> bytes | Problem:
        """The body behind an address, at most `limit` bytes.

        `https`, or `http` on this machine itself; redirects are followed a few times, never from the outside to an
        address of this machine or a private network; nor is one asked that an answer named (`outside`).
        """

    def save(self, url: str, into: Incoming, limit: int, *, known: str = ...) -> bool | Problem:
        """The same into a file, behind what is here of it already; False if what is there still goes by the tag `known`."""


class Trees(Protocol):
    """Whole folders, which are built, moved and removed as one. Paths are the machine's."""

    def room(self) -> AbstractContextManager[str]:
        """A new folder for this user alone, on the file system of the store, removed with all in it at the end."""

    def abandoned(self, *, dry_run: bool = ...) -> tuple[str, ...]:
        """Rooms whose owners are gone: what a run left that was ended by force. Also sweeps up locks, but in a `dry_run`."""

    def add(self, folder: str, name: str, data: bytes, *, executable: bool = False) -> None:
        """Write a new file into a folder that is being built, in the folders that its name tells; not flushed.

        Raises OSError, also for a name that leads out or is there already.
        """

    def move(self, source: str, target: str) -> bool:
        """Rename a folder, sealed or not, to a free place, with the parents it needs; False if taken. Raises OSError."""

    def seal(self, folder: str) -> None:
        """Take every permission to write from a folder and all in it. Raises OSError, also for a file with another name."""

    def size(self, folder: str) -> int:
        """Bytes of all files in a folder; 0 if it is gone. Raises OSError."""

    def age(self, file: str) -> float:
        """Seconds since a file was written. Raises OSError."""

    def remove(self, folder: str) -> None:
        """Remove a folder and all in it, sealed or not; no error if it is gone. Raises OSError."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What locking and installing need beside a machine. `offline`: nothing may be asked of the network, whoever asks."""

    machine: Machine
    programs: Programs
    web: Web
    trees: Trees
    offline: bool = False
