"""What an index of advisories holds."""

from __future__ import annotations

from dataclasses import dataclass

from mcpconf.model.base import Tolerant


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


class Origin(Tolerant):
    """Where an archive is from, and how its server calls just this one, "" if it did not say; its digest is `sha256:HEX`."""

    address: str
    tag: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Got:
    """An archive that is here now, of `size` bytes. `fresh`: it was got just now, and was not the newest already."""

    ecosystem: str
    digest: str
    size: int
    fresh: bool


IndexRow = tuple[str, str, str, bytes]
"""An ecosystem, the normal name of a package, the id of an OSV record, and the record."""
