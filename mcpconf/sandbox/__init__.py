"""Command lines that hold a server to its permissions. Pure: what is on the machine comes as arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

HOME = "/tmp/home"  # noqa: S108  inside the sandbox, where nobody else is
"""The empty home of a confined server. It lies in memory and is gone when the server ends."""

PATH = "/usr/local/bin:/usr/bin:/bin"
"""Where a confined server finds programs: those of the system alone."""

Reach = Literal["none", "any"]
"""Which network there is: none at all, not even the machine's own, or the machine's as it is."""


class Bind(NamedTuple):
    """A file or folder of the machine, and where a confined server sees it. Only what is `writable` can be changed."""

    source: str
    target: str
    writable: bool = False

    @classmethod
    def same(cls, path: str, *, writable: bool = False) -> Bind:
        return cls(path, path, writable)


@dataclass(frozen=True, slots=True)
class Confinement:
    """All that a confined server sees: what is not named here is not there for it.

    `links` are made anew: from a path to the text of the link. `variables` are set; those that the caller's environment
    has beside them reach the server too. `folder` is where it starts.
    """

    binds: tuple[Bind, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    network: Reach = "none"
    variables: Mapping[str, str] = field(default_factory=lambda: {"HOME": HOME, "PATH": PATH})
    folder: str = HOME
