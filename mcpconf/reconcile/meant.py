"""What a name or an address that somebody revokes means on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.model.address import GRANT, Address, matches
from mcpconf.model.state import Revoked, Tombstone
from mcpconf.reconcile.records import mark_of, tombstone
from mcpconf.reconcile.revoked import RevokedHere
from mcpconf.reconcile.situation import Situation

_PASSES = 2
"""What is found by its name tells what to look for under other names, and those tell whose approvals are meant."""


def meant(situation: Situation, revoked: Revoked) -> Revoked:
    """The revocation with all that the manifest, the state and the machine tell of what it means.

    Raises McpconfError (exit 64) for a name that hosts give to several servers.
    """
    if revoked.address.startswith(GRANT):
        return _of_approvals(situation, revoked)
    if revoked.server:
        revoked = revoked.model_copy(update={"server": _server(situation, revoked.server)})
    told = [mark for mark, wanted in _told(situation) if wanted == revoked.server or _named(revoked, mark)]
    known = any(mark.identity for mark in told) or (bool(revoked.address) and bool(told))
    update = {"known": known or revoked.known, "marks": _once([*revoked.marks, *told])}
    revoked = revoked.model_copy(update=update)
    for _ in range(_PASSES):
        whole = revoked.model_copy(update={"part": ""})
        here = RevokedHere(replace(situation, state=situation.state.model_copy(update={"revoked": [whole]})))
        certain = {address for address, found in here.found() if found.certain}
        more = [
            mark_of(situation, item.address, item) for item in situation.observed.entries if item.address in certain
        ]
        revoked = revoked.model_copy(update={"marks": _once([*revoked.marks, *more])})
    return revoked


def _of_approvals(situation: Situation, revoked: Revoked) -> Revoked:
    """Whose they are, if they are all of one server."""
    grants = (grant for grant in situation.observed.grants if matches(revoked.address, grant.address))
    called = situation.declared.called
    servers = {called.get((grant.address.host, grant.server), grant.server) for grant in grants}
    server = servers.pop() if len(servers) == 1 else ""
    return revoked.model_copy(update={"server": server, "known": server in situation.declared.identities})


def _told(situation: Situation) -> Iterator[tuple[Tombstone, str]]:
    """Every form of a server that the manifest or the state tells of, with the manifest's name of it."""
    for entry in situation.desired.entries:
        yield mark_of(situation, entry.address, entry), entry.server
    here = {(entry.address.host, entry.address.server) for entry in situation.desired.entries}
    for (host, name), server in situation.declared.called.items():
        if (host, name) in here:
            continue
        for identity in situation.declared.identities.get(server, ()):
            yield Tombstone(address=str(Address(host, "user", "", name)), identity=identity), server
    for text, applied in situation.state.entries.items():
        yield tombstone(Address.parse(text), applied), applied.server
    for mark in situation.state.ended:
        yield mark, mark.called


def _named(revoked: Revoked, mark: Tombstone) -> bool:
    return bool(revoked.address) and matches(revoked.address, mark.address)


def _server(situation: Situation, name: str) -> str:
    """The manifest's name of what was typed, which may be the name that a host gives it."""
    servers = {server for _, server in _told(situation)}
    if name in servers:
        return name
    called = {server for mark, server in _told(situation) if Address.parse(mark.address).server == name}
    if len(called) > 1:
        words = ", ".join(f"`{server}`" for server in sorted(called))
        hint = "name one of them, or an address"
        raise McpconfError(ExitCode.USAGE, Problem("usage", f"`{name}` is what hosts call {words}", None, hint))
    return called.pop() if called else name


def _once(marks: list[Tombstone]) -> list[Tombstone]:
    """One of each form: what is found on a host is not called anything by the manifest."""
    forms = [mark.model_copy(update={"server": ""}) for mark in marks]
    return [mark for index, mark in enumerate(marks) if forms[index] not in forms[:index]]
