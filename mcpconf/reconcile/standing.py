"""What names on hosts stood for, and what they stand for now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mcpconf.model.address import GRANT, Address
from mcpconf.model.state import Tombstone
from mcpconf.reconcile.declared import Name
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.renaming import former
from mcpconf.reconcile.situation import Situation


def left_behind(situation: Situation, draft: Draft, bound: Mapping[Name, str]) -> dict[Name, frozenset[str]]:
    """Names on a host that were ours and are not wanted there any more, with what they stood for.

    What the host cannot be asked for any more is still wanted; what was given back is the user's.
    """
    skipped = {finding.address for finding in situation.desired.findings}
    skipped |= former(situation, skipped) | {str(address) for address in draft.renamed}
    marks = [(text, applied.server, applied.identity) for text, applied in situation.state.entries.items()]
    gone = [*draft.gone, *(item.mark for item in situation.hindsight.bygone)]
    marks += [(mark.address, Address.parse(mark.address).server, mark.identity) for mark in gone]
    found: dict[Name, frozenset[str]] = {}
    for text, server, identity in marks:
        address = Address.parse(text)
        name = (address.host, address.server)
        if name in bound or name in situation.staying:
            continue
        if text not in skipped and not situation.handed_back(address, server):
            found[name] = found.get(name, frozenset()) | {identity}
    return found


def replaced(situation: Situation, gone: Iterable[Tombstone]) -> dict[Name, frozenset[str]]:
    """Names on a host that stand for another server than they did, with what that was. What is wanted elsewhere keeps its approvals."""
    marks = [(text, applied.identity) for text, applied in situation.state.entries.items()]
    marks += [(mark.address, mark.identity) for mark in gone]
    before: dict[Name, set[str]] = {}
    for text, identity in marks:
        if identity and identity not in situation.asked and not text.startswith(GRANT):
            address = Address.parse(text)
            before.setdefault((address.host, address.server), set()).add(identity)
    bound = {(entry.address.host, entry.address.server) for entry in situation.desired.entries}
    return {name: frozenset(found) for name, found in before.items() if name in bound}


def others(situation: Situation, draft: Draft) -> dict[Name, frozenset[str]]:
    """What stands under each name on a host, but for entries that this plan deletes or writes."""
    written = {text for change in draft.changes if change.writes for text in (change.address, change.previous_address)}
    found: dict[Name, frozenset[str]] = {}
    for entry in situation.observed.entries:
        if entry.identity and str(entry.address) not in written:
            name = (entry.address.host, entry.address.server)
            found[name] = found.get(name, frozenset()) | {entry.identity}
    return found
