"""The bytes behind the servers of a plan: what the store has, what else is on the machine, and what is known of that."""

from __future__ import annotations

from typing import Literal

from mcpconf.model.base import Tolerant


class CopyAdvisory(Tolerant):
    """Something that is wrong with a version, by all names it has. `fixed` are versions without it, in order."""

    id: str
    aliases: list[str] = []
    severity: Literal["critical", "high", "medium", "low", ""] = ""
    malware: bool = False
    summary: str = ""
    fixed: list[str] = []


class StoredCopy(Tolerant):
    """The same package elsewhere on the machine, and the command that would run it.

    `known` tells whether its version was held against all that `Plan.advisories` say; if it was not, no `advisories` do
    not mean that there is nothing to say.
    """

    path: str
    version: str
    started_by: str
    known: bool = False
    advisories: list[CopyAdvisory] = []


class Stored(Tolerant):
    """What the lock says of a server, and whether the store has it. `files` are those that are not as they were built.

    `state` is "" for a server that is not started from the store.
    """

    server: str
    package: str
    version: str
    state: Literal["", "installed", "missing", "changed", "unknown"] = ""
    folder: str = ""
    files: list[str] = []
    reason: str = ""
    copies: list[StoredCopy] = []


class AdvisoryData(Tolerant):
    """The OSV records that copies were held against. `newest` is when the youngest was changed; `unread` were no records."""

    source: str
    records: int
    newest: str
    ecosystems: list[str]
    unread: int = 0
