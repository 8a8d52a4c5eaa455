"""Approvals that the manifest declares, and that a host keeps in files beside its servers: written where they are missing.

What is written once is remembered, so that it is taken back when the manifest does not declare it any more. A server that is
itself held, or whose approvals are revoked on this machine, gets none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from mcpconf.formats import FORMATS
from mcpconf.model.address import GrantAddress
from mcpconf.model.base import ABSENT, Element, Json, KeyPath, lookup
from mcpconf.model.change import TERRAFORM_ACTIONS, Change, PlannedEdit, Precondition, Privilege, write_path
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.observed import Grant
from mcpconf.model.plan import Drift, Granted
from mcpconf.model.tools import EVERY, covers
from mcpconf.permissions import approval
from mcpconf.reconcile.changes import held
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.drift import drift
from mcpconf.reconcile.recall import REASON, because
from mcpconf.reconcile.revocation import writable
from mcpconf.reconcile.revoked import RevokedHere
from mcpconf.reconcile.situation import Situation

_MOST_TOLD = 5


def grant_declared(
    situation: Situation, draft: Draft, here: RevokedHere, ignored: Callable[[GrantAddress], bool]
) -> None:
    """Add a change for each approval that is declared and not there."""
    stuck = {change.address for change in draft.changes if change.action in ("conflict", "held", "unknown")}
    stuck |= {*draft.tracked, *draft.withheld, *draft.unset, *(kept.address for kept in draft.kept)}
    planned = {*_planned(draft)}
    blocked: dict[tuple[str, KeyPath], list[Grant]] = {}
    for entry in situation.desired.entries:
        if str(entry.address) in stuck:
            continue
        for grant in _missing(situation, entry):
            if str(grant.address) in planned or ignored(grant.address):
                continue
            if (at := in_the_way(grant)) is not None:
                blocked.setdefault((grant.file.location.path, at), []).append(grant)
                continue
            revoked = here.approval(grant)
            if revoked is not None:
                hold = because(revoked).model_copy(update={"action": "create"})
                draft.changes.append(held(granted(grant, entry.server).model_copy(update={"reason": REASON}), hold))
            else:
                draft.changes.append(granted(grant, entry.server))
                if situation.key is not None:
                    text = str(grant.address)
                    draft.records.grants[text] = Granted(server=entry.server, by=text, made=[*made(grant)])
    draft.drift += (_blocked(at, grants) for (_, at), grants in blocked.items())


def _planned(draft: Draft) -> Iterator[str]:
    """Approvals that get another name, and those that take the place of a wider one."""
    for change in draft.changes:
        if change.kind == "grant":
            yield change.address
            if change.action == "revoke" and isinstance(change.after, dict):
                yield from (str(GrantAddress.parse(change.address).beside(text)) for text in change.after["approval"])


def names_on(situation: Situation, host: str) -> set[str]:
    """Names of servers that a text beside the entries of a host may mean."""
    names = {other.address.server for other in situation.observed.entries}
    names |= {other.address.server for other in situation.desired.entries}
    return names | {name for other, name in situation.declared.called if other == host}


def _missing(situation: Situation, entry: DesiredEntry) -> Iterator[Grant]:
    """What the entry itself says need not be said beside it."""
    names = names_on(situation, entry.address.host)
    said = entry.entry.auto or ()
    for tool in situation.declared.auto.get(entry.server, ()):
        if any(covers(text, tool) for text in said):
            continue
        for grant in situation.rules.beside(entry, tool, names):
            if not _may_be(situation, grant) or not writable(situation, grant.file.location):
                continue
            if not _is_there(situation, grant, tool):
                yield grant


def _may_be(situation: Situation, grant: Grant) -> bool:
    beside = situation.declared.beside
    return beside is None or str(grant.address) in beside


def _is_there(situation: Situation, wanted: Grant, tool: str) -> bool:
    """Whether the same file approves it already, be it with more."""
    return any(
        grant.file.location == wanted.file.location
        and grant.effect == wanted.effect
        and grant.server == wanted.server
        and not grant.readings
        and covers(grant.tool or EVERY, tool)
        for grant in situation.observed.grants
    )


def in_the_way(grant: Grant) -> KeyPath | None:
    """Where something of another type, or another word, stands in its place; None if nothing does."""
    value = _content(grant)
    for length in range(len(grant.key_path)):
        there = lookup(value, grant.key_path[:length])
        kind = list if isinstance(grant.key_path[length], Element) else dict
        if there is not ABSENT and not isinstance(there, kind):
            return grant.key_path[:length]
    return None if lookup(value, grant.key_path) is ABSENT else grant.key_path


def _content(grant: Grant) -> Json:
    text = grant.file.text
    return FORMATS[grant.file.location.format].parse(text).value if text.strip() else {}


def made(grant: Grant) -> Iterator[str]:
    """Addresses of what holds it and is not there yet."""
    value = _content(grant)
    for length in range(1, len(grant.key_path)):
        if lookup(value, grant.key_path[:length]) is ABSENT:
            yield str(replace(grant.address, key=grant.address.key[:length]))


def _blocked(at: KeyPath, grants: Sequence[Grant]) -> Drift:
    """The host asks all the same, so that it does not count."""
    first = grants[0]
    where = ".".join(str(step) for step in at if isinstance(step, str))
    there = f"`{where}`" if where else "the file"
    wanted = "word" if at == first.key_path else "list" if isinstance(first.key_path[len(at)], Element) else "map"
    tools = ", ".join(f"`{grant.tool or EVERY}`" for grant in grants[:_MOST_TOLD])
    tools += f" and {len(grants) - _MOST_TOLD} more" if len(grants) > _MOST_TOLD else ""
    text = f"{tools} cannot be approved: {there} is no {wanted}"
    if wanted == "word":
        text = f"{tools} cannot be approved: {there} says something else"
    item = drift("in_the_way", str(first.address), text, severity="low", where=first.file.location.path)
    return item.model_copy(update={"counted": False})


def granted(grant: Grant, server: str) -> Change:
    """The change that puts an approval where it would stand."""
    location, path, listed = grant.file.location, grant.key_path, isinstance(grant.key_path[-1], Element)
    there = lookup(_content(grant), path[:-1]) is not ABSENT
    words = approval(grant.tool or EVERY)
    wider = Privilege(
        direction="wider", severity="high" if grant.tool else "critical", dimension="approval", text=f"+ {words}"
    )
    return Change(
        address=str(grant.address),
        kind="grant",
        server=server,
        host=grant.address.host,
        action="create",
        actions=TERRAFORM_ACTIONS["create"],
        reason="declared",
        after={"approval": words},
        file=location.path,
        format=location.format,
        new_file=not grant.file.present,
        key_path=write_path(path),
        edits=[PlannedEdit(at=write_path(path), value=grant.value, unless_there=listed)],
        precondition=Precondition(
            value="absent",
            container=("list" if listed else "map") if there else "absent",
            resolved=grant.file.resolved,
            owner=grant.file.owner,
            mode=grant.file.mode,
        ),
        privilege=[wider],
        restart=grant.address.host,
    )
