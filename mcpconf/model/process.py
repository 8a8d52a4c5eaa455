"""What runs on a machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple


class Process(NamedTuple):
    """`started` in UTC, `2026-11-20T18:31:02Z`. `variables` are the names in its environment, and no values."""

    pid: int
    argv: tuple[str, ...]
    started: str
    variables: frozenset[str] = frozenset()


def is_older(process: Process, moment: str, words: Sequence[str]) -> bool:
    """Whether it was started before a moment and has one of these words in its command line, in whatever letters."""
    line = " ".join(process.argv).casefold()
    return process.started < moment and any(word in line for word in words)


class Outdated(NamedTuple):
    """A server of the manifest that runs as it was before mcpconf wrote its entry, at `written`, once more."""

    server: str
    address: str
    file: str
    pids: tuple[int, ...]
    started: str
    written: str


class Contained(NamedTuple):
    """A container, running or not, or an image. `program` asks the engine that keeps it; volumes outlive their containers."""

    program: str
    kind: Literal["container", "image"]
    name: str
    image: str
    state: str = ""
    volumes: tuple[str, ...] = ()


class Engines(NamedTuple):
    """What engines of containers keep. Those that are `silent` are installed and did not answer: they may keep anything."""

    kept: tuple[Contained, ...] = ()
    silent: tuple[str, ...] = ()


class Standing(NamedTuple):
    """A variable that every program is given: by the session until its end, or for good to a user or all users of Windows."""

    name: str
    by: Literal["session", "user", "machine"]


class KeyringItem(NamedTuple):
    """What an item of the system's keyring is called. What it holds is never asked for."""

    service: str
    account: str
