"""What the manifest asks of this machine, already spelled the way each host reads it back."""

from __future__ import annotations

from dataclasses import dataclass

from mcpconf.errors import Where
from mcpconf.model.address import Address
from mcpconf.model.base import Json, KeyPath
from mcpconf.model.entry import Entry
from mcpconf.model.finding import Finding
from mcpconf.model.observed import Location


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `value` (or ABSENT) at a key path; the only instruction an editor knows."""

    at: KeyPath
    value: Json


@dataclass(frozen=True, slots=True)
class DesiredEntry:
    """One server for one host. `entry` is what the host will read back from `encoded`, so equal means no drift.

    `server` is the manifest's name, which the address may differ from where a host has a name of its own.
    `stated` names the fields owned only because the manifest says them. `parts` are the edits that change one field,
    by field; `declares` edits that the entry needs elsewhere in the same file. `said` is the entry in the manifest's own
    words, before the host's: none if they are the same. `denied` are tools that the host is told beside the entry never to call.
    `state_paths` is where it keeps what is its own.
    """

    address: Address
    server: str
    entry: Entry
    encoded: Json
    identity: str
    location: Location
    key_path: KeyPath
    parts: dict[str, tuple[Edit, ...]]
    declares: tuple[Edit, ...] = ()
    stated: frozenset[str] = frozenset()
    protect: bool = False
    said: Entry | None = None
    denied: tuple[str, ...] = ()
    state_paths: tuple[str, ...] = ()
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class Desired:
    """`findings` holds what could not be asked of a host; those bindings are not in `entries`."""

    entries: tuple[DesiredEntry, ...] = ()
    findings: tuple[Finding, ...] = ()
