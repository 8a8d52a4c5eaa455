"""What is known of the bytes behind the servers of a manifest: what its lock says, and whether that still belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mcpconf.artifacts import Copy
from mcpconf.artifacts.command import Program
from mcpconf.artifacts.elsewhere import Elsewhere
from mcpconf.artifacts.staleness import Stale
from mcpconf.errors import Problem
from mcpconf.model.approvals import Approvals
from mcpconf.model.installed import Installation
from mcpconf.model.lock import Lock, LockedServer
from mcpconf.model.surface import Surface

if TYPE_CHECKING:
    from mcpconf.advisories import Advisories
    from mcpconf.artifacts.redirects import Redirect
    from mcpconf.packages.settings import Client


class Application(NamedTuple):
    """The package by which a host itself is installed, and where that is."""

    title: str
    package: str
    copies: tuple[Copy, ...]


@dataclass(frozen=True, slots=True)
class Supplied:
    """`file` is where the lock is, or would be; `digest` is of its bytes. `unmet` are servers that cannot be started as asked.

    `installations` are of the servers that are started from the store, `folders` where they are; `copies` are what would
    run if a package were started by its name, and `advisories` what is known of versions. `elsewhere` is what Node would
    load from as well, outside of an installation. `programs` are servers that are programs of the machine. `approvals` are
    of the surfaces in the lock; `live` is what servers showed when they were asked just now, or why they could not be.
    `exposed` are installations that every user of the machine may replace, with the folder that allows it. `applications`
    are hosts, by their ids, and looked for only where something is known of npm packages. `redirects` looks for files by
    which clients take packages from elsewhere, those of projects too.
    """

    lock: Lock | None = None
    file: str = ""
    digest: str | None = None
    stale: tuple[Stale, ...] = ()
    unmet: Mapping[str, Problem] = field(default_factory=dict)
    installations: Mapping[str, Installation] = field(default_factory=dict)
    folders: Mapping[str, str] = field(default_factory=dict)
    copies: Mapping[str, tuple[Elsewhere, ...]] = field(default_factory=dict)
    advisories: Advisories | Problem | None = None
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    programs: Mapping[str, Program | Problem] = field(default_factory=dict)
    exposed: Mapping[str, str] = field(default_factory=dict)
    approvals: Approvals = field(default_factory=Approvals)
    live: Mapping[str, Surface | Problem] = field(default_factory=dict)
    applications: Mapping[str, Application] = field(default_factory=dict)
    redirects: Callable[[Iterable[Client], Sequence[str]], Iterable[Redirect]] = lambda _clients, _folders: ()

    @property
    def text(self) -> tuple[str, str]:
        """The file of the lock, and all that it says; "" without one."""
        return self.file, "" if self.lock is None else self.lock.model_dump_json()

    def locked(self, name: str) -> LockedServer | None:
        """What the lock says of a server, if that belongs to the manifest."""
        known = self.lock.servers.get(name) if self.lock is not None else None
        return None if any(item.server == name for item in self.stale) else known

    @property
    def shown(self) -> dict[str, frozenset[str]]:
        """The tools of each server with a surface in the lock, be that behind: a limit is not given up for a lock that is late."""
        servers = self.lock.servers if self.lock is not None else {}
        return {
            name: frozenset((*known.surface.tools, *known.surface.gated.tools))
            for name, known in servers.items()
            if known.surface is not None
        }


NOTHING_SUPPLIED = Supplied()
