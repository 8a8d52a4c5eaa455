"""An approval that is taken back, or that a person must take back, or that is only told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from mcpconf.canonical import digest
from mcpconf.model.base import Element
from mcpconf.model.change import TERRAFORM_ACTIONS, Change, PlannedEdit, Precondition, Privilege, write_path
from mcpconf.model.commands import followed
from mcpconf.model.observed import Grant
from mcpconf.model.plan import Unmanaged
from mcpconf.model.residue import Residue
from mcpconf.model.tools import EVERY, is_pattern
from mcpconf.permissions import approval
from mcpconf.reconcile.definitions import Given
from mcpconf.reconcile.places import line_of, place
from mcpconf.reconcile.situation import Situation

KEEPS = "token"
"""The effect of a sign-in."""


def taken_back(grant: Grant, reason: str, server: str, texts: tuple[str, ...], ours: Collection[str] = ()) -> Change:
    """Removes one approval, by value in a list, else its key. `texts` take its place where they are not there already.

    `ours` are addresses of what we made around approvals; it goes once it is empty.
    """
    location, path = grant.file.location, grant.key_path
    listed = isinstance(path[-1], Element)
    more = [
        PlannedEdit(
            at=write_path((*path[:-1], Element(text) if listed else text)),
            value=text if listed else grant.value,
            unless_there=True,
        )
        for text in texts
    ]
    return Change(
        address=str(grant.address),
        kind="grant",
        server=server,
        host=grant.address.host,
        action="revoke",
        actions=TERRAFORM_ACTIONS["revoke"],
        reason=reason,
        phase=1,
        before={"approval": grant_words(grant)},
        after={"approval": list(texts)} if texts else None,
        file=location.path,
        format=location.format,
        line=line_of(grant),
        key_path=write_path(path),
        edits=[*more, PlannedEdit(at=write_path(path), absent=True), *_emptied(grant, ours)],
        precondition=Precondition(
            value=digest(grant.value),
            container="list" if listed else "map",
            resolved=grant.file.resolved,
            owner=grant.file.owner,
            mode=grant.file.mode,
        ),
        privilege=[Privilege(direction="narrower", severity="low", dimension="approval", text=_lost(grant, texts))],
        restart=grant.address.host,
    )


def reworded(change: Change, reasons: Mapping[str, str]) -> Change:
    """In other words where something else than the manifest asks; those of entries are so already."""
    reason = reasons.get(change.reason) if change.kind == "grant" else None
    return change if reason is None else change.model_copy(update={"reason": reason})


def _lost(grant: Grant, texts: tuple[str, ...]) -> str:
    if grant.effect == "approve":
        return "- starts without asking"
    return f"- {approval(grant.tool or EVERY)}" + (f", but {', '.join(texts)}" if texts else "")


def _emptied(grant: Grant, ours: Collection[str]) -> Iterator[PlannedEdit]:
    """Maps inside an entry that held nothing but the approval, and what we made around one elsewhere."""
    inside = grant.entry is not None and not isinstance(grant.key_path[-1], Element)
    for length in range(len(grant.key_path) - 1, grant.depth, -1):
        if not inside and str(replace(grant.address, key=grant.address.key[:length])) not in ours:
            return
        yield PlannedEdit(at=write_path(grant.key_path[:length]), absent=True, when_empty=True)


def instead(grant: Grant, declared: tuple[str, ...]) -> tuple[str, ...]:
    """What stays of an approval of more tools than are declared: the declared ones, as far as the list can name them."""
    if not grant.single or (grant.tool and not is_pattern(grant.tool)):
        return ()
    names = [name for name in declared if name != EVERY and (grant.patterns or not is_pattern(name))]
    return tuple(grant.single.replace("{tool}", name) for name in names)


def grant_residue(grant: Grant, why: str, server: str, *, empties: bool) -> Residue:
    """What is to be taken back, and lies where mcpconf does not write, or where an empty list would allow more."""
    where = place(grant)
    last = grant.key_path[-1] if grant.key_path else ""
    text = last.value if isinstance(last, Element) else grant.address.key[-1].removeprefix("=")
    what = f"`{text}`"
    message = f"{grant_words(grant)}, {why}{read_by(grant)}"
    if grant.effect == KEEPS:
        it = where if where.endswith(f"/{what.strip('`')}") else f"{what} in {where}"
        instruction = f"sign out there, or delete {it}; then take back the access at the server's provider"
    elif empties:
        instruction = f"an empty list there means everything: disable the server, or put what may act beside {what}"
    else:
        instruction = f"take {what} out of {where} yourself: mcpconf does not write it"
    address, do = str(grant.address), followed(instruction)
    server = grant.server if grant.identity else server
    return Residue(address=address, server=server, message=message, where=where, instruction=do)


def told(situation: Situation, grant: Grant, reason: str, known: Given, *, removed: bool = False) -> Unmanaged:
    """An approval that no part of the manifest declares."""
    address, kept = str(grant.address), situation.policy.grants == "keep"
    words = grant_words(grant) + (f", {known.words}" if known.words else "") + read_by(grant)
    if reason == "ambiguous":
        meant = ", ".join(f"`{name}`" for name in (grant.server, *grant.readings))
        words = (
            f"ambiguous: {words}; it may mean {meant}"
            if grant.readings
            else f"ambiguous: {words}, and that is another server here"
        )
    return Unmanaged(
        address=address,
        identity="" if reason or grant.effect == KEEPS else grant.server,
        kind="grant",
        new=not kept and known.new,
        removed=removed,
        kept=kept,
        where=place(grant),
        reason=words,
        digest=known.digest,
    )


def read_by(grant: Grant) -> str:
    """Who else takes it for theirs, in words behind others."""
    return f"; also read by {', '.join(grant.readers)}" if grant.readers else ""


def grant_words(grant: Grant) -> str:
    what = grant.server or "every server"
    tool = f"tool `{grant.tool}` of {what}" if grant.tool else what
    match grant.effect:
        case "approve":
            return f"starts {what} without asking"
        case "trust":
            return "trusts the project"
        case "token":
            return f"keeps a sign-in for {grant.server or 'a server that is not known here'}"
        case _:
            return f"runs {tool} without asking"
