"""Entries on their way into a manifest, and those that stay out of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.base import Json
from mcpconf.model.entry import Entry, Value
from mcpconf.model.observed import ObservedEntry
from mcpconf.model.package import Recognised
from mcpconf.packages import recognise_entry
from mcpconf.permissions import shell_launcher

Obstacle = Literal[
    "not-understood",
    "not-ours-to-write",
    "shadowed",
    "literal-secret",
    "no-name",
    "cannot-be-said",
]
"""Why an entry stays out. `not-ours-to-write`: managed, local, profile and system files, and other programs' stores."""

_MOST_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An entry that is not in the manifest, and why."""

    entry: ObservedEntry
    obstacle: Obstacle
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """A secret in clear at `place` of an entry, and the name that stands for it."""

    entry: ObservedEntry
    place: str
    name: str


@dataclass(frozen=True)
class Found:
    """An entry that can be understood. `entry` has references where the observed one has secrets in clear.

    `moved` names those secrets; `kept` is the place of one that no reference can replace. `bridge` is what it starts where
    `entry` is what that reaches.
    """

    observed: ObservedEntry
    row: HostRow
    entry: Entry
    moved: tuple[Moved, ...] = ()
    kept: str = ""
    bridge: Found | None = None

    @property
    def host(self) -> str:
        return self.observed.address.host

    @property
    def name(self) -> str:
        """What the host calls it."""
        return self.observed.address.server

    @cached_property
    def launched(self) -> Recognised:
        return recognise_entry(self.entry)

    @cached_property
    def split(self) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
        """What starts the server, and the server's own arguments; together they are the command line word for word.

        Where the arguments are not the last words as they stand (a whole line in one word), and where a shell is handed
        its code, all of it starts the server.
        """
        argv, own = self.entry.argv, self.launched.arguments
        at = len(argv) - len(own)
        if shell_launcher([str(value) for value in argv]):
            return argv, ()
        if at > 0 and tuple(str(value) for value in argv[at:]) == own:
            return argv[:at], argv[at:]
        return argv, ()

    @property
    def seconds(self) -> int | None:
        """The timeout as a manifest can state it: whole seconds of one day."""
        timeout = self.entry.timeout
        whole = timeout is not None and timeout == int(timeout) and 1 <= timeout <= _MOST_SECONDS
        return int(timeout) if timeout is not None and whole else None

    @property
    def oauth(self) -> dict[str, Json]:
        """What a manifest can state of the authorization; the rest of it stays with the host."""
        oauth, client = self.entry.oauth, self.entry.client_id
        if not self.entry.url.parts:
            return {}
        return {**(oauth.json() if oauth is not None else {}), **({"client_id": client} if client else {})}

    @cached_property
    def own(self) -> tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]:
        """What a manifest may say for one host alone: the name, the arguments, the variables."""
        env = tuple(sorted((key, str(value)) for key, value in self.entry.env.items()))
        return self.name, tuple(map(str, self.split[1])), env

    @property
    def transports(self) -> frozenset[str]:
        """The transports that its spelling may mean: an address without a type is any of those that need none.

        A bridge finds out by itself.
        """
        if self.bridge is not None:
            return frozenset({"http", "sse"})
        if not self.entry.url.parts:
            return frozenset({self.entry.transport})
        words = self.row.dialect.words
        if words.get(self.entry.transport):
            return frozenset({self.entry.transport})
        return frozenset({self.entry.transport, *(name for name in ("http", "sse") if words.get(name) == ())})


def squeezed(name: str) -> str:
    """A name without what people spell differently: `sequential-thinking` and `sequentialThinking` are one."""
    return re.sub(r"[\W_]+", "", name.lower()) or name
