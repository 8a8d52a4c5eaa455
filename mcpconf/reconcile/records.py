"""What the state says of an entry once it is written, and of one that was taken away."""

from __future__ import annotations

from mcpconf.model.address import Address
from mcpconf.model.base import Element
from mcpconf.model.change import Change
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.entry import Entry
from mcpconf.model.owned import Owned
from mcpconf.model.state import Applied, Tombstone
from mcpconf.reconcile.situation import Situation
from mcpconf.reconcile.table import field_digests
from mcpconf.secrets import find


def record(situation: Situation, desired: DesiredEntry, applied: Applied | None, change: Change | None) -> Applied:
    """The entry as it will be remembered. What we once created or declared for it stays ours to remove.

    What a document must say in any case was not declared for one entry, and stays.
    """
    created = change is not None and change.precondition is not None and change.precondition.container == "absent"
    declared = list(applied.declared) if applied is not None else []
    for edit in change.edits if change is not None else ():
        if edit.unless_there and isinstance(edit.path[-1], Element) and edit.at not in declared:
            declared.append(edit.at)
    return Applied(
        server=desired.server,
        identity=desired.identity,
        fields=field_digests(desired, situation.field_digest),
        file=desired.location.path,
        environment=sorted(desired.entry.env),
        arguments=arguments(situation, desired.entry),
        created_container=created or bool(applied and applied.created_container),
        declared=declared,
        protect=desired.protect,
    )


def unchanged(desired: DesiredEntry, applied: Applied) -> bool:
    """Whether the state has nothing to learn of an entry whose fields it knows already."""
    told = (desired.server, desired.identity, desired.location.path, desired.protect)
    return told == (applied.server, applied.identity, applied.file, applied.protect)


def owned(desired: DesiredEntry) -> dict[str, Owned]:
    """The entry in the manifest's words, by its address. Nothing where those hold a secret in clear: no copy is kept of it."""
    if find(desired.said or desired.entry):
        return {}
    return {str(desired.address): Owned.of(desired)}


def tombstone(address: Address, applied: Applied) -> Tombstone:
    return Tombstone(
        address=str(address), identity=applied.identity, environment=applied.environment, arguments=applied.arguments
    )


def arguments(situation: Situation, entry: Entry) -> str:
    """Digest of the whole command line."""
    return situation.field_digest([str(value) for value in entry.argv])
