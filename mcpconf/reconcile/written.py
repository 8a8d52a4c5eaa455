"""Servers that mcpconf alone wrote to this machine, and since when they are as they are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from mcpconf.model.state import Applied, State
from mcpconf.reconcile.situation import Situation

_REMOTE = "url:"
_UNWRITTEN = re.compile(r"docker\.io/(?:library/)?|python(?= -m )")
"""The registry that images come from unless another one is named, and an interpreter that `py` starts too."""


class Written(NamedTuple):
    """All entries of one server. `since` is the moment at which the first of them was written last."""

    identity: str
    address: str
    server: str
    file: str
    arguments: frozenset[str]
    since: str


def written(situation: Situation) -> Iterator[Written]:
    """A server that an entry of somebody else starts as well is left out, and one that runs elsewhere."""
    state = situation.state
    found: dict[str, list[str]] = defaultdict(list)
    for entry in situation.observed.entries:
        found[entry.identity].append(str(entry.address))
    for identity, addresses in found.items():
        known = [applied for address in addresses if (applied := _ours(state, address, identity)) is not None]
        if len(known) == len(addresses) and not identity.startswith(_REMOTE):
            arguments = frozenset(applied.arguments for applied in known)
            since = min(state.written[address] for address in addresses)
            yield Written(identity, addresses[0], known[0].server, known[0].file, arguments, since)


def _ours(state: State, address: str, identity: str) -> Applied | None:
    applied = state.entries.get(address) if address in state.written else None
    return applied if applied is not None and applied.identity == identity else None


def telling_word(identity: str) -> str:
    """The longest word that whoever spells an identity must write, in small letters; "" if it has none."""
    words = re.findall(r"[a-z0-9]+", _UNWRITTEN.sub("", identity.partition(":")[2] or identity).casefold())
    return max(words, key=len, default="")
