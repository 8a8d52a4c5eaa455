"""Approvals by the old name of a server that has another one by now: they go along, and mean neither more nor less."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mcpconf.canonical import digest
from mcpconf.formats import FORMATS
from mcpconf.model.address import Address
from mcpconf.model.base import ABSENT, Element, Json, KeyPath, lookup
from mcpconf.model.change import TERRAFORM_ACTIONS, Change, FieldChange, PlannedEdit, Precondition, write_path
from mcpconf.model.desired import Edit
from mcpconf.model.observed import Grant
from mcpconf.model.plan import Granted, Sighting
from mcpconf.reconcile.declared import Name
from mcpconf.reconcile.definitions import OF_SERVER
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.places import line_of
from mcpconf.reconcile.revocation import writable
from mcpconf.reconcile.situation import Situation
from mcpconf.reconcile.takeback import grant_words


class Renamed:
    """The names of servers on hosts that a draft gives other ones; approvals are spelled anew where it writes the entry."""

    def __init__(self, situation: Situation, draft: Draft) -> None:
        self._situation = situation
        self._draft = draft
        stuck = {item.address for item in (*draft.changes, *draft.kept, *draft.tracked.values()) if not item.writes}
        observed = [entry.address for entry in situation.observed.entries if entry.address not in draft.renamed]
        staying = {(address.host, address.server) for address in observed}
        self._names = {(old.host, old.server): (new.host, new.server) for old, new in draft.renamed.items()}
        self._stuck = {(old.host, old.server) for old, new in draft.renamed.items() if str(new) in stuck} | staying

    def name(self, name: Name) -> Name:
        """The name that a server has once all is done."""
        return self._names.get(name, name)

    def entry(self, address: Address | None) -> Address | None:
        return None if address is None else self._draft.renamed.get(address, address)

    def inside(self, grant: Grant) -> None:
        """What is known of an approval in an entry goes along with the entry."""
        new = self.entry(grant.entry)
        if new is not None and new != grant.entry:
            key = list(grant.address.key)
            key[grant.depth - 1] = new.server
            self._remember(grant, str(grant.address.respelled(tuple(key))), grant.value, str(new))

    def carry(self, grant: Grant) -> bool:
        """Spell an approval for the new name. False if it has to stay as it is."""
        name = (grant.address.host, grant.server)
        if name not in self._names or name in self._stuck:
            return False
        server = self._names[name][1]
        if not grant.write or not writable(self._situation, grant.file.location):
            return False
        path = self.path(grant)
        if path is None:
            return False
        change = _respelled(grant, server, path)
        known = (item for item in self._draft.changes if item.file == change.file and item.reason == "renamed")
        if all(item.edits != change.edits for item in known):
            self._draft.changes.append(change)
        last = path[-1]
        self._remember(grant, change.address, last.value if isinstance(last, Element) else grant.value, change.address)
        return True

    def path(self, grant: Grant) -> KeyPath | None:
        """Where the same approval for the new name would be, if that is certain and nothing is there."""
        host, server = self.name((grant.address.host, grant.server))
        others = {name for place, name in self._situation.declared.called if place == host}
        others |= {entry.address.server for entry in self._situation.observed.entries if entry.address.host == host}
        path = self._situation.rules.respelled(grant, server, others)
        if path is None:
            return None
        value = FORMATS[grant.file.location.format].parse(grant.file.text).value
        at = _first(grant.key_path, path)
        return path if lookup(value, path[: at + 1]) is ABSENT else None

    def text(self, grant: Grant, text: str) -> str:
        """A text that takes the place of an approval, for the new name where it is certain how that is spelled."""
        name = (grant.address.host, grant.server)
        if name not in self._names or name in self._stuck:
            return text
        step = Element(text) if isinstance(grant.key_path[-1], Element) else text
        tool = text.removeprefix(grant.single.partition("{tool}")[0])
        path = self.path(replace(grant, key_path=(*grant.key_path[:-1], step), tool=tool))
        last = path[-1] if path is not None else text
        return last.value if isinstance(last, Element) else str(last)

    def _remember(self, grant: Grant, address: str, value: Json, by: str) -> None:
        """What was declared or seen of an approval is so of what becomes of it."""
        before, situation, records = str(grant.address), self._situation, self._draft.records
        if before in situation.state.grants:
            records.grants[address] = Granted(server=situation.state.grants[before], by=by)
            records.forget.append(before)
        if before in situation.state.seen and situation.key is not None:
            meaning = situation.state.seen[before].partition(OF_SERVER)
            seen = situation.seen_digest(value) + "".join(meaning[1:])
            records.seen[address] = Sighting(digest=seen, by=by)


def _first(one: KeyPath, other: KeyPath) -> int:
    """The first step in which two paths differ."""
    return next(index for index, (left, right) in enumerate(zip(one, other, strict=True)) if left != right)


def _respelled(grant: Grant, server: str, path: KeyPath) -> Change:
    """The list keeps its order, the map its place."""
    old, new = list(_told(grant.key_path)), list(_told(path))
    at = _first(grant.key_path, path)
    location, before, after = grant.file.location, grant.key_path[: at + 1], path[: at + 1]
    return Change(
        address=str(grant.address.respelled(tuple(new))),
        kind="grant",
        server=server,
        host=grant.address.host,
        action="update",
        actions=TERRAFORM_ACTIONS["update"],
        reason="renamed",
        fields=[FieldChange(name="approval", before=old[at].removeprefix("="), after=new[at].removeprefix("="))],
        before={"approval": grant_words(grant)},
        file=location.path,
        format=location.format,
        line=line_of(grant),
        key_path=write_path(path),
        edits=list(_edits(before, after)),
        precondition=Precondition(
            value="absent",
            container="list" if isinstance(path[-1], Element) else "map",
            resolved=grant.file.resolved,
            owner=grant.file.owner,
            mode=grant.file.mode,
            previous=digest(grant.value),
        ),
        restart=grant.address.host,
        previous_address=str(grant.address),
        previous_key_path=write_path(grant.key_path),
    )


def _told(path: KeyPath) -> Iterator[str]:
    return (f"={step.text}" if isinstance(step, Element) else str(step) for step in path)


def _edits(before: KeyPath, after: KeyPath) -> Iterator[PlannedEdit]:
    step = after[-1]
    if isinstance(step, str):
        yield PlannedEdit(at=write_path(before), name=step)
    elif isinstance(step, Element):
        yield PlannedEdit.of(Edit(before, step.value))
        yield PlannedEdit(at=write_path(before), absent=True)
