"""Programs of the machine: locked by the digest of their bytes, run from where they are."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.artifacts import UNSET, Copy, Wish
from mcpconf.canonical import digest_bytes
from mcpconf.errors import Problem
from mcpconf.hosts.places import absolute
from mcpconf.model.lock import Artifact, LockedServer
from mcpconf.ports import Machine, Snapshot, Workshop

_HINT = 'write its full path, and its `hash: "sha256:..."`'


def lock(wish: Wish, workshop: Workshop) -> LockedServer | Problem:
    """The hash in the manifest holds everywhere; without one, the bytes on this machine hold on its kind of system."""
    if wish.server.hash:
        return LockedServer(input_digest=UNSET, artifacts={"": Artifact(digest=wish.server.hash[0])})
    found = program(str(wish.server.command[0]), workshop.machine)
    if isinstance(found, Problem):
        return found
    others = {} if wish.known is None else {name: item for name, item in wish.known.artifacts.items() if name}
    mine = Artifact(digest=digest_bytes(found.data), size=len(found.data))
    return LockedServer(input_digest=UNSET, artifacts={**others, workshop.machine.facts.os: mine})


def install(locked: LockedServer, folder: str, workshop: Workshop) -> Problem | None:  # noqa: ARG001
    return None


def launch(locked: LockedServer, folder: str, machine: Machine) -> tuple[str, ...] | Problem:  # noqa: ARG001
    return Problem("invalid", "a program is run from where it is")


def copies(locked: LockedServer, machine: Machine) -> Iterator[Copy]:  # noqa: ARG001
    return iter(())


def program(path: str, machine: Machine) -> Snapshot | Problem:
    """The bytes of a program that is named by a full path."""
    if not path.startswith(("/", "~", "${home}")) and path[1:2] != ":":
        return Problem("invalid", f"`{path}` is looked up on each machine's own PATH", None, _HINT)
    where = absolute(path.replace("${home}", "~"), machine.facts)
    found = machine.files.read(where)
    if found is None:
        return Problem("missing", f"`{where}` is not on this machine", None, _HINT)
    return found
