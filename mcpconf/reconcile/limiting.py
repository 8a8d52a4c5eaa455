"""Limits that the manifest declares, and that a host keeps in files beside its servers: tools that are never to be called.

| the limit | so |
|---|---|
| is declared, and not there | create `limited`; told as drift if mcpconf wrote it before |
| is declared, and an approval of the very tool stands in its place | update `limited` |
| is declared, and something of another type stands there | told: `in_the_way` |
| is declared, and no file of the host here can hold it | told: `in_the_way` |
| was written by mcpconf, and is not declared any more | delete `unlimited` |
| any other | not looked at |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mcpconf.model.address import GrantAddress
from mcpconf.model.change import Change, Privilege
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.observed import Grant
from mcpconf.model.plan import Drift, Granted
from mcpconf.model.tools import EVERY, covers
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.drift import drift
from mcpconf.reconcile.granting import granted, in_the_way, made, names_on
from mcpconf.reconcile.revocation import writable
from mcpconf.reconcile.situation import Situation
from mcpconf.reconcile.takeback import taken_back


def limit_declared(situation: Situation, draft: Draft, ignored: Callable[[GrantAddress], bool]) -> None:
    """Add a change for each limit that is declared and not there, and for each that is not declared any more."""
    stuck = {change.address for change in draft.changes if change.action in ("conflict", "held", "unknown")}
    stuck |= {*draft.tracked, *draft.withheld, *draft.unset, *(kept.address for kept in draft.kept)}
    there = {str(grant.address): grant for grant in situation.observed.limits}
    wanted: set[str] = set()
    for entry in situation.desired.entries:
        names = names_on(situation, entry.address.host) if entry.denied else set[str]()
        found = [(grant, tool) for tool in entry.denied for grant in _limits(situation, entry, tool, names)]
        open_to = [tool for tool in entry.denied if tool not in {named for _, named in found}]
        if open_to:
            draft.drift.append(_cannot(entry, open_to))
        for grant, tool in found:
            text = str(grant.address)
            wanted.add(text)
            covered = _is_there(situation, grant, tool)
            if covered is not None:
                wanted.add(str(covered.address))
            elif str(entry.address) not in stuck and not ignored(grant.address):
                _limit(situation, draft, grant, entry.server)
    for text in sorted(situation.state.grants.keys() & there.keys() - wanted):
        draft.changes.append(_freed(situation, there[text], situation.state.grants[text]))
        draft.records.forget.append(text)


def _limits(situation: Situation, entry: DesiredEntry, tool: str, names: set[str]) -> Iterator[Grant]:
    for grant in situation.rules.beside(entry, tool, names, "deny"):
        if writable(situation, grant.file.location):
            yield grant


def _cannot(entry: DesiredEntry, tools: Sequence[str]) -> Drift:
    names = ", ".join(f"`{tool}`" for tool in tools)
    message = f"{names} can be called: no file that mcpconf may write here holds such a limit for this server alone"
    item = drift("in_the_way", str(entry.address), message, severity="high", where=entry.location.path)
    return item.model_copy(update={"counted": False})


def _is_there(situation: Situation, wanted: Grant, tool: str) -> Grant | None:
    """What keeps the tool from being called already, be it with more."""
    return next(
        (
            grant
            for grant in situation.observed.limits
            if grant.file.location == wanted.file.location
            and grant.server == wanted.server
            and not grant.readings
            and covers(grant.tool or EVERY, tool)
        ),
        None,
    )


def _limit(situation: Situation, draft: Draft, grant: Grant, server: str) -> None:
    text = str(grant.address)
    approved = next((item for item in situation.observed.grants if str(item.address) == text), None)
    at = in_the_way(grant)
    if at is not None and approved is None:
        where = ".".join(str(step) for step in at if isinstance(step, str))
        message = f"`{grant.tool}` can be called, for something else stands there: `{where or '/'}`"
        item = drift("in_the_way", text, message, severity="high", where=grant.file.location.path)
        draft.drift.append(item.model_copy(update={"counted": False}))
        return
    draft.changes = [change for change in draft.changes if change.address != text]
    change = _limited(grant, server)
    if approved is not None:
        instead = taken_back(approved, "limited", server, ())
        edits = [edit.model_copy(update={"unless_there": False}) for edit in change.edits]
        more = {"action": "update", "actions": ["update"], "before": instead.before}
        change = change.model_copy(update={**more, "edits": edits, "precondition": instead.precondition})
    draft.changes.append(change)
    if text in situation.state.grants and approved is None:
        message = f"`{grant.tool}` may be called: the limit was removed by hand"
        draft.drift.append(drift("drift_removed", text, message, severity="high", will="revert", where=change.file))
    if situation.key is not None:
        draft.records.grants[text] = Granted(server=server, by=text, made=[*made(grant)])


def _limited(grant: Grant, server: str) -> Change:
    words = f"never {grant.tool or EVERY}"
    narrower = Privilege(direction="narrower", severity="low", dimension="tools", text=words)
    more = {"reason": "limited", "after": {"limit": words}, "privilege": [narrower]}
    return granted(grant, server).model_copy(update=more)


def _freed(situation: Situation, grant: Grant, server: str) -> Change:
    change = taken_back(grant, "unlimited", server, (), situation.state.containers)
    words = f"never {grant.tool or EVERY}"
    wider = Privilege(direction="wider", severity="medium", dimension="tools", text=f"no longer {words}")
    more = {"action": "delete", "actions": ["delete"], "phase": 2, "before": {"limit": words}, "privilege": [wider]}
    return change.model_copy(update=more)
