"""What mcpconf remembers of a machine: digests of what it wrote, what people have seen, what must be gone."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from mcpconf.model.address import GRANT, Address, GrantAddress
from mcpconf.model.base import Document, Json
from mcpconf.model.change import EditStep
from mcpconf.model.lock import Publisher


class Applied(Document):
    """What we last wrote at one address. `fields` holds keyed digests, never values.

    `declared` are the key paths of what the entry needs elsewhere in its file and we put there, with the lists that we made
    for it. `version`, `artifacts` (digests by file) and `publisher` are what the lock said of the server then. `found`: it was there before, as the manifest wants it, and we never wrote to it.
    `identity` is in clear (it has no user name and no query), so that a name used again for something else is noticed.
    `secrets` are the names of those that it was given by reference, `program` what it starts where that serves nothing else,
    `tools` a keyed digest of what the manifest said of its tools, which a host may keep beside the entry; "" if nothing.
    """

    server: str
    identity: str
    fields: dict[str, str]
    file: str
    environment: list[str] = []
    secrets: list[str] = []
    arguments: str = ""
    created_container: bool = False
    declared: list[list[str | EditStep]] = []
    protect: bool = False
    found: bool = False
    version: str = ""
    artifacts: dict[str, str] = {}
    program: str = ""
    state_paths: list[str] = []
    publisher: Publisher | None = None
    tools: str = ""


class AppliedPolicy(Document):
    """One key of a file of policy as we last wrote it: the digest of its value, which holds no secret."""

    file: str
    format: str
    at: list[str]
    digest: str


class Tombstone(Document):
    """Something that was ours and was taken away; kept until it is verified absent everywhere.

    `server` is the manifest's name of it, "" where that is the one in the address. With a part in its `address` it is a
    secret alone, which a server that stays is not given any more.
    """

    address: str
    identity: str
    server: str = ""
    environment: list[str] = []
    secrets: list[str] = []
    arguments: str = ""
    program: str = ""
    state_paths: list[str] = []

    @property
    def called(self) -> str:
        """The manifest's name of it; "" for an approval."""
        return self.server or ("" if self.address.startswith(GRANT) else Address.parse(self.address).server)

    @field_validator("address")
    @classmethod
    def _can_be_looked_for(cls, text: str) -> str:
        """Raises ValueError."""
        _parse(text)
        return text

    @property
    def entry(self) -> str:
        """The address of the entry that it was, or was a part of."""
        return self.address if self.address.startswith(GRANT) else str(Address.parse(self.address).part(""))


def _parse(text: str) -> None:
    (GrantAddress if text.startswith(GRANT) else Address).parse(text)


class Revoked(Document):
    """What a person took off this machine by name; it stays off, whatever the manifest says, until that is undone.

    `server` is the manifest's name, or the one that was typed; `address` a pattern of entries or approvals, if that was
    typed. `known`: the manifest or the state told what the server is; otherwise everything of its name is meant. `marks`
    are the forms in which it was known or found, by the addresses that hosts give it. `part` is `auto` where only its
    approvals are meant, and the server stays.
    """

    server: str = ""
    address: str = ""
    part: Literal["", "auto"] = ""
    known: bool = False
    reason: str = ""
    since: str
    by: str
    marks: list[Tombstone] = []

    @property
    def target(self) -> str:
        return (self.address or self.server) + (f"#{self.part}" if self.part else "")


class RevokedList(Document):
    """The file of their own that revocations lie in."""

    format: Literal[1] = 1
    revoked: list[Revoked] = []


class Pinned(Document):
    """A machine that went back to a generation. It holds until the manifest has another commit than `commit`.

    `manifest` is the digest of the manifest, which counts where git does not know a commit.
    """

    generation: int
    commit: str | None = None
    manifest: str = ""

    def holds(self, commit: str | None, manifest: str) -> bool:
        """Whether the manifest is still the one that was gone back from."""
        return commit == self.commit if commit and self.commit else manifest == self.manifest


class State(Document):
    """The applied state of one machine and user. Losing it must never cause a deletion.

    `grants` maps addresses of approvals that the manifest declared to their servers, `containers` lists those of maps and
    lists that we made around them. `seen` maps addresses of unmanaged entries and grants to the digest a person was shown. `baseline` lists those of the
    first apply; None means nothing was ever applied here. `files` lists those we have written to, `made` those that did
    not exist, with the folders made for each, `declared` permissions of servers that no file of a host says, `policies` keys of policies by address, `plan` the digest of the plan that was applied last. `revoked` is also kept in
    a file of its own, and outlives the rest. `verified` are tombstones whose things were seen to be nowhere: nothing is
    done about them any more, and whoever asks for them is answered. `written` tells when (UTC) we last wrote which entry.
    """

    format: Literal[1] = 1
    serial: int = 0
    machine: str = ""
    commit: str | None = None
    entries: dict[str, Applied] = {}
    written: dict[str, str] = {}
    grants: dict[str, str] = {}
    containers: list[str] = []
    seen: dict[str, str] = {}
    baseline: list[str] | None = None
    tombstones: list[Tombstone] = []
    verified: list[Tombstone] = []
    revoked: list[Revoked] = []
    files: list[str] = []
    made: dict[str, list[str]] = {}
    pinned: Pinned | None = None
    declared: dict[str, dict[str, Json]] = {}
    policies: dict[str, AppliedPolicy] = {}
    plan: str = ""

    @property
    def ended(self) -> list[Tombstone]:
        """All that was ours and was taken away, also what was seen to be nowhere: it may be back."""
        return [*self.tombstones, *self.verified]

    @field_validator("entries", "grants")
    @classmethod
    def _each_can_be_looked_for(cls, known: dict[str, object]) -> dict[str, object]:
        """Raises ValueError."""
        for text in known:
            _parse(text)
        return known

    def with_revoked(self, revoked: Revoked) -> State:
        """What was known of an earlier revocation of the same target stays known."""
        same = [item for item in self.revoked if item.target == revoked.target]
        marks = [mark for item in (*same, revoked) for mark in item.marks]
        known = revoked.known or any(item.known for item in same)
        merged = revoked.model_copy(
            update={"known": known, "marks": [m for i, m in enumerate(marks) if m not in marks[:i]]}
        )
        return self.model_copy(update={"revoked": [*(item for item in self.revoked if item not in same), merged]})
