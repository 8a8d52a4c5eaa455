"""Approvals on the machine, judged by what the manifest declares: they are in order, taken back, or told.

| the approval | so |
|---|---|
| was revoked here, by itself or by the name of its server | revoke `revoked_locally`, or `ambiguous` as below |
| lies in an entry whose tools the manifest states | part of that entry's own update, unless that cannot be made |
| covers all servers, trusts a folder | told |
| keeps a sign-in for a server that the manifest puts on the host, by name or by address | in order |
| keeps a sign-in for a server that was ours and is not wanted any more | residue |
| keeps a sign-in for another server | told |
| could mean several known servers, or one of the same name that is another | told: `ambiguous` |
| of a server with declared tools, within `auto` | in order |
| of a server with declared tools, beyond `auto` | revoke `not_declared`, or `revoked` if it was declared once |
| starts a server that the manifest puts on the host | as if nothing was declared |
| by the name of a server that was ours and is not wanted there any more | revoke `revoked` |
| was declared once, and the manifest says nothing of tools any more | revoke `revoked` |
| any other | as `policy.grants` says |

What is to be taken back and lies where mcpconf does not write becomes residue with an instruction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from mcpconf.model.address import Address, GrantAddress
from mcpconf.model.base import KeyPath
from mcpconf.model.observed import Grant
from mcpconf.model.plan import Granted, Sighting, Unmanaged
from mcpconf.model.tools import EVERY, covers, is_pattern
from mcpconf.reconcile.carrying import Renamed
from mcpconf.reconcile.declared import Name
from mcpconf.reconcile.definitions import given, is_shown
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.drift import came_back, drift
from mcpconf.reconcile.granting import grant_declared
from mcpconf.reconcile.lasting import as_called
from mcpconf.reconcile.limiting import limit_declared
from mcpconf.reconcile.places import place
from mcpconf.reconcile.revocation import writable
from mcpconf.reconcile.revoked import RevokedHere
from mcpconf.reconcile.situation import Situation
from mcpconf.reconcile.standing import left_behind, others, replaced
from mcpconf.reconcile.takeback import KEEPS, grant_residue, instead, reworded, taken_back, told

_ACTS = frozenset({"auto", "some"})
_STARTS = "approve"
_WHY = {"revoked": "which was revoked", "revoked_locally": "revoked here"}
_FIRM = frozenset({"revoked", "revoked_locally"})
"""Reasons that the manifest cannot ignore."""


@dataclass(frozen=True, slots=True)
class _Judgement:
    """`own` is its entry's business. `reason` is that of the change, or why it is only told."""

    outcome: Literal["own", "declared", "revoke", "told"]
    reason: str = ""


