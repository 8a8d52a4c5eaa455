"""What commits did to a manifest, and what was granted before they did."""

from __future__ import annotations

from typing import NamedTuple

from mcpconf.model.revocation import Revocation
from mcpconf.model.state import Tombstone


class Version(NamedTuple):
    """What one commit did to one file: the ids of its content before and after, "" where there was no such file.

    `merges`: it has several parents, and may only bring along what another commit did.
    """

    by: Revocation
    merges: bool
    file: str
    before: str
    after: str


class Bygone(NamedTuple):
    """What a manifest put on this machine before a commit changed that.

    `server` is its name in the manifest, `mark` the form in which hosts had it, `auto` the tools that it let act without
    asking.
    """

    server: str
    mark: Tombstone
    auto: tuple[str, ...]
    by: Revocation


class Wanted(NamedTuple):
    """What is to be explained: names that hosts or the manifest gave to servers, and for each server words that launch it.

    The first word of each is one without which no manifest means that server. `marks` are digests of addresses, by which
    sign-ins are kept. `all_gone`: every server that was taken out of the manifest, or made another.
    """

    names: frozenset[str] = frozenset()
    launches: frozenset[tuple[str, ...]] = frozenset()
    marks: frozenset[str] = frozenset()
    all_gone: bool = False


class Hindsight(NamedTuple):
    """`unknown` tells why less is known than git might tell, "" if nothing is missing."""

    bygone: tuple[Bygone, ...] = ()
    unknown: str = ""


NOTHING_TOLD = Hindsight()
