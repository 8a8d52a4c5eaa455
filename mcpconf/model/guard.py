"""What a host does to be the only one that writes a file of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Guard:
    """A lock by which a host, called `title`, keeps others from writing. `stale` is in seconds, 0 where none is left behind."""

    title: str
    kind: Literal["kernel", "folder"]
    path: str
    stale: float