class Grants:
    """Judges every approval beside a draft in which the changes of entries are all there.

    What the manifest says to leave alone is told, unless it once was declared and is not any more.
    """

    def __init__(
        self, situation: Situation, draft: Draft, here: RevokedHere, ignored: Callable[[GrantAddress], bool]
    ) -> None:
        self._situation = situation
        self._here = here
        self._ignored = ignored
        self._draft = draft
        entries = situation.desired.entries
        stuck = {change.address for change in draft.changes if change.action in ("conflict", "held")}
        stuck |= {*draft.tracked, *draft.withheld}
        self._stated = {
            entry.address for entry in entries if "auto" in entry.stated and str(entry.address) not in stuck
        }
        self._bound = {(entry.address.host, entry.address.server): entry.server for entry in entries}
        self._wanted = {entry.identity for entry in entries} - {""}
        self._deleted = {change.address for change in draft.changes if change.action == "delete"}
        self._renamed = Renamed(situation, draft)
        self._left = left_behind(situation, draft, self._bound)
        self._replaced = replaced(
            situation, [mark for mark in draft.gone if mark.address not in situation.state.entries]
        )
        ended = (*self._left.values(), *replaced(situation, draft.gone).values())
        self._ended = frozenset(item.identity for item in situation.absent).union(*ended) - {""}
        self._others = others(situation, draft)
        self._known = {*self._bound, *self._left, *situation.declared.called, *self._others}

    def settle(self) -> None:
        revoked: dict[tuple[str, tuple[object, ...]], list[tuple[Grant, str]]] = defaultdict(list)
        for grant, judged in self._judged():
            let_be = judged.reason not in _FIRM and self._ignored(grant.address)
            found = _Judgement("told") if judged.outcome == "revoke" and let_be else judged
            if found.outcome == "revoke":
                revoked[grant.file.location.path, grant.key_path[:-1]].append((grant, found.reason))
            elif found.reason == "ambiguous" or not (found.outcome != "own" and self._renamed.carry(grant)):
                self._stay(grant, found)
        for together in revoked.values():
            for grant, reason in together:
                self._revoke(grant, reason, empties=0 < grant.crowd <= len(together))
        self._forget()
        grant_declared(self._situation, self._draft, self._here, self._ignored)
        limit_declared(self._situation, self._draft, self._ignored)
        self._draft.changes = [reworded(change, self._situation.reasons) for change in self._draft.changes]

    def _judged(self) -> Iterator[tuple[Grant, _Judgement]]:
        """What another host reads, too, counts for both: where its own host has nothing against it, the other may have."""
        spots: dict[tuple[str, KeyPath], list[Grant]] = defaultdict(list)
        for grant in self._situation.observed.grants:
            spots[grant.file.location.path, grant.key_path].append(grant)
        for together in spots.values():
            own = [(grant, self._judge(grant)) for grant in together if not grant.lent]
            also = [(grant, self._judge(grant)) for grant in together if grant.lent]
            against = next((item for item in also if item[1].outcome == "revoke"), None)
            yield from ([against] if against and all(found.outcome == "told" for _, found in own) else own)

    def _stay(self, grant: Grant, found: _Judgement) -> None:
        self._renamed.inside(grant)
        if found.outcome == "declared":
            self._record(str(grant.address), self._server(grant), "")
        elif found.outcome == "told":
            self._draft.unmanaged.append(self._listed(grant, found.reason))

    def _name(self, grant: Grant) -> Name:
        return self._renamed.name((grant.address.host, grant.server))

    def _server(self, grant: Grant) -> str:
        """The manifest's name of the server, or the host's if the manifest has none. A sign-in is known by its address."""
        if grant.effect == KEEPS and grant.identity:
            return next((name for (_, name), ids in self._left.items() if grant.identity in ids), grant.server)
        name = self._name(grant)
        return self._bound.get(name) or self._situation.declared.called.get(name) or grant.server

    def _judge(self, grant: Grant) -> _Judgement:
        name, server, entry = self._name(grant), self._server(grant), self._renamed.entry(grant.entry)
        if entry is not None and (str(grant.entry) in self._deleted or (grant.write and entry in self._stated)):
            return _Judgement("own")
        revoked = self._here.approval(grant)
        if revoked is not None:
            doubtful = self._here.doubtful(grant, revoked, self._known)
            return _Judgement("told", "ambiguous") if doubtful else _Judgement("revoke", "revoked_locally")
        if grant.effect == KEEPS:
            return self._sign_in(grant, name)
        if not grant.server or grant.effect not in (*_ACTS, _STARTS):
            return _Judgement("told")
        if self._is_ambiguous(grant):
            return _Judgement("told", "ambiguous")
        declared = self._situation.declared.auto.get(server)
        if grant.effect in _ACTS and declared is not None and name not in self._left:
            return self._beyond(grant, declared)
        if (
            name in self._left
            or (declared is None and self._was_ours(grant, server))
            or self._is_inherited(grant, name)
        ):
            return _Judgement("revoke", "revoked")
        wanted = grant.effect == _STARTS and name in self._bound
        return _Judgement("told") if wanted or not self._may_remove(grant) else _Judgement("revoke", "unmanaged")

    def _is_inherited(self, grant: Grant, name: Name) -> bool:
        """Whether it was given to another server that had this name before. A person may have said since that it may stay."""
        if name not in self._replaced or grant.entry is not None:
            return False
        known = given(self._situation, grant, self._server(grant))
        return known.new or known.first or not self._situation.state.seen.get(str(grant.address))

    def _was_ours(self, grant: Grant, server: str) -> bool:
        situation, host = self._situation, grant.address.host
        kept = (host, grant.server) in situation.staying or situation.handed_back(
            Address(host, "user", "", server), server
        )
        return str(grant.address) in situation.state.grants and not kept

    def _sign_in(self, grant: Grant, name: Name) -> _Judgement:
        """Where its address is known, that is what it is good for, whatever the server is called."""
        if grant.identity in self._wanted or (not grant.identity and name in self._bound):
            return _Judgement("own")
        if grant.identity in self._ended or (not grant.identity and name in self._left):
            return _Judgement("revoke", "revoked")
        return _Judgement("told")

    def _is_ambiguous(self, grant: Grant) -> bool:
        """A text that fits several names is certain enough where none of them is known: whoever it means is a stranger."""
        names = {(grant.address.host, name) for name in (grant.server, *grant.readings)}
        return bool(grant.readings and names & self._known) or self._is_another(self._name(grant))

    def _beyond(self, grant: Grant, declared: tuple[str, ...]) -> _Judgement:
        if self._is_declared(grant, declared):
            return _Judgement("declared")
        once = str(grant.address) in self._situation.state.grants or self._was_declared(grant)
        return _Judgement("revoke", "revoked" if once else "not_declared")

    def _is_declared(self, grant: Grant, declared: tuple[str, ...]) -> bool:
        """A pattern stands for tools that the server has, not for those that an update took away."""
        tool = grant.tool or EVERY
        found = [item for item in declared if covers(item, tool)]
        return tool in found or (
            bool(found) and (is_pattern(tool) or is_shown(self._situation, self._server(grant), tool))
        )

    def _was_declared(self, grant: Grant) -> bool:
        """Whether an earlier commit of the manifest let it act."""
        server, tool = self._server(grant), grant.tool or EVERY
        bygone = (item for item in self._situation.hindsight.bygone if item.server == server)
        return any(covers(text, tool) for item in bygone for text in item.auto)

    def _is_another(self, name: Name) -> bool:
        """Whether an entry that stays on the host has this name and is something else."""
        server = self._bound.get(name) or self._situation.declared.called.get(name, "")
        ours = self._situation.declared.identities.get(server, frozenset()) | self._left.get(name, frozenset())
        return bool(ours) and bool(self._others.get(name, frozenset()) - ours)

    def _may_remove(self, grant: Grant) -> bool:
        situation, address = self._situation, grant.address
        if situation.policy.grants != "remove" or (address.host, address.project) not in situation.reach:
            return False
        return grant.write and writable(situation, grant.file.location)

    def _revoke(self, grant: Grant, reason: str, *, empties: bool) -> None:
        situation, draft, server = self._situation, self._draft, self._server(grant)
        if empties or not (grant.write and writable(situation, grant.file.location)):
            why = _WHY.get(reason, "which nobody declares")
            draft.residue.append(grant_residue(as_called(situation, draft, grant), why, server, empties=empties))
            return
        declared = () if reason in ("unmanaged", "revoked_locally") else situation.declared.auto.get(server, ())
        texts = tuple(self._renamed.text(grant, text) for text in instead(grant, declared))
        change = taken_back(grant, reason, server, texts, situation.state.containers)
        draft.changes.append(change)
        if reason == "unmanaged":
            draft.unmanaged.append(self._listed(grant, "", removed=True))
        elif change.address in situation.state.grants:
            draft.records.forget.append(change.address)
        if reason == "revoked_locally":
            draft.drift.append(came_back(change.address, place(grant)))
        elif reason != "revoked" and given(situation, grant, server).new:
            more = {"severity": "high", "will": "revert", "where": place(grant)}
            draft.drift.append(drift("grant_added", change.address, "an approval that nobody declared", **more))
        for text in texts:
            self._record(str(grant.address.beside(text)), server, change.address)

    def _listed(self, grant: Grant, reason: str, *, removed: bool = False) -> Unmanaged:
        known = given(self._situation, grant, self._server(grant))
        if known.first:
            self._draft.records.seen[str(grant.address)] = Sighting(digest=known.digest, by="")
        return told(self._situation, grant, reason, known, removed=removed)

    def _record(self, address: str, server: str, by: str) -> None:
        """Only a machine that has a key has a state."""
        if self._situation.key is not None:
            self._draft.records.grants[address] = Granted(server=server, by=by)

    def _forget(self) -> None:
        """Declared once, and gone from the machine. What lies in a file that could not be read is not gone."""
        observed = self._situation.observed
        if observed.problems or any(file.problem is not None for file in (*observed.files, *observed.stores)):
            return
        there = {str(grant.address) for grant in (*observed.grants, *observed.limits)}
        self._draft.records.forget.extend(sorted(set(self._situation.state.grants) - there))
