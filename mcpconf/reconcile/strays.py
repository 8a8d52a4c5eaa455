"""What is on the machine although the manifest does not put it there, and nothing of ours explains it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mcpconf.model.address import Address
from mcpconf.model.base import Element, Json, KeyPath
from mcpconf.model.observed import ObservedEntry
from mcpconf.model.plan import Unmanaged
from mcpconf.reconcile.places import place
from mcpconf.reconcile.revocation import editable
from mcpconf.reconcile.situation import Situation, Treatment


@dataclass(frozen=True, slots=True)
class Stray:
    """An entry that nothing claims, and its place in the machine's memory."""

    entry: ObservedEntry
    reason: str
    digest: str
    new: bool

    @property
    def address(self) -> Address:
        return self.entry.address


def stray(situation: Situation, entry: ObservedEntry, reason: str) -> Stray:
    """What was given back to the user is not new: a commit of the manifest says so."""
    address = str(entry.address)
    value = situation.seen_digest(_steady(situation, entry))
    given_back = situation.handed_back(entry.address, entry.address.server)
    return Stray(entry, reason, value, not given_back and situation.is_new(address, value))


def _steady(situation: Situation, entry: ObservedEntry) -> Json:
    """The entry without what the host itself writes into it, and without approvals, which are known by themselves."""
    value = entry.raw
    if entry.runtime:
        runtime = situation.rules.runtime(entry.address.host)
        value = {key: item for key, item in value.items() if key not in runtime}
    for path in entry.approvals:
        value = _without(value, path)
    return value


def _without(value: Json, path: KeyPath) -> Json:
    """The value without what lies at a path, and without maps that this leaves empty."""
    step, rest = path[0], path[1:]
    if isinstance(step, Element):
        return [item for item in value if not step.fits(item)]
    inner = _without(value[step], rest) if rest else {}
    kept = {key: item for key, item in value.items() if key != step}
    return kept if inner == {} else {**kept, step: inner}


def treatment(situation: Situation, entry: ObservedEntry) -> Treatment:
    """What policy does about an unmanaged entry, within what it may reach.

    Removing reaches the user scope of hosts that the manifest names and the files of those hosts in projects that it
    matches; anything else is only reported. What was given back to the user is the user's.
    """
    address = entry.address
    policy = situation.policy
    wanted = policy.projects.get((address.host, address.project), policy.unmanaged)
    if wanted != "remove":
        return wanted
    if situation.handed_back(address, address.server):
        return "warn"
    in_reach = address.scope in ("user", "project") and (address.host, address.project) in situation.reach
    return "remove" if in_reach and editable(situation, entry) else "warn"


def spared(situation: Situation, strays: Sequence[Stray], removable: Iterable[Stray]) -> frozenset[str]:
    """Addresses held back: removing five or more, and more than half, of the servers that the first apply found."""
    baseline = situation.state.baseline
    known = {str(item.address) for item in strays}
    if baseline is not None:
        known = {address for address in baseline if not address.startswith("grant:")}
    doomed = {str(item.address) for item in removable} & known
    excessive = len(doomed) >= 5 and 2 * len(doomed) > len(known)
    return frozenset(doomed) if excessive and not situation.choices.allow_mass_removal else frozenset()


def unmanaged_entry(item: Stray, wanted: Treatment, *, removed: bool) -> Unmanaged:
    entry = item.entry
    return Unmanaged(
        address=str(entry.address),
        identity=entry.identity,
        kind="server",
        new=item.new and wanted != "keep",
        removed=removed,
        kept=wanted == "keep",
        where=place(entry),
        reason=item.reason,
        digest=item.digest,
    )
