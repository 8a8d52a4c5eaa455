"""The bytes of a server: how they are locked, installed, launched and found on a machine.

Each kind of server is a module with the same four functions, in `KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Literal, Protocol, cast

from mcpconf.canonical import digest
from mcpconf.errors import Problem
from mcpconf.model.lock import LockedServer
from mcpconf.model.manifest import Server
from mcpconf.model.package import Ecosystem
from mcpconf.packages.store import folder_name, version_name
from mcpconf.ports import Facts, Machine
from mcpconf.workshop import Workshop

Kind = Literal["npm", "pypi", "oci", "mcpb", "command", "url"]
"""The ecosystem of a package; a program of the machine; an address."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be locked.

    `known` is what the lock says already: every version of it is kept that still fits, unless `upgrade`. `before` is the
    moment (RFC 3339) after which nothing may have been published, "" for any. `avoided` tells whether a version of a
    package (`npm`, name, version) must not be chosen; an exact version in the manifest is taken all the same.
    """

    name: str
    server: Server
    known: LockedServer | None = None
    upgrade: bool = False
    before: str = ""
    avoided: Callable[[str, str, str], bool] = field(default=lambda _ecosystem, _name, _version: False)


@dataclass(frozen=True, slots=True)
class Copy:
    """Bytes of a package on the machine that are not in the store, such as in the cache of `npx`.

    `version` is what they say of themselves. `started_by` is the command that would run them: `npx`, `uvx`, `pipx`.
    """

    path: str
    version: str
    started_by: str


class Artifacts(Protocol):
    """One kind of server. A Problem tells what is missing, without a place: the caller knows the line of the server."""

    def lock(self, wish: Wish, workshop: Workshop) -> LockedServer | Problem:
        """Ask whoever knows, with the clients that the user has set up. `input_digest` is left to the caller."""

    def install(self, locked: LockedServer, folder: str, workshop: Workshop) -> Problem | None:
        """Build what the lock says in an empty folder: each byte checked against the lock before any use.

        A Problem of the kind `hash` tells of bytes that are not those of the lock.
        """

    def launch(self, locked: LockedServer, folder: str, machine: Machine) -> tuple[str, ...] | Problem:
        """The command line that starts what is installed in the folder, which need not be there yet. Only looks."""

    def copies(self, locked: LockedServer, machine: Machine) -> Iterator[Copy]:
        """What hosts would run instead, if they started the package by its name. Only looks."""


KINDS: Mapping[Kind, str] = {
    "npm": "mcpconf.artifacts.npm",
    "pypi": "mcpconf.artifacts.pypi",
    "oci": "mcpconf.artifacts.oci",
    "mcpb": "mcpconf.artifacts.mcpb",
    "command": "mcpconf.artifacts.command",
    "url": "mcpconf.artifacts.url",
}
"""Loaded when they are needed: most runs need none."""


@cache
def artifacts(kind: Kind) -> Artifacts:
    return cast("Artifacts", import_module(KINDS[kind]))


def kind_of(server: Server) -> Kind:
    return server.package.ecosystem if server.package is not None else "url" if server.url is not None else "command"


def kind_of_locked(locked: LockedServer) -> Kind:
    ecosystem = locked.package.partition(":")[0]
    return cast("Kind", ecosystem) if ecosystem else "url" if locked.endpoint else "command"


UNSET = "sha256:" + "0" * 64
"""The `input_digest` of what is locked until the caller sets it."""

_INPUTS = frozenset({"package", "version", "hash", "bin", "command", "url", "transport", "oauth", "surface"})


def input_digest(server: Server) -> str:
    """Of what the manifest says about a server that its lock depends on: not its arguments, variables or owner."""
    stated = server.model_dump(mode="json", include=set(_INPUTS), exclude_defaults=True)
    return digest(stated)


def closure_digest(locked: LockedServer) -> str:
    """What an installation is kept under: equal for equal bytes and an equal launch."""
    kept = locked.model_dump(include={"package", "version", "artifacts", "closure", "program", "requires"})
    return digest(kept)


def store_folder(facts: Facts) -> str:
    return f"{facts.data_folder}/store"


def installation(locked: LockedServer, facts: Facts) -> str:
    """The folder of an installation in the store: `.../store/npm/@scope+name@1.2.0/DIGEST`."""
    ecosystem, _, name = locked.package.partition(":")
    readable = f"{folder_name(cast('Ecosystem', ecosystem), name)}@{version_name(locked.version)}"
    return f"{store_folder(facts)}/{ecosystem}/{readable}/{closure_digest(locked).removeprefix('sha256:')[:32]}"
