"""What a machine is asked to be when it goes back to an earlier generation: what was ours then, without what must stay away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mcpconf.errors import Where
from mcpconf.hosts.tools import without_the_rest
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.address import Address
from mcpconf.model.desired import Desired, DesiredEntry
from mcpconf.model.finding import Finding
from mcpconf.model.observed import Location
from mcpconf.model.owned import Owned, OwnedValues
from mcpconf.model.plan import Left, Rollback
from mcpconf.model.tools import covers
from mcpconf.ports import Facts
from mcpconf.reconcile.absence import forbidden
from mcpconf.reconcile.declared import Declared
from mcpconf.reconcile.situate import texts_of, where_it_lies
from mcpconf.reconcile.situation import Situation
from mcpconf.resolve.again import not_asked, spelled_again

_REASONS = {
    "new": "rolled_back",
    "manifest_changed": "rolled_back",
    "revoked": "rolled_back",
    "declared": "rolled_back",
    "limited": "rolled_back",
    "unlimited": "rolled_back",
}
_CANNOT_READ = "the values of it that were kept cannot be read"
_NOT_ASKED = "the manifest does not ask for it any more"
"""What left the manifest was revoked by that, and no way back undoes a revocation."""
_ASKS = "the manifest does not let that act without asking any more"
_LACKING = "it was ours then, but its values were not kept"


class Returning:
    """One way back. `where` is the file that holds the values, for people."""

    def __init__(self, values: OwnedValues, where: Where, rows: Mapping[str, HostRow], facts: Facts) -> None:
        self._values = values
        self._where = where
        self._rows = rows
        self._facts = facts

    def turn(self, situation: Situation) -> Situation:
        """What the manifest says of policy still holds; what it asks for is replaced by what was ours then."""
        stays: list[Left] = []
        found = list(self._asked(situation, stays))
        wanted = Desired(
            tuple(item for item in found if isinstance(item, DesiredEntry)),
            tuple(item for item in found if isinstance(item, Finding)),
        )
        entries = tuple(where_it_lies(wanted, situation.observed))
        values = self._values
        return replace(
            situation,
            purpose="rollback",
            command=("rollback", str(values.generation)),
            reasons=_REASONS,
            desired=replace(wanted, entries=entries),
            asked=situation.asked | {entry.identity for entry in entries},
            declared=_declared(entries, values.beside),
            literals=situation.literals | texts_of(entry.said or entry.entry for entry in entries),
            rollback=Rollback(
                generation=values.generation,
                time=values.time,
                commit=values.commit,
                stays=sorted(stays, key=lambda item: item.address),
            ),
        )

    def _asked(self, situation: Situation, stays: list[Left]) -> Iterator[DesiredEntry | Finding]:
        locations = {
            (file.location.host, file.location.path): file.location
            for file in situation.observed.files
            if file.location.write
        }
        asked = _asked_for(situation.desired)
        for text, owned in self._values.entries.items():
            address = Address.parse(text)
            location = locations.get((address.host, owned.file))
            found = self._again(address, owned, location)
            reason = _kept_away(situation, address, owned, found)
            if not reason and isinstance(found, DesiredEntry):
                server = asked.get(address) or asked.get(_known_by(found), "")
                reason = "" if server else _NOT_ASKED
            if not reason and isinstance(found, DesiredEntry):
                stays += _that_ask(text, owned, situation.declared.auto.get(server, ()))
                found = self._again(address, self._no_wider(situation, address.host, owned, server), location)
            if found is None or reason:
                stays.append(Left(address=text, reason=reason or "its host or project is not here any more"))
            else:
                yield found
        for text in self._values.lacking:
            yield not_asked(text, f"`{text}`: {_LACKING}", self._where)

    def _no_wider(self, situation: Situation, host: str, owned: Owned, server: str) -> Owned:
        """Without approvals that were taken away since, and without tools that `call` left out then as it would now."""
        entry = without_the_rest(self._rows[host], owned.entry, situation.supplied.shown.get(server, ()))
        auto = _in_both(owned.auto or (), situation.declared.auto.get(server, ()))
        return owned.model_copy(update={"auto": auto, "without": [*(entry.without or ())]})

    def _again(self, address: Address, owned: Owned, location: Location | None) -> DesiredEntry | Finding | None:
        row = self._rows.get(address.host)
        if row is None or location is None:
            return None
        try:
            return spelled_again(address, owned, row, (location, self._where), self._facts)
        except ValueError:
            return not_asked(str(address), f"`{address}`: {_CANNOT_READ}", self._where)


def _kept_away(situation: Situation, address: Address, owned: Owned, found: DesiredEntry | Finding | None) -> str:
    """Why something does not come back, though the manifest asks for it; "" if it may."""
    installed = {host.host for host in situation.observed.hosts if host.installed}
    if address.host not in installed:
        return "its host is not installed any more"
    if situation.handed_back(address, owned.server):
        return "the manifest gives it back to the user, under `released`"
    if owned.server in situation.expired:
        return "the manifest says that it has expired"
    if not isinstance(found, DesiredEntry):
        return ""
    reasons = {item.identity: item.reason for item in situation.absent if item.identity}
    named = forbidden(found, reasons)
    return f"the manifest forbids {named} under `absent`: {reasons[named]}" if named else ""


def _asked_for(desired: Desired) -> dict[Address | tuple[Address, str], str]:
    """Servers by their places, and by what they are in theirs, so that one with another name by now is known again."""
    asked: dict[Address | tuple[Address, str], str] = {}
    for entry in desired.entries:
        asked[entry.address] = entry.server
        if entry.identity:
            asked[_known_by(entry)] = entry.server
    return asked


def _known_by(entry: DesiredEntry) -> tuple[Address, str]:
    return replace(entry.address, server=""), entry.identity


def _that_ask(address: str, owned: Owned, declared: Sequence[str]) -> Iterator[Left]:
    """Of an entry, what acted without asking, and what the manifest does not let do so now."""
    asking = [f"`{name}`" for name in owned.auto or () if not any(covers(item, name) for item in declared)]
    if asking:
        yield Left(address=f"{address}#auto", reason=f"{', '.join(asking)}: {_ASKS}")


def _in_both(then: Sequence[str], now: Sequence[str]) -> list[str]:
    """What either says and the other stands for too."""
    pairs = [(one, other) for one in then for other in now]
    return sorted(
        {one if covers(other, one) else other for one, other in pairs if covers(other, one) or covers(one, other)}
    )


def _declared(entries: tuple[DesiredEntry, ...], beside: Sequence[str]) -> Declared:
    """What approvals are judged by: the servers as they were declared then."""
    identities: dict[str, frozenset[str]] = {}
    for entry in entries:
        identities[entry.server] = identities.get(entry.server, frozenset()) | {entry.identity} - {""}
    return Declared(
        called={(entry.address.host, entry.address.server): entry.server for entry in entries},
        auto={
            entry.server: entry.said.auto or ()
            for entry in entries
            if entry.said is not None and "auto" in entry.stated
        },
        identities=identities,
        beside=frozenset(beside),
    )
