"""What is on the machine although the manifest does not put it there, and nothing of ours explains it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mcpconf.canonical import keyed
from mcpconf.model.address import Address
from mcpconf.model.base import Json
from mcpconf.model.observed import Grant, ObservedEntry
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
    value = keyed(situation.key, _steady(situation, entry)) if situation.key is not None else ""
    given_back = situation.handed_back(entry.address, entry.address.server)
    return Stray(entry, reason, value, not given_back and _new(situation, address, value))


def _steady(situation: Situation, entry: ObservedEntry) -> Json:
    """The entry without what the host itself writes into it."""
    if not entry.runtime:
        return entry.raw
    runtime = situation.rules.runtime(entry.address.host)
    return {key: value for key, value in entry.raw.items() if key not in runtime}


def _new(situation: Situation, address: str, value: str) -> bool:
    """Whether nobody has seen it: before the first apply there is no baseline to be new against."""
    return situation.state.baseline is not None and situation.state.seen.get(address) != value


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


def unmanaged_grants(situation: Situation, grants: Iterable[Grant]) -> list[Unmanaged]:
    """Approvals that no part of the manifest declares. They are reported; taking them away is not supported yet."""
    found = []
    kept = situation.policy.grants == "keep"
    stated = {entry.address for entry in situation.desired.entries if "auto" in entry.stated}
    for grant in grants:
        if grant.entry in stated and grant.write:
            continue
        address = str(grant.address)
        value = keyed(situation.key, grant.value) if situation.key is not None else ""
        found.append(
            Unmanaged(
                address=address,
                identity=grant.server,
                kind="grant",
                new=not kept and _new(situation, address, value),
                removed=False,
                kept=kept,
                where=place(grant),
                reason=grant_words(grant),
                digest=value,
            )
        )
    return found


def grant_words(grant: Grant) -> str:
    what = grant.server or "every server"
    tool = f"tool `{grant.tool}` of {what}" if grant.tool else what
    match grant.effect:
        case "approve":
            return f"starts {what} without asking"
        case "trust":
            return "trusts the project"
        case "token":
            return f"keeps a sign-in for {what}"
        case _:
            return f"runs {tool} without asking"
