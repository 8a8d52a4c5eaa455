"""What was taken away and must be nowhere: whether it is, whether it is back, and what else is found to be left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

from mcpconf.model.address import GRANT, Address
from mcpconf.model.observed import Grant
from mcpconf.model.state import Tombstone
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.records import secrets_alone
from mcpconf.reconcile.sharing import deleted, spot
from mcpconf.reconcile.situation import Situation

Name = tuple[str, str]
"""A host, and the name of a server there."""


def back(situation: Situation) -> list[Tombstone]:
    """What was seen to be nowhere and is on a host again, or an approval by its name that is nobody else's."""
    observed = situation.observed
    present = {entry.identity for entry in observed.entries} | {grant.identity for grant in observed.grants}
    bearers: dict[Name, set[str]] = defaultdict(set)
    for entry in observed.entries:
        bearers[entry.address.host, entry.address.server].add(entry.identity)
    approved = {(grant.address.host, grant.server) for grant in observed.grants if grant.server}
    approved -= situation.declared.called.keys()
    return [
        mark
        for mark in _taken_away(situation, situation.state.verified)
        if mark.identity in present or (_name(mark) in approved and bearers[_name(mark)] <= {mark.identity})
    ]


def lifted(situation: Situation, draft: Draft, written: Collection[str]) -> list[Tombstone]:
    """Tombstones whose work is done once all of `written` is.

    Everything was read then, and what they stand for is nowhere, nor an approval by its name, unless that is another's by now.
    """
    observed = situation.observed
    if observed.problems or any(file.problem is not None for file in observed.files):
        return []
    is_left = _left(situation, draft, written)
    return [mark for mark in draft.gone if not is_left(mark)]


def found(situation: Situation, draft: Draft, written: Collection[str]) -> list[Tombstone]:
    """What the state has to look for from now on: it is back, or commits alone tell of it, and it is left somewhere.

    What only commits tell of has no `arguments`: they say which host and scope had it, and its like elsewhere may be the
    user's own.
    """
    if situation.key is None:
        return []
    is_left = _left(situation, draft, written)
    known = {(mark.address, mark.identity) for mark in draft.gone}
    told = [item.mark.model_copy(update={"arguments": ""}) for item in situation.hindsight.bygone]
    secrets = (secret for mark in told if mark.identity in situation.asked for secret in secrets_alone(mark))
    new = [mark for mark in (*_taken_away(situation, told), *secrets) if (mark.address, mark.identity) not in known]
    return [mark for mark in (*back(situation), *new) if is_left(mark)]


def as_called(situation: Situation, draft: Draft, grant: Grant) -> Grant:
    """A sign-in with the name that its server had where it was ours: hosts may have others for the same address."""
    gone = [*draft.gone, *(item.mark for item in situation.hindsight.bygone)]
    ours = (mark.called for mark in gone if grant.identity and mark.identity == grant.identity)
    return replace(grant, server=next(ours, grant.server))


def _taken_away(situation: Situation, marks: Iterable[Tombstone]) -> Iterator[Tombstone]:
    """Without what the manifest asks for, be it at another place, or gave to the user."""
    for mark in marks:
        if not mark.identity or mark.identity in situation.asked or mark.address.startswith(GRANT):
            continue
        if not situation.handed_back(Address.parse(mark.address), mark.called):
            yield mark


def _left(situation: Situation, draft: Draft, written: Collection[str]) -> Callable[[Tombstone], bool]:
    """Whether something of a server, or of a secret alone, is left once all of `written` is."""
    observed = situation.observed
    emptied = {place for place, change in deleted(draft).items() if change.address in written}
    left = (entry for entry in observed.entries if str(entry.address) not in written and spot(entry) not in emptied)
    present = {entry.identity for entry in left}
    present |= {entry.identity for entry in situation.desired.entries} | draft.lingering
    present |= {grant.identity for grant in observed.grants}
    approved = {
        (grant.address.host, grant.server)
        for grant in observed.grants
        if str(grant.entry or grant.address) not in written and str(grant.address) not in written
    }
    approved -= {(entry.address.host, entry.address.server) for entry in situation.desired.entries}

    def is_left(mark: Tombstone) -> bool:
        if mark.entry != mark.address and mark.identity in situation.asked:
            return mark.address in draft.lingering
        return mark.identity in present or _name(mark) in approved

    return is_left


def _name(mark: Tombstone) -> Name:
    address = Address.parse(mark.address)
    return address.host, address.server
