"""What an apply did."""

from __future__ import annotations

from typing import Literal

from mcpconf.model.base import Tolerant

End = Literal["applied", "nothing", "held", "findings", "declined", "stale", "narrowed", "recover", "blocked"]


class Failure(Tolerant):
    """A file that could not be written, or a value that was not there afterwards."""

    file: str
    message: str
    hint: str = ""


class Outcome(Tolerant):
    """`applied` and the other lists hold addresses. `backups` are machine paths where old content lies until `expires`.

    `ended` are processes that were ended, `running` those that were asked to end and did not.
    """

    end: End
    exit_code: int
    serial: int
    applied: list[str] = []
    not_attempted: list[str] = []
    rolled_back: list[str] = []
    held: list[str] = []
    files: list[str] = []
    failures: list[Failure] = []
    backups: list[str] = []
    expires: str = ""
    restart: list[str] = []
    ended: list[int] = []
    running: list[int] = []
