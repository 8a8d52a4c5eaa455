"""Addresses: there is nothing to install, only an identity to hold on to."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.artifacts import UNSET, Copy, Wish
from mcpconf.errors import Problem
from mcpconf.model.lock import LockedServer
from mcpconf.packages import url_identity
from mcpconf.ports import Machine, Workshop


def lock(wish: Wish, workshop: Workshop) -> LockedServer | Problem:  # noqa: ARG001  the same for every kind
    server = wish.server
    identity = url_identity(str(server.url))
    oauth = {} if server.oauth is None else server.oauth.model_dump(mode="json", exclude_defaults=True)
    endpoint = {"url": identity.removeprefix("url:"), "transport": server.effective_transport, **oauth}
    return LockedServer(input_digest=UNSET, endpoint=endpoint)


def install(locked: LockedServer, folder: str, workshop: Workshop) -> Problem | None:  # noqa: ARG001
    return None


def launch(locked: LockedServer, folder: str, machine: Machine) -> tuple[str, ...] | Problem:  # noqa: ARG001
    return Problem("invalid", "an address is reached, not started")


def copies(locked: LockedServer, machine: Machine) -> Iterator[Copy]:  # noqa: ARG001
    return iter(())
