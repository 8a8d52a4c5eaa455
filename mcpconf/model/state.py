"""What mcpconf remembers of a machine: digests of what it wrote, what people have seen, what must be gone."""

from __future__ import annotations

from typing import Literal

from mcpconf.model.base import Document
from mcpconf.model.change import EditStep


class Applied(Document):
    """What we last wrote at one address. `fields` holds keyed digests, never values.

    `declared` are the key paths of what the entry needs elsewhere in its file and we put there.
    `identity` is in clear (it has no user name and no query), so that a name used again for something else is noticed.
    """

    server: str
    identity: str
    fields: dict[str, str]
    file: str
    environment: list[str] = []
    arguments: str = ""
    created_container: bool = False
    declared: list[list[str | EditStep]] = []
    protect: bool = False


class Tombstone(Document):
    """Something that was ours and was taken away; kept until it is verified absent everywhere."""

    address: str
    identity: str
    environment: list[str] = []
    arguments: str = ""


class State(Document):
    """The applied state of one machine and user. Losing it must never cause a deletion.

    `grants` maps addresses of approvals that the manifest declared to their servers. `seen` maps addresses of unmanaged entries and grants to the digest a person was shown. `baseline` lists those of the
    first apply; None means nothing was ever applied here. `files` lists those we have written to,
    `plan` the digest of the plan that was applied last.
    """

    format: Literal[1] = 1
    serial: int = 0
    machine: str = ""
    commit: str | None = None
    entries: dict[str, Applied] = {}
    grants: dict[str, str] = {}
    seen: dict[str, str] = {}
    baseline: list[str] | None = None
    tombstones: list[Tombstone] = []
    files: list[str] = []
    plan: str = ""
