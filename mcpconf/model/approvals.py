"""Who approved which surface of which server: in git beside the lock, which itself holds no moment and no person."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from mcpconf.model.base import Document
from mcpconf.model.surface import ItemDigest

APPROVALS_FORMAT: Literal[1] = 1

LONGEST_WORDS = 1000

_Words = Annotated[str, StringConstraints(max_length=LONGEST_WORDS)]
_Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d$")]


class Approval(Document):
    """`surface` is the digest of all that was approved, `items` of each part of it (see `Surface.named`).

    `identity` is what the name of the server meant then: a package without its version, or an address. `on` is a day.
    `by` is whoever says so: that it was them is for git to prove.
    """

    identity: str
    surface: ItemDigest
    items: dict[str, ItemDigest] = {}
    by: _Words
    on: _Day
    reason: _Words = ""


class Approvals(Document):
    """By the name of the server, the newest last."""

    mcpconf_approvals: Literal[1] = APPROVALS_FORMAT
    servers: dict[str, list[Approval]] = {}

    def last(self, name: str, identity: str) -> Approval | None:
        """What counts: the newest, if it was given to what the name means now."""
        known = self.servers.get(name, [])
        return known[-1] if known and known[-1].identity == identity else None
