"""What was revoked on this machine by a person: which entries, approvals and wishes of the manifest that means.

| the entry | so |
|---|---|
| is at an address that was named | revoked |
| has a name of the server, and is what the manifest or the state says the server is | revoked |
| has its name, where neither says what it is | revoked |
| has its name, and is something else | a stranger, left alone |
| is the same thing under another name, with the same command line and names of variables | revoked |
| is the same thing under another name, with others | for a person to decide, unless it is `released` |

An approval is revoked if it was named, or is by a name of the server; unless an entry that stays has that name. Where only
the approvals of a server are revoked, the entry is looked for in the same way, and stays.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

from mcpconf.model.address import GRANT, Address, matches
from mcpconf.model.desired import Desired, DesiredEntry
from mcpconf.model.observed import Grant, ObservedEntry
from mcpconf.model.state import Revoked
from mcpconf.reconcile.declared import Name
from mcpconf.reconcile.records import arguments
from mcpconf.reconcile.sharing import Spot, spot
from mcpconf.reconcile.situation import Situation

Form: TypeAlias = tuple[str, tuple[str, ...]]
"""The digest of a command line, and the names of variables."""


@dataclass(frozen=True, slots=True)
class Found:
    """An entry that a revocation means. Not `certain`: the same thing in another form, which may be somebody's own."""

    by: Revoked
    certain: bool


@dataclass(frozen=True, slots=True)
class _Meaning:
    """A revocation, taken apart for comparing."""

    revoked: Revoked
    identities: frozenset[str] = frozenset()
    names: frozenset[Name] = frozenset()
    forms: frozenset[Form] = frozenset()

    @classmethod
    def of(cls, revoked: Revoked) -> _Meaning:
        addresses = [Address.parse(mark.address) for mark in revoked.marks]
        return cls(
            revoked,
            frozenset(mark.identity for mark in revoked.marks) - {""},
            frozenset((address.host, address.server) for address in addresses),
            frozenset((mark.arguments, tuple(mark.environment)) for mark in revoked.marks if mark.arguments),
        )

    @property
    def only_approvals(self) -> bool:
        return bool(self.revoked.part) or self.revoked.address.startswith(GRANT)

    @property
    def by_name(self) -> bool:
        """Whether everything of the name is meant, for nothing is known of what it is."""
        return not (self.revoked.known and self.identities)

    def calls(self, host: str, name: str) -> bool:
        """Whether this is a name of the server on a host."""
        return bool(self.revoked.server) and (name == self.revoked.server or (host, name) in self.names)

    def entry(self, entry: ObservedEntry, form: Callable[[], Form]) -> Found | None:
        address, same = entry.address, entry.identity in self.identities
        if self.revoked.address:
            return Found(self.revoked, certain=True) if matches(self.revoked.address, address) else None
        if self.calls(address.host, address.server) and (self.by_name or same or not entry.identity):
            return Found(self.revoked, certain=True)
        return Found(self.revoked, form() in self.forms) if same else None

    def wish(self, desired: DesiredEntry, former: Collection[str]) -> bool:
        """`former` are names that the server had before: another name undoes no revocation."""
        if self.revoked.address:
            addresses = [replace(desired.address, server=name) for name in (desired.address.server, *former)]
            return any(matches(self.revoked.address, address) for address in addresses)
        called = self.revoked.server in (desired.server, desired.address.server, *former)
        return desired.identity in self.identities or (self.by_name and called)


