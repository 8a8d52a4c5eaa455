"""A manifest with what its lock says filled in: the version behind a range, the digest behind a tag, the store behind a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mcpconf.artifacts import artifacts, installation, kind_of
from mcpconf.artifacts.belonging import belongs
from mcpconf.artifacts.confining import HostFiles, Launch, no_files, shut_in, unheld
from mcpconf.artifacts.records import TREE
from mcpconf.errors import Problem
from mcpconf.model.asked import UNPINNED
from mcpconf.model.entry import Value
from mcpconf.model.lock import Lock, LockedServer
from mcpconf.model.manifest import Manifest, Server
from mcpconf.packages import is_exact
from mcpconf.ports import Machine

_LOCK = "`mcpconf lock`, and commit it"


@dataclass(frozen=True, slots=True)
class Pinned:
    """`unmet` are servers that can be written nowhere: the lock does not tell what to start, or nothing here can shut them in."""

    manifest: Manifest
    unmet: Mapping[str, Problem] = field(default_factory=dict)


def pinned(
    manifest: Manifest, lock: Lock | None, machine: Machine | None = None, hosts: HostFiles = no_files
) -> Pinned:
    """Without a machine, servers of the store stand as they would without a store: there is no folder to name."""
    servers: dict[str, Server] = {}
    unmet: dict[str, Problem] = {}
    for name, server in manifest.servers.items():
        asked, stored = _Asked(name, server, _fresh(server, name, lock), machine), from_store(manifest, name)
        answer = asked.answer(from_store=stored)
        if server.permissions is not None and server.permissions.enforce is not None:
            answer = asked.shut_in(answer, hosts, from_store=stored)
        if isinstance(answer, Problem):
            unmet[name] = answer
        servers[name] = server if isinstance(answer, Problem) else answer
    return Pinned(manifest.model_copy(update={"servers": servers}), unmet)


def from_store(manifest: Manifest, name: str) -> bool:
    """Whether a server of the manifest is to be started from the store. A bundle can be started from nowhere else."""
    server = manifest.servers[name]
    if server.package is None:
        return False
    return (server.launch or manifest.launch) == "locked" or server.package.ecosystem == "mcpb"


def _fresh(server: Server, name: str, lock: Lock | None) -> LockedServer | None:
    """What the lock says, if it says it of what the manifest asks for now."""
    known = lock.servers.get(name) if lock is not None else None
    return known if known is not None and not belongs(known, server) else None


@dataclass(frozen=True, slots=True)
class _Asked:
    name: str
    server: Server
    locked: LockedServer | None
    machine: Machine | None

    def answer(self, *, from_store: bool) -> Server | Problem:
        server, locked = self.server, self.locked
        if server.package is None:
            return server
        if from_store and server.version == UNPINNED:
            hint = "write its version, or `launch: pinned` for it"
            return Problem("invalid", f"`{self.name}` is to be started from the store, but has no version", None, hint)
        if from_store and self.machine is not None:
            return self._in_store(self.machine)
        if not is_exact(server.package.ecosystem, server.version or ""):
            return self._exact()
        if server.package.ecosystem == "oci" and not server.hash and locked is not None and "index" in locked.artifacts:
            return server.model_copy(update={"hash": (locked.artifacts["index"].digest,)})
        return server

    def shut_in(self, answer: Server | Problem, hosts: HostFiles, *, from_store: bool) -> Server | Problem:
        """The answer behind walls. What no machine could do is told before what this one lacks."""
        asked = Launch(self.name, self.server, self.locked, "", hosts)
        problem = unheld(asked, from_store=from_store)
        if problem is not None or isinstance(answer, Problem) or self.machine is None:
            return problem or answer
        stored = from_store and self.locked is not None and kind_of(self.server) != "oci"
        folder = f"{installation(self.locked, self.machine.facts)}/{TREE}" if stored and self.locked else ""
        return shut_in(replace(asked, server=answer, folder=folder), self.machine)

    def _exact(self) -> Server | Problem:
        if self.server.version in (None, UNPINNED):
            return self.server
        if self.locked is None:
            message = f"the lock does not tell which version of `{self.name}` is meant by `{self.server.version}`"
            return Problem("stale", message, None, _LOCK)
        return self.server.model_copy(update={"version": self.locked.version})

    def _in_store(self, machine: Machine) -> Server | Problem:
        if self.locked is None:
            message = f"`{self.name}` is to be started from the store, but the lock does not tell what it is"
            return Problem("stale", message, None, _LOCK)
        folder = f"{installation(self.locked, machine.facts)}/{TREE}"
        words = artifacts(kind_of(self.server)).launch(self.locked, folder, machine)
        if isinstance(words, Problem):
            return words
        pinned = self._with_variables(words, self.locked, folder, machine)
        return pinned if isinstance(pinned, Problem) else pinned.model_copy(update={"version": self.locked.version})

    def _with_variables(
        self, words: tuple[str, ...], locked: LockedServer, folder: str, machine: Machine
    ) -> Server | Problem:
        """A container is handed each variable by name; a bundle brings some of its own, and asks for others."""
        server, kind, own = self.server, kind_of(self.server), dict[str, Value]()
        if kind == "oci":
            from mcpconf.artifacts.oci import with_variables

            names = [name for override in server.hosts.values() for name in override.env or {}]
            words = with_variables(words, [*server.env, *names])
        elif kind == "mcpb":
            from mcpconf.artifacts.mcpb import environment, unanswered_by

            for problem in unanswered_by(locked, server, machine):
                return problem
            own = {name: Value.literal(text) for name, text in environment(locked, folder, machine).items()}
        command = tuple(Value.literal(word) for word in words)
        return server.model_copy(update={"command": command, "env": {**own, **server.env}})
