"""What an index of advisories holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Indexed:
    """What an index of OSV records was built from: a folder or archive of this system, and what was in it.

    `newest` is when the youngest record was changed, RFC 3339, "" without records; `unread` counts what was no record.
    """

    source: str
    records: int
    newest: str
    ecosystems: tuple[str, ...]
    unread: int


IndexRow = tuple[str, str, str, bytes]
"""An ecosystem, the normal name of a package, the id of an OSV record, and the record."""