@dataclass(slots=True)
class RevokedHere:
    """Answers for one situation. `wished` are addresses that the manifest asks for in spite of it.

    `_approving` are entries of which only the approvals are revoked, `_staying` names of entries that are not meant.
    """

    situation: Situation
    wished: dict[Address, Revoked] = field(default_factory=dict)
    _meanings: tuple[_Meaning, ...] = ()
    _found: dict[Address, Found] = field(default_factory=dict)
    _approving: dict[Address, Revoked] = field(default_factory=dict)
    _staying: frozenset[Name] = frozenset()

    def __post_init__(self) -> None:
        self._meanings = tuple(map(_Meaning.of, self.situation.state.revoked))
        if not self._meanings:
            return
        entries = self.situation.observed.entries
        self._found = {entry.address: found for entry in entries if (found := self._entry(entry)) is not None}
        self._approving = {
            entry.address: meaning.revoked
            for meaning in self._meanings
            if meaning.revoked.part
            for entry in entries
            if (found := meaning.entry(entry, partial(self._form, entry))) is not None and found.certain
        }
        staying = (entry.address for entry in entries if not self._is_certain(entry.address))
        self._staying = frozenset((address.host, address.server) for address in staying)
        self.wished = dict(self._wishes())

    def _entry(self, entry: ObservedEntry) -> Found | None:
        form = partial(self._form, entry)
        whole = (meaning for meaning in self._meanings if not meaning.only_approvals)
        found = [item for meaning in whole if (item := meaning.entry(entry, form)) is not None]
        doubtful = [] if self.situation.handed_back(entry.address, entry.address.server) else found
        return next((item for item in found if item.certain), doubtful[0] if doubtful else None)

    def _form(self, entry: ObservedEntry) -> Form:
        return arguments(self.situation, entry.entry), tuple(sorted(entry.entry.env))

    def _is_certain(self, address: Address) -> bool:
        found = self._found.get(address)
        return found is not None and found.certain

    def _wishes(self) -> Iterable[tuple[Address, Revoked]]:
        """Whoever wants something at the place of what is revoked waits too: it is one place."""
        entries = self.situation.desired.entries
        taken: dict[Spot, Revoked] = {
            spot(entry): self._found[entry.address].by
            for entry in self.situation.observed.entries
            if self._is_certain(entry.address)
        }
        for entry in entries:
            for meaning in self._meanings:
                former = self.situation.was.get(entry.server, ())
                if not meaning.only_approvals and meaning.wish(entry, former):
                    taken.setdefault((entry.location.path, entry.key_path), meaning.revoked)
        for entry in entries:
            place = (entry.location.path, entry.key_path)
            if place in taken:
                yield entry.address, taken[place]

    def allowed(self) -> Desired:
        """What the manifest asks for, without what is revoked here."""
        desired = self.situation.desired
        if not self.wished:
            return desired
        return Desired(tuple(item for item in desired.entries if item.address not in self.wished), desired.findings)

    def entry(self, address: Address) -> Found | None:
        return self._found.get(address)

    def found(self) -> Iterable[tuple[Address, Found]]:
        return self._found.items()

    def approval(self, grant: Grant) -> Revoked | None:
        """What an approval is revoked by. One that lies in an entry goes or stays with that, unless approvals are meant."""
        host = grant.address.host
        if grant.entry in self._approving:
            return self._approving[grant.entry]
        for meaning in self._meanings:
            revoked = meaning.revoked
            if revoked.address.startswith(GRANT):
                if matches(revoked.address, grant.address):
                    return revoked
            elif grant.server and grant.entry is None and self._names(meaning, host, grant):
                return revoked
        return None

    def _names(self, meaning: _Meaning, host: str, grant: Grant) -> bool:
        if meaning.revoked.server and not meaning.revoked.address:
            return any(meaning.calls(host, name) for name in (grant.server, *grant.readings))
        name = (host, grant.server)
        return not meaning.revoked.part and name in meaning.names and name not in self._staying

    def doubtful(self, grant: Grant, revoked: Revoked, known: Container[Name]) -> bool:
        """Whether an approval by name may be about another server that is known. One that was named itself never is."""
        if revoked.address.startswith(GRANT) or grant.entry is not None:
            return False
        names = [(grant.address.host, name) for name in (grant.server, *grant.readings)]
        own = next(meaning for meaning in self._meanings if meaning.revoked is revoked)
        strangers = {name for name in names if name in self._staying and not self._has_approvals_of(name, own)}
        return bool(strangers) or any(name in known and not own.calls(*name) for name in names)

    def _has_approvals_of(self, name: Name, meaning: _Meaning) -> bool:
        """Whether every entry of a name is one whose approvals are revoked, and which stays itself."""
        entries = (entry.address for entry in self.situation.observed.entries)
        named = [address for address in entries if (address.host, address.server) == name]
        return bool(meaning.revoked.part) and all(address in self._approving for address in named)

    def approving(self, desired: DesiredEntry) -> Revoked | None:
        """By what an approval is revoked that an entry would bring along."""
        if not any(meaning.only_approvals for meaning in self._meanings):
            return None
        former = self.situation.was.get(desired.server, ())
        for meaning in self._meanings:
            if meaning.revoked.part and meaning.wish(desired, former) and self.situation.rules.approvals(desired):
                return meaning.revoked
        found = (self.approval(grant) for grant in self.situation.rules.approvals(desired))
        return next((revoked for revoked in found if revoked is not None), None)


def relieved(situation: Situation, written: Collection[str]) -> list[str]:
    """Revocations whose work is done once all of `written` is: the manifest asked for it, and does not any more.

    Everything was read then, and what they mean is nowhere. One of what the manifest never knew stays until it is undone.
    """
    observed = situation.observed
    if not situation.state.revoked or observed.problems or any(file.problem is not None for file in observed.files):
        return []
    here = RevokedHere(situation)
    waited_for = {revoked.target for revoked in here.wished.values()}
    there = {found.by.target for address, found in here.found() if str(address) not in written}
    approved = [(grant, here.approval(grant)) for grant in observed.grants if str(grant.address) not in written]
    there |= {revoked.target for grant, revoked in approved if revoked and not here.doubtful(grant, revoked, ())}
    return [
        item.target
        for item in situation.state.revoked
        if item.known and item.target not in waited_for | there and not _asked(situation, item)
    ]


def _asked(situation: Situation, revoked: Revoked) -> bool:
    """Whether the manifest still lists it, be it for a host that is not here."""
    if revoked.part or revoked.address.startswith(GRANT):
        return revoked.server in situation.declared.identities
    if revoked.address:
        addresses = [Address.parse(mark.address) for mark in revoked.marks]
        return any((address.host, address.server) in situation.declared.called for address in addresses)
    meaning = _Meaning.of(revoked)
    return bool(meaning.identities & situation.asked) or (
        meaning.by_name and revoked.server in situation.declared.identities
    )
