"""What an approval was given for: hosts keep approvals by name, whatever the server or tool of that name is by now.

An approval that a person has seen is remembered with what its name stood for then. It is not taken for seen any more once
that is another server, or a tool whose definition in the lock is another one and that nobody has approved since.
"""

from __future__ import annotations

from typing import NamedTuple

from mcpconf.canonical import digest
from mcpconf.model.base import Json
from mcpconf.model.observed import Grant
from mcpconf.model.surface import Surface
from mcpconf.model.tools import EVERY, covers
from mcpconf.reconcile.situation import Situation
from mcpconf.surface.approval import unapproved

OF_SERVER = "@"
_OF_TOOLS = "#"
"""What stands before the digests of what it was given for, behind that of the approval itself."""


class Given(NamedTuple):
    """`digest` is what it is known by once it is seen, `words` tell what is not as when it was.

    `first`: it was seen when nothing was known of what it is for.
    """

    digest: str
    new: bool
    words: str = ""
    first: bool = False


def given(situation: Situation, grant: Grant, server: str) -> Given:
    """`server` is the manifest's name of what the approval is about."""
    value = situation.seen_digest(grant.value)
    known = situation.state.seen.get(str(grant.address), "")
    now = _digest(situation, value, grant, server)
    if not situation.is_new(str(grant.address), now):
        return Given(now, new=False)
    seen, _, meaning = known.partition(OF_SERVER)
    if seen != value or not value:
        return Given(now, new=situation.state.baseline is not None)
    identity, _, tools = meaning.partition(_OF_TOOLS)
    is_for, _, can = now.partition(OF_SERVER)[2].partition(_OF_TOOLS)
    if not is_for:  # the manifest has it no more, and says nothing of what stays
        return Given(known, new=False)
    if identity and identity != is_for:
        return Given(now, new=True, words="approved for another server of that name")
    if not tools:
        return Given(now, new=False, first=True)
    if not can:  # the lock does not tell any more
        return Given(known, new=False)
    return Given(now, new=not _is_approved(situation, server), words="approved for another definition")


def is_shown(situation: Situation, server: str, tool: str) -> bool:
    """Whether a server has a tool, as far as the lock tells."""
    surface = _surface(situation, server)
    return surface is None or tool in surface.tools or tool in surface.gated.tools


def _digest(situation: Situation, value: str, grant: Grant, server: str) -> str:
    """That of an approval of everything, or of a server that the manifest does not have, is of the approval alone."""
    identities = situation.declared.identities.get(server)
    if not value or not identities or not grant.server:
        return value
    return f"{value}{OF_SERVER}{_short(situation, sorted(identities))}{_tools(situation, grant, server)}"


def _tools(situation: Situation, grant: Grant, server: str) -> str:
    surface = _surface(situation, server)
    if surface is None or grant.effect == "approve":
        return ""
    wanted = grant.tool or EVERY
    shown = {**surface.gated.tools, **surface.tools}
    found = {name: item.digest for name, item in shown.items() if covers(wanted, name)}
    return _OF_TOOLS + _short(situation, found)


_DIGITS = 32


def _short(situation: Situation, value: Json) -> str:
    return digest([situation.seen_digest(value)]).rpartition(":")[2][:_DIGITS]


def _surface(situation: Situation, server: str) -> Surface | None:
    locked = situation.supplied.locked(server)
    return locked.surface if locked is not None else None


def _is_approved(situation: Situation, server: str) -> bool:
    """Whether somebody approved what the server shows now, be it under another identity."""
    surface = _surface(situation, server)
    identities = situation.declared.identities.get(server, frozenset())
    lasts = [situation.supplied.approvals.last(server, identity) for identity in sorted(identities)]
    return surface is not None and any(last is not None and unapproved(surface, last) is None for last in lasts)
