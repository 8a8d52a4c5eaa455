"""What is told of a place where sign-ins are kept."""

from __future__ import annotations

from typing import NamedTuple

from mcpconf.errors import Problem


class Kept(NamedTuple):
    """One sign-in. `mark` is the md5 or sha256 of an address, where that is all there is; `expires` counts seconds since 1970."""

    key: tuple[str, ...]
    server: str = ""
    url: str = ""
    mark: str = ""
    expires: int | None = None


class Look(NamedTuple):
    """`present` is false where there is no such file."""

    present: bool
    found: tuple[Kept, ...] = ()
    mode: int | None = None
    owner: int | None = None
    problem: Problem | None = None
