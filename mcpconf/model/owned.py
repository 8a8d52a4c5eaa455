"""What we wrote, in the manifest's words, so that it can be asked for again when the manifest has moved on."""

from __future__ import annotations

from typing import Literal

from mcpconf.model.base import Document
from mcpconf.model.change import EditStep, write_path
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.entry import Entry, OAuth, Transport, Value, Values

Pairs = list[tuple[str, str]]
"""Names and values in the order in which they were written."""

Purpose = Literal["apply", "rollback", "recover", "destroy", "revoke"]
"""What a plan is made for, or what wrote to a machine."""


class OwnedOAuth(Document):
    resource: str | None = None
    issuer: str | None = None
    scopes: list[str] = []


class Owned(Document):
    """One entry as the manifest said it, not as the host spells it: references, and never a secret in clear.

    `server` is the manifest's name for it. `file` and `key_path` tell where it was written; `stated` names the fields that
    were owned only because the manifest said them.
    """

    server: str
    file: str
    key_path: list[str | EditStep]
    protect: bool = False
    state_paths: list[str] = []
    transport: Transport
    launch: list[str] = []
    env: Pairs = []
    cwd: str | None = None
    url: str = ""
    headers: Pairs = []
    timeout: int | float | None = None
    enabled: bool | None = None
    oauth: OwnedOAuth | None = None
    client_id: str | None = None
    call: list[str] | None = None
    without: list[str] | None = []
    auto: list[str] | None = []
    stated: list[str] = []

    @classmethod
    def of(cls, desired: DesiredEntry) -> Owned:
        entry = desired.said or desired.entry
        oauth = entry.oauth
        return cls(
            server=desired.server,
            file=desired.location.path,
            key_path=write_path(desired.key_path),
            protect=desired.protect,
            state_paths=[*desired.state_paths],
            transport=entry.transport,
            launch=[str(value) for value in entry.argv],
            env=_pairs(entry.env),
            cwd=None if entry.cwd is None else str(entry.cwd),
            url=str(entry.url),
            headers=_pairs(entry.headers),
            timeout=entry.timeout,
            enabled=entry.enabled,
            oauth=None
            if oauth is None
            else OwnedOAuth(resource=oauth.resource, issuer=oauth.issuer, scopes=list(oauth.scopes)),
            client_id=entry.client_id,
            call=_listed(entry.call),
            without=_listed(entry.without),
            auto=_listed(entry.auto),
            stated=sorted(desired.stated),
        )

    @property
    def entry(self) -> Entry:
        """Raises ValueError for a value that is in no notation of ours."""
        command, *args = [Value.parse(word) for word in self.launch] or [Value()]
        oauth = self.oauth
        return Entry(
            transport=self.transport,
            command=command,
            args=tuple(args),
            env={name: Value.parse(text) for name, text in self.env},
            cwd=None if self.cwd is None else Value.parse(self.cwd),
            url=Value.parse(self.url),
            headers={name: Value.parse(text) for name, text in self.headers},
            enabled=self.enabled,
            timeout=self.timeout,
            oauth=None if oauth is None else OAuth(oauth.resource, oauth.issuer, tuple(oauth.scopes)),
            client_id=self.client_id,
            call=_names(self.call),
            without=_names(self.without),
            auto=_names(self.auto),
        )


def _pairs(values: Values) -> Pairs:
    return [(name, str(value)) for name, value in values.items()]


def _listed(names: tuple[str, ...] | None) -> list[str] | None:
    return None if names is None else list(names)


def _names(names: list[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)


class OwnedValues(Document):
    """Everything that was ours after one apply, and what that apply was.

    `generation` is the serial of the state that it belongs to, `counts` how often each action was made. `lacking` are addresses that were ours and whose values are not known.
    `beside` are those of approvals and limits that hosts kept in other places than the entries.
    """

    format: Literal[1] = 1
    generation: int
    time: str
    user: str
    purpose: Purpose = "apply"
    commit: str | None = None
    dirty: bool | None = None
    counts: dict[str, int] = {}
    end: str = ""
    entries: dict[str, Owned] = {}
    lacking: list[str] = []
    beside: list[str] = []
