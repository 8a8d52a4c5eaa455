"""What the state says of an entry once it is written, and of one that was taken away."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypedDict

from mcpconf.formats import FORMATS
from mcpconf.model.address import Address
from mcpconf.model.base import ABSENT, Element, lookup
from mcpconf.model.change import Change, EditStep, PlannedEdit
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.entry import FIELDS_OF_TOOLS, Entry, field_value
from mcpconf.model.lock import Publisher
from mcpconf.model.observed import ObservedEntry
from mcpconf.model.owned import Owned
from mcpconf.model.state import Applied, Tombstone
from mcpconf.packages import own_program
from mcpconf.reconcile.situation import Situation
from mcpconf.reconcile.table import field_digests
from mcpconf.secrets import find
from mcpconf.secrets.names import secret_named


def record(situation: Situation, desired: DesiredEntry, applied: Applied | None, change: Change | None) -> Applied:
    """The entry as it will be remembered. What we once created or declared for it stays ours to remove.

    What a document must say in any case was not declared for one entry, and stays.
    """
    created = change is not None and change.precondition is not None and change.precondition.container == "absent"
    declared = list(applied.declared) if applied is not None else []
    for edit in change.edits if change is not None else ():
        if edit.unless_there and isinstance(edit.path[-1], Element) and edit.at not in declared:
            declared += [edit.at, *_made_lists(situation, desired, edit)]
    return Applied(
        server=desired.server,
        identity=desired.identity,
        fields=field_digests(desired, situation.field_digest),
        file=desired.location.path,
        environment=sorted(desired.entry.env),
        secrets=secrets_of(desired.said or desired.entry),
        arguments=arguments(situation, desired.entry),
        created_container=created
        or bool(applied and applied.created_container)
        or (change is not None and _in_container_of_ours(situation, desired)),
        declared=declared,
        protect=desired.protect,
        found=change is None and (applied is None or applied.found),
        program=own_program(desired.said or desired.entry),
        state_paths=[*desired.state_paths],
        tools=_tools(situation, desired),
        **_bytes(situation, desired),
    )


class _Bytes(TypedDict):
    version: str
    artifacts: dict[str, str]
    publisher: Publisher | None


def _bytes(situation: Situation, desired: DesiredEntry) -> _Bytes:
    locked = situation.supplied.locked(desired.server)
    if locked is None:
        return _Bytes(version="", artifacts={}, publisher=None)
    artifacts = {name: item.digest for name, item in locked.artifacts.items()}
    publisher = locked.publisher if locked.publisher != Publisher() else None
    return _Bytes(version=locked.version, artifacts=artifacts, publisher=publisher)


def _in_container_of_ours(situation: Situation, desired: DesiredEntry) -> bool:
    """Whether we made what holds the entry for another one; whichever goes last takes it along."""
    place = (desired.address.host, desired.address.scope, desired.address.project)
    for text, other in situation.state.entries.items():
        if other.created_container and other.file == desired.location.path:
            address = Address.parse(text)
            if (address.host, address.scope, address.project) == place:
                return True
    return False


def _made_lists(situation: Situation, desired: DesiredEntry, edit: PlannedEdit) -> list[list[str | EditStep]]:
    """The list that a declaration is the first element of, if the file does not have it yet."""
    location = desired.location
    texts = (file.text for file in situation.observed.files if file.location == location)
    text = next(texts, "")
    value = FORMATS[location.format].parse(text).value if text.strip() else {}
    return [edit.at[:-1]] if lookup(value, edit.path[:-1]) is ABSENT else []


def unchanged(situation: Situation, desired: DesiredEntry, applied: Applied) -> bool:
    """Whether the state has nothing to learn of an entry whose fields it knows already."""
    told = (
        desired.server,
        desired.identity,
        desired.location.path,
        desired.protect,
        secrets_of(desired.said or desired.entry),
        own_program(desired.said or desired.entry),
        [*desired.state_paths],
    )
    known = (
        applied.server,
        applied.identity,
        applied.file,
        applied.protect,
        applied.secrets,
        applied.program,
        applied.state_paths,
    )
    before = _Bytes(version=applied.version, artifacts=applied.artifacts, publisher=applied.publisher)
    return told == known and _bytes(situation, desired) == before and _tools(situation, desired) == applied.tools


def _tools(situation: Situation, desired: DesiredEntry) -> str:
    if desired.stated.isdisjoint(FIELDS_OF_TOOLS):
        return ""
    said = desired.said or desired.entry
    return situation.field_digest([field_value(said, name) for name in FIELDS_OF_TOOLS])


def owned(desired: DesiredEntry) -> dict[str, Owned]:
    """The entry in the manifest's words, by its address. Nothing where those hold a secret in clear: no copy is kept of it."""
    if find(desired.said or desired.entry):
        return {}
    return {str(desired.address): Owned.of(desired)}


def tombstone(address: Address, applied: Applied) -> Tombstone:
    return Tombstone(
        address=str(address),
        identity=applied.identity,
        server="" if applied.server == address.server else applied.server,
        environment=applied.environment,
        secrets=applied.secrets,
        arguments=applied.arguments,
        program=applied.program,
        state_paths=applied.state_paths,
    )


def taken_from(address: Address, known: Applied, new: Applied, asked: Collection[str]) -> Iterator[Tombstone]:
    """What an entry was, if it is another by now; else the secrets that it is not given any more."""
    mark = tombstone(address, known)
    if known.identity not in {new.identity, "", *asked}:
        yield mark
    else:
        yield from secrets_alone(mark, new.secrets)


def secrets_alone(mark: Tombstone, kept: Collection[str] = ()) -> Iterator[Tombstone]:
    """Each secret of an entry as something that may be taken away by itself, but for those that are `kept`."""
    address = Address.parse(mark.address)
    for name in mark.secrets:
        if name not in kept:
            part = str(address.part(f"secret.{name}"))
            yield Tombstone(address=part, identity=mark.identity, server=mark.server, secrets=[name])


def mark_of(situation: Situation, address: Address, entry: ObservedEntry | DesiredEntry) -> Tombstone:
    """A form in which a server is known."""
    said = (entry.said if isinstance(entry, DesiredEntry) else None) or entry.entry
    return Tombstone(
        address=str(address),
        identity=entry.identity,
        server=entry.server if isinstance(entry, DesiredEntry) and entry.server != address.server else "",
        environment=sorted(entry.entry.env),
        secrets=secrets_of(said),
        arguments=arguments(situation, entry.entry),
        program=own_program(said),
        state_paths=[*entry.state_paths] if isinstance(entry, DesiredEntry) else [],
    )


def secrets_of(entry: Entry) -> list[str]:
    """Names of the secrets that an entry refers to. A variable is one where its name says so."""
    values = (*entry.env.values(), *entry.headers.values(), *entry.argv, entry.url)
    found = (reference for value in values for reference in value.references)
    return sorted(
        {item.name for item in found if item.kind == "secret" or (item.kind == "env" and secret_named(item.name))}
    )


def arguments(situation: Situation, entry: Entry) -> str:
    """Digest of the whole command line."""
    return situation.field_digest([str(value) for value in entry.argv])
