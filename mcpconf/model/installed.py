"""What is in the store: whether an installation is what was built, what an install did, what nothing needs any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from mcpconf.errors import Problem


@dataclass(frozen=True, slots=True)
class Installed:
    """Every byte is as it was when it was built from what the lock says. `files` is how many there are."""

    files: int


@dataclass(frozen=True, slots=True)
class Missing:
    """There is nothing where it would be."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Not what was built. Paths are from the tree; `reason` tells why the record does not count, "" if it does.

    `keyless`: it was sealed with a key that is gone, so that nobody knows whether it was changed.
    """

    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    reason: str = ""
    keyless: bool = False

    @property
    def count(self) -> int:
        return len(self.changed) + len(self.added) + len(self.missing)


Installation: TypeAlias = Installed | Missing | Changed | Problem

Outcome = Literal["installed", "there", "rebuilt", "failed"]


@dataclass(frozen=True, slots=True)
class Built:
    """What an install did for one server. `label` is its package and version.

    `changed` is what was found in place of an earlier installation, and `aside` where that lies now.
    """

    outcome: Outcome
    label: str = ""
    folder: str = ""
    changed: Changed | None = None
    aside: str = ""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One installation. `servers` are those of the manifest that the lock gives it; none for what only lies there."""

    folder: str
    servers: tuple[str, ...]
    state: Installation


Why = Literal["unused", "aside", "abandoned"]


@dataclass(frozen=True, slots=True)
class Unneeded:
    """What nothing names any more, was put aside, or was left by a run that was ended. `bytes` are those of its files."""

    folder: str
    why: Why
    bytes: int
