"""Exit codes, and the one shape in which anything that went wrong is told: what, where, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal


class ExitCode(IntEnum):
    """The promise every command keeps; scripts branch on these numbers."""

    SUCCESS = 0
    NO_PLAN = 1
    CHANGES = 2
    BLOCKED = 3
    STALE = 4
    NARROWED = 5
    RECOVER = 6
    LOCKED = 7
    INCOMPLETE = 8
    USAGE = 64
    INTERNAL = 70
    INTERRUPTED = 130
    BROKEN_PIPE = 141


ProblemKind = Literal[
    "invalid",  # a document of ours breaks its contract
    "not-supported",  # a part of the contract that this version does not act on
    "missing",
    "malformed",
    "duplicate-key",
    "encoding",
    "oversized",
    "not-a-file",
    "unreadable",
    "symlink",
    "container",  # a list where a map must be, and the like
    "stale",
    "locked",
    "usage",
    "write",
    "refused",  # by a server that gives it to nobody it does not know
    "hash",  # other bytes than those that were approved
    "permission",  # what a server may do, and nothing here can hold it to
    "internal",
]


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A place a person can go to: `file:line:column`, or `file#pointer` where lines mean nothing."""

    file: str
    line: int | None = None
    column: int | None = None
    pointer: str = ""

    def __str__(self) -> str:
        if self.line is not None:
            return f"{self.file}:{self.line}" + (f":{self.column}" if self.column is not None else "")
        return f"{self.file}#{self.pointer}" if self.pointer else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that went wrong or could not be read. Never the same as "absent"."""

    kind: ProblemKind
    message: str
    where: Where | None = None
    hint: str = ""


class McpconfError(Exception):
    """Stops the operation. Carries every problem found, so that one run tells them all."""

    def __init__(self, code: ExitCode, *problems: Problem) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.code = code
        self.problems = problems


def unusable(message: str, where: Where | None = None, hint: str = "") -> McpconfError:
    """No plan can be made from this document (exit 1)."""
    return McpconfError(ExitCode.NO_PLAN, Problem("invalid", message, where, hint))
