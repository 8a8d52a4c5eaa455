"""What an entry is or brings along, held against what must be absent."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator

from mcpconf.errors import Where
from mcpconf.model.desired import Desired, DesiredEntry
from mcpconf.model.finding import Finding
from mcpconf.model.manifest import Manifest
from mcpconf.model.observed import ObservedEntry
from mcpconf.packages import brought, identity_of_package, recognise, url_identity
from mcpconf.reconcile.situation import Absent

CONTRADICTED = "remove the server, or its line under `absent`"
"""What to do where one document says both."""


def forbidden(entry: DesiredEntry | ObservedEntry, identities: Container[str]) -> str:
    """Which of the identities the entry has, or has a package of; "" if none.

    A package is forbidden wherever it is installed: beside the one that is launched, or as a bridge to an address.
    """
    if entry.identity in identities:
        return entry.identity
    return next((package for package in sorted(brought(entry.entry)) if package in identities), "")


def absents(manifest: Manifest, where: Callable[..., Where]) -> Iterator[Absent]:
    for index, item in enumerate(manifest.absent):
        if item.package is not None:
            identity = identity_of_package(item.package)
        elif item.url is not None:
            identity = url_identity(str(item.url))
        else:
            identity = recognise([str(value) for value in item.command]).identity
        command = tuple(str(value) for value in item.command)
        yield Absent(identity, item.reason, str(where("absent", index)), command)


def without_absent(desired: Desired, absent: tuple[Absent, ...]) -> tuple[Desired, tuple[Finding, ...]]:
    """What must be absent wins over what is wanted, and says so."""
    known = {item.identity for item in absent if item.identity}
    named = {entry.address: forbidden(entry, known) for entry in desired.entries} if known else {}
    kept = tuple(entry for entry in desired.entries if not named.get(entry.address))
    found = tuple(
        Finding(
            rule="MCP801",
            severity="error",
            subject="desired",
            address=str(entry.address),
            message=f"`{entry.server}` is wanted, but `absent` forbids {named[entry.address]}",
            hint=CONTRADICTED,
            where=entry.where,
        )
        for entry in desired.entries
        if named.get(entry.address)
    )
    return Desired(kept, desired.findings), found
