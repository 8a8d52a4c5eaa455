"""Addresses: there is nothing to install, only an identity to hold on to."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.artifacts import UNSET, Copy, Wish
from mcpconf.artifacts.metadata import METADATA
from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.lock import LockedServer
from mcpconf.model.manifest import Server
from mcpconf.packages import url_identity
from mcpconf.ports import Machine
from mcpconf.workshop import Workshop


def lock(wish: Wish, workshop: Workshop) -> LockedServer | Problem:  # noqa: ARG001  the same for every kind
    """The address and who gives out tokens for it: nothing of it can hold a user, a query or a token."""
    stated = endpoint(wish.server)
    return LockedServer(input_digest=UNSET, endpoint={**stated, **_told(wish.known, stated)})


def _told(known: LockedServer | None, stated: dict[str, Json]) -> dict[str, Json]:
    """What the address told of itself when it was asked last, if it is the same one."""
    if known is None or known.endpoint.get("url") != stated["url"] or METADATA not in known.endpoint:
        return {}
    return {METADATA: known.endpoint[METADATA]}


def endpoint(server: Server) -> dict[str, Json]:
    """What the lock keeps of an address."""
    told: dict[str, Json] = {"url": _plain(str(server.url)), "transport": server.effective_transport}
    if server.oauth is not None:
        stated = {"resource": server.oauth.resource, "issuer": server.oauth.issuer}
        told |= {name: _plain(text) for name, text in stated.items() if text}
        told |= {"scopes": sorted(set(server.oauth.scopes))} if server.oauth.scopes else {}
        told |= {"client_id": server.oauth.client_id} if server.oauth.client_id else {}
    return told


def _plain(address: str) -> str:
    return url_identity(address).removeprefix("url:")


def install(locked: LockedServer, folder: str, workshop: Workshop) -> Problem | None:  # noqa: ARG001
    return None


def launch(locked: LockedServer, folder: str, machine: Machine) -> tuple[str, ...] | Problem:  # noqa: ARG001
    return Problem("invalid", "an address is reached, not started")


def copies(locked: LockedServer, machine: Machine) -> Iterator[Copy]:  # noqa: ARG001
    return iter(())
