"""What on a machine earlier commits of the manifest may explain, and what they say of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from mcpconf.errors import Problem
from mcpconf.model.address import GRANT, Address, GrantAddress
from mcpconf.model.change import Change
from mcpconf.model.desired import Desired, DesiredEntry
from mcpconf.model.manifest import Manifest
from mcpconf.model.observed import Grant, ObservedEntry
from mcpconf.model.past import Bygone, Wanted
from mcpconf.model.revocation import Revocation
from mcpconf.model.tools import EVERY, covers
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.records import arguments, mark_of, secrets_of
from mcpconf.reconcile.situation import Situation

_WORD = re.compile(r"[^\s:/\\=@]{2,}(?:/[^\s:/\\=@]{2,})*")
_GRANTED = frozenset({"revoked", "revoked_and_changed", "revoked_elsewhere"})
_NOBODY = Revocation(commit="", author="", date="")


def unexplained(situation: Situation) -> Wanted:
    """Entries that neither the manifest nor the state puts there, what leaves the manifest now, and approvals by other names."""
    asked = {entry.address for entry in situation.desired.entries}
    entries = [entry for entry in situation.observed.entries if entry.address not in asked]
    left = {Address.parse(text): applied.identity for text, applied in situation.state.entries.items()}
    left = {at: identity for at, identity in left.items() if at not in asked or identity not in situation.asked}
    names = {entry.address.server for entry in entries} | {address.server for address in left}
    names |= {Address.parse(mark.address).server for mark in situation.state.tombstones}
    names |= {entry.server for entry in situation.desired.entries if _has_less(situation, entry)}
    names.add(situation.choices.tracing or "")
    called = situation.declared.called
    for grant in situation.observed.grants:
        known = called.get((grant.address.host, grant.server))
        if known is None or str(grant.address) in situation.state.grants or _is_beyond(situation, known, grant):
            names |= {known or grant.server, *grant.readings}
    tokens = [grant for grant in situation.observed.grants if grant.effect == "token"]
    marks = frozenset(grant.mark for grant in tokens) - {""}
    identities = {mark.identity: () for mark in situation.state.tombstones}
    launches = [_words(entry.identity, map(str, (*entry.entry.argv, entry.entry.url))) for entry in entries]
    launches += [_words(identity, words) for identity, words in identities.items()]
    launches += [_words(grant.identity, ()) for grant in tokens if grant.identity not in {"", *situation.asked}]
    telling = frozenset(words for words in launches if words)
    return Wanted(frozenset(names - {""}), telling, marks, all_gone=_nothing_is_remembered(situation))


def _nothing_is_remembered(situation: Situation) -> bool:
    """No apply told the state what was here; or somebody asks for more than is told of what is done with."""
    return situation.choices.tracing is not None or (situation.purpose == "apply" and not situation.state.serial)


def _has_less(situation: Situation, entry: DesiredEntry) -> bool:
    applied = situation.state.entries.get(str(entry.address))
    return applied is not None and not {*applied.secrets} <= {*secrets_of(entry.said or entry.entry)}


def _is_beyond(situation: Situation, server: str, grant: Grant) -> bool:
    declared = situation.declared.auto.get(server)
    return declared is not None and not any(covers(text, grant.tool or EVERY) for text in declared)


def _words(identity: str, words: Iterable[str]) -> tuple[str, ...]:
    """The longest word of what it is, without which no manifest names it, and those of how it is started."""
    telling = sorted(_WORD.findall(identity.partition(":")[2] or identity), key=len, reverse=True)
    return (telling[0], *sorted({part for word in words for part in _WORD.findall(word)})) if telling else ()


def bygones(situation: Situation, manifest: Manifest, desired: Desired) -> Iterator[Bygone]:
    """What an earlier manifest put on this machine. Which commit ended it is for others to say."""
    for entry in desired.entries:
        tools = manifest.servers[entry.server].tools
        mark = mark_of(situation, entry.address, entry)
        yield Bygone(entry.server, mark, tools.auto if tools is not None else (), _NOBODY)


def with_bygone(names: Mapping[str, frozenset[str]], bygone: Iterable[Bygone]) -> dict[str, frozenset[str]]:
    """Names of servers on each host, with those that they had there before."""
    found = dict(names)
    for item in bygone:
        address = Address.parse(item.mark.address)
        found[address.host] = found.get(address.host, frozenset()) | {address.server}
    return found


def granted_here(situation: Situation, entry: ObservedEntry) -> Bygone | None:
    """The newest grant of this very entry by an earlier commit: its host and scope, its command line, its variables."""
    place, form = _place(entry.address), (arguments(situation, entry.entry), sorted(entry.entry.env))
    return next(
        (
            item
            for item in situation.hindsight.bygone
            if item.mark.identity == entry.identity
            and _place(Address.parse(item.mark.address)) == place
            and (item.mark.arguments, item.mark.environment) == form
        ),
        None,
    )


def _place(address: Address) -> tuple[str, str, str, str]:
    return address.host, address.scope, address.project, address.server


def attributed(situation: Situation, draft: Draft) -> Draft:
    """The draft that says of everything revoked which commit did it, where that is known.

    Who asks whether something is gone is not told so where nothing tells what was here.
    """
    unknown = situation.hindsight.unknown
    if unknown and situation.choices.tracing is not None and not situation.state.serial:
        message = f"nothing remembers what was here: there is no state, and {unknown}"
        draft.problems["history"] = Problem("unreadable", message, None, "ask where the whole history is")
    if situation.hindsight.bygone:
        draft.changes = [_by(situation, change) for change in draft.changes]
        draft.residue = [
            item if item.revoked_by else item.model_copy(update={"revoked_by": _commit(situation, item.address)})
            for item in draft.residue
        ]
    return draft


def _by(situation: Situation, change: Change) -> Change:
    if change.reason not in _GRANTED or change.revoked_by is not None:
        return change
    return change.model_copy(update={"revoked_by": _commit(situation, change.address, change.server)})


def _commit(situation: Situation, text: str, server: str = "") -> Revocation | None:
    """By what it is where it lies in a file that was read, else by the name of the server."""
    if text.startswith(GRANT):
        grants = {str(grant.address): grant for grant in situation.observed.grants}
        host, names = GrantAddress.parse(text).host, {server, grants[text].server if text in grants else server} - {""}
        identities = {grants[text].identity} - {""} if text in grants else set()
        tool = (grants[text].tool if text in grants else "") or EVERY
        found = [item for item in situation.hindsight.bygone if _is_called(item, host, names)]
        found = found or [item for item in situation.hindsight.bygone if item.mark.identity in identities]
        letting = (item for item in found if any(covers(text, tool) for text in item.auto))
        return next((item.by for item in (*letting, *found)), None)
    address = Address.parse(text)
    applied = situation.state.entries.get(text)
    entries = (entry.identity for entry in situation.observed.entries if entry.address == address)
    identity = next(entries, applied.identity if applied is not None else "")
    return next((item.by for item in situation.hindsight.bygone if item.mark.identity == identity), None)


def _is_called(item: Bygone, host: str, names: set[str]) -> bool:
    address = Address.parse(item.mark.address)
    return item.server in names or (address.host == host and address.server in names)
