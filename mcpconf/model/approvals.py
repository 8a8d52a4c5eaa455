"""Who approved which surface of which server: in git beside the lock, which itself holds no moment and no person."""

from __future__ import annotations

from typing import Literal

from mcpconf.model.base import Document
from mcpconf.model.surface import ItemDigest

APPROVALS_FORMAT: Literal[1] = 1


class Approval(Document):
    """`surface` is the digest of all that was approved, `items` of each part of it (see `Surface.named`).

    `on` is a day. `by` is whoever says so: that it was them is for git to prove.
    """

    surface: ItemDigest
    items: dict[str, ItemDigest] = {}
    by: str
    on: str
    reason: str


class Approvals(Document):
    """By the name of the server, the newest last."""

    mcpconf_approvals: Literal[1] = APPROVALS_FORMAT
    servers: dict[str, list[Approval]] = {}
