"""Whose sign-ins are kept on a machine: each is a grant that names its place and its server, and nothing else."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from mcpconf.hosts.filling import Names
from mcpconf.hosts.places import stored
from mcpconf.hosts.stores import STORES
from mcpconf.hosts.stores.kept import Kept
from mcpconf.hosts.stores.place import Keeper, Store
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.address import GrantAddress
from mcpconf.model.observed import Grant, Location, ObservedEntry, ObservedFile
from mcpconf.packages import url_identity
from mcpconf.ports import Facts, Files

KEPT = "kept"
"""The value of every sign-in: nothing of what it says is looked at."""

_MARKS = ("md5", "sha256")
_URL = "url:"
_ADDRESS = re.compile(r"https?://[^\s\"'`,\]})>]+")
_HEADER = re.compile(r"([A-Za-z0-9_-]+):\s*(.*)")


class Owner(NamedTuple):
    """A server that a sign-in may be for. `texts` are what a sign-in's mark may have been made of."""

    host: str
    server: str
    identity: str
    texts: tuple[str, ...]


class Owners:
    """The servers of all hosts, by their addresses."""

    def __init__(self, owners: Iterable[Owner]) -> None:
        self._all = tuple(owners)

    def of(self, host: str, kept: Kept) -> Owner | None:
        """Whose it is: a server of the same host, if one has the address, else one of another host."""
        if kept.mark:
            found = self._marked.get(kept.mark, [])
        else:
            found = self._known.get(url_identity(kept.url), []) if kept.url else []
        return next((owner for owner in found if owner.host == host), next(iter(found), None))

    @cached_property
    def _marked(self) -> Mapping[str, list[Owner]]:
        marks: dict[str, list[Owner]] = {}
        for owner in self._all:
            for text in owner.texts:
                for mark in _marks(text):
                    marks.setdefault(mark, []).append(owner)
        return marks

    @cached_property
    def _known(self) -> Mapping[str, list[Owner]]:
        known: dict[str, list[Owner]] = {}
        for owner in self._all:
            known.setdefault(owner.identity, []).append(owner)
        return known


def _marks(text: str) -> Iterator[str]:
    for kind in _MARKS:
        yield hashlib.new(kind, text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def names_one_of(text: str, marks: Container[str]) -> bool:
    """Whether an address in a text is one of which a sign-in is kept."""
    return any(mark in marks for found in _ADDRESS.finditer(text) for mark in _marks(found[0]))


def owner_of_entry(entry: ObservedEntry) -> Owner | None:
    """None for a server without an address. A bridge also marks a sign-in by the resource and the headers it is given."""
    if not entry.identity.startswith(_URL):
        return None
    address, words = entry.address, [str(value) for value in entry.entry.argv]
    url = str(entry.entry.url) or next((word for word in words if url_identity(word) == entry.identity), "")
    return Owner(address.host, address.server, entry.identity, tuple(_texts(url, words)))


def owner_of_identity(host: str, server: str, identity: str) -> Owner | None:
    """A server that was there once; what is kept of it is its identity, which has lost a slash at its end."""
    if not identity.startswith(_URL):
        return None
    url = identity.removeprefix(_URL)
    return Owner(host, server, identity, (url, f"{url}/"))


def _texts(url: str, words: list[str]) -> Iterator[str]:
    yield url
    resource = dict(pairwise(words)).get("--resource", "")
    matches = [_HEADER.fullmatch(word) for option, word in pairwise(words) if option == "--header"]
    headers = {match[1]: match[2] for match in matches if match is not None}
    parts = [url, *([resource] if resource else [])]
    if headers:
        parts.append(json.dumps(headers, sort_keys=True, ensure_ascii=False, separators=(",", ":")))
    if len(parts) > 1:
        yield "|".join(parts)


class SignedIn(NamedTuple):
    """What is asked about sign-ins: programs beside the hosts that keep some, and servers that were on the machine once."""

    keepers: Sequence[Keeper] = ()
    owners: Sequence[Owner] = ()


class SignIns(NamedTuple):
    """`files` are the stores that are there."""

    grants: tuple[Grant, ...] = ()
    files: tuple[ObservedFile, ...] = ()


def sign_ins(owner: HostRow | Keeper, facts: Facts, files: Files, names: Names, owners: Owners) -> SignIns:
    grants: list[Grant] = []
    seen: list[ObservedFile] = []
    for store in owner.stores:
        for path, hole in stored(store.path, owner, facts, names):
            look = STORES[store.kind](files, store, path, hole)
            if look.present:
                location = Location(owner.id, store.id, "user", "", path, "json", write=False)
                file = ObservedFile(location, look.problem, present=True, mode=look.mode, owner=look.owner)
                seen.append(file)
                grants += [_grant(owner, store, file, kept, owners) for kept in look.found]
    return SignIns(tuple(grants), tuple(seen))


def _grant(owner: HostRow | Keeper, store: Store, file: ObservedFile, kept: Kept, owners: Owners) -> Grant:
    known = owners.of(owner.id, kept)
    return Grant(
        address=GrantAddress(owner.id, "user", "", store.id, kept.key),
        effect="token",
        server=kept.server or (known.server if known is not None else ""),
        tool="",
        file=file,
        key_path=kept.key,
        value=KEPT,
        write=False,
        identity=known.identity if known is not None else url_identity(kept.url) if kept.url else "",
        mark=kept.mark if known is None else "",
        expires=kept.expires,
    )
