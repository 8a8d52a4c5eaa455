"""One thing that `mcpconf doctor` looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mcpconf.errors import Problem, Where

Status = Literal["ok", "note", "warning", "unknown"]
"""note: worth knowing. warning: something is to be done. unknown: it could not be checked."""


@dataclass(frozen=True, slots=True)
class Check:
    """`subject` is a word for what was looked at; what is not ok has a `hint`. Holds no secret."""

    status: Status
    subject: str
    message: str
    hint: str = ""
    where: Where | None = None

    @classmethod
    def of(cls, subject: str, problem: Problem) -> Check:
        """What could not be looked at."""
        return cls("unknown", subject, problem.message, problem.hint, problem.where)
