"""What is on the machine although the manifest does not put it there: unmanaged, revoked, forbidden."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mcpconf.canonical import keyed
from mcpconf.errors import Problem
from mcpconf.model.address import Address
from mcpconf.model.change import Change
from mcpconf.model.observed import WIDENING, Grant, ObservedEntry
from mcpconf.model.plan import Residue, Unmanaged
from mcpconf.model.state import Applied, Tombstone
from mcpconf.reconcile.changes import Builder
from mcpconf.reconcile.places import place
from mcpconf.reconcile.situation import Situation, Treatment

HELD_BY_OTHERS = frozenset({"managed", "system", "profile"})


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
    address = str(entry.address)
    value = keyed(situation.key, entry.raw) if situation.key is not None else ""
    return Stray(entry, reason, value, _new(situation, address, value))


def _new(situation: Situation, address: str, value: str) -> bool:
    """Whether nobody has seen it: before the first apply there is no baseline to be new against."""
    return situation.state.baseline is not None and situation.state.seen.get(address) != value


def treatment(situation: Situation, entry: ObservedEntry) -> Treatment:
    """What policy does about an unmanaged entry, within what it may reach.

    Removing reaches the user scope of hosts that the manifest names and the project files that it matches; anything else
    is only reported. What was given back to the user is the user's.
    """
    address = entry.address
    policy = situation.policy
    wanted = policy.projects.get(address.project, policy.unmanaged) if address.project else policy.unmanaged
    if wanted != "remove":
        return wanted
    if situation.handed_back(address, address.server):
        return "warn"
    in_reach = address.host in situation.managed_hosts and (
        address.scope == "user" or (address.scope == "project" and address.project in situation.projects)
    )
    return "remove" if in_reach and editable(situation, entry) else "warn"


def editable(situation: Situation, entry: ObservedEntry) -> bool:
    """Whether mcpconf may write the file: the user's own, and not tracked by git unless the manifest says so."""
    location = entry.file.location
    if not location.write or location.scope in HELD_BY_OTHERS:
        return False
    return (
        location.scope != "project" or situation.projects.get(location.project, False) or not _tracked(situation, entry)
    )


def _tracked(situation: Situation, entry: ObservedEntry) -> bool:
    answer = situation.tracked(entry.file.location.path)
    return isinstance(answer, Problem) or answer


def forbidden(
    situation: Situation, builder: Builder, entry: ObservedEntry
) -> tuple[list[Change], list[Residue]] | None:
    """The change or instruction for an entry that must not exist; None if nothing forbids it."""
    match = next((item for item in situation.absent if entry.identity and item.identity == entry.identity), None)
    if match is None:
        return None
    if editable(situation, entry):
        return [builder.delete(entry, "must_be_absent")], []
    return [], [_instruction(entry, f"`{entry.identity}` must not be on this machine ({match.reason})")]


def revoked_elsewhere(
    situation: Situation, builder: Builder, entries: Iterable[ObservedEntry], gone: Sequence[Tombstone]
) -> tuple[list[Change], list[Residue], set[Address]]:
    """What was ours, left the manifest altogether, and is still at another address.

    Deleted only if arguments and the names of variables are equal too; the same package with other arguments may be the
    user's own, so it is named with an instruction.
    """
    wanted = {desired.identity for desired in situation.desired.entries}
    changes: list[Change] = []
    residue: list[Residue] = []
    claimed: set[Address] = set()
    for entry in entries:
        marks = [mark for mark in gone if mark.identity == entry.identity and mark.address != str(entry.address)]
        if not marks or not entry.identity or entry.identity in wanted:
            continue
        if situation.handed_back(entry.address, entry.address.server):
            continue
        claimed.add(entry.address)
        if any(_alike(situation, entry, mark) for mark in marks) and editable(situation, entry):
            changes.append(builder.delete(entry, "revoked_elsewhere"))
        else:
            residue.append(
                _instruction(entry, f"`{entry.identity}` was revoked at `{marks[0].address}`, but is still here")
            )
    return changes, residue, claimed


def _alike(situation: Situation, entry: ObservedEntry, mark: Tombstone) -> bool:
    return mark.arguments == arguments_digest(situation, entry) and mark.environment == sorted(entry.entry.env)


def arguments_digest(situation: Situation, entry: ObservedEntry) -> str:
    return situation.field_digest([str(value) for value in entry.entry.argv])


def tombstone(address: str, applied: Applied) -> Tombstone:
    return Tombstone(
        address=address, identity=applied.identity, environment=applied.environment, arguments=applied.arguments
    )


def _instruction(entry: ObservedEntry, message: str) -> Residue:
    where = place(entry)
    return Residue(
        address=str(entry.address),
        message=message,
        where=where,
        instruction=f"remove `{entry.address.server}` from {where} yourself: mcpconf does not write that file",
    )


def unmanaged_entry(item: Stray, *, removed: bool) -> Unmanaged:
    entry = item.entry
    return Unmanaged(
        address=str(entry.address),
        identity=entry.identity,
        kind="server",
        new=item.new,
        removed=removed,
        where=place(entry),
        reason=item.reason,
        digest=item.digest,
    )


def unmanaged_grants(situation: Situation, grants: Iterable[Grant]) -> list[Unmanaged]:
    """Approvals that no part of the manifest declares. They are reported; taking them away is not supported yet."""
    if situation.policy.grants == "keep":
        return []
    found = []
    for grant in grants:
        if grant.effect not in WIDENING:
            continue
        address = str(grant.address)
        value = keyed(situation.key, grant.value) if situation.key is not None else ""
        found.append(
            Unmanaged(
                address=address,
                identity=grant.server,
                kind="grant",
                new=_new(situation, address, value),
                removed=False,
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
