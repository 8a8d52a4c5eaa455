"""One OSV record (https://ossf.github.io/osv-schema, 1.7, 2026-11): what of it says which versions are affected.

A record is hostile input: its shape is checked step by step, and what has another shape is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mcpconf.advisories.cvss import base_score
from mcpconf.model.base import Json
from mcpconf.model.moment import spelled
from mcpconf.model.package import Ecosystem

MAXIMUM_RECORD_BYTES = 8 * 1024 * 1024
"""The largest public records are about 1 MB (2026-11)."""

_MOST_EVENTS = 1_000
_MOST_VERSIONS = 20_000
"""Of one record and package. What has more is not understood, rather than understood in part."""

_LONGEST = 256

ECOSYSTEMS: dict[str, Ecosystem] = {"npm": "npm", "PyPI": "pypi"}
"""As OSV writes them; the others are of no package that a manifest can ask for."""

EventKind = Literal["introduced", "fixed", "last_affected", "limit"]
_EVENTS: tuple[EventKind, ...] = ("introduced", "fixed", "last_affected", "limit")

Event = tuple[EventKind, str]
Severity = Literal["critical", "high", "medium", "low", ""]

_SEVERITIES: dict[str, Severity] = {
    "critical": "critical",
    "high": "high",
    "moderate": "medium",
    "medium": "medium",
    "low": "low",
}


_LEAST_SCORES: tuple[tuple[float, Severity], ...] = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))
"""https://www.first.org/cvss/v3.1/specification-document, section 5 (2026-11)."""


@dataclass(frozen=True, slots=True)
class Advisory:
    """What one record says about one package. `ranges` are lines of versions, each with its own events."""

    id: str
    ecosystem: Ecosystem
    name: str
    modified: str
    aliases: tuple[str, ...] = ()
    summary: str = ""
    severity: Severity = ""
    versions: tuple[str, ...] = ()
    ranges: tuple[tuple[Event, ...], ...] = ()

    @property
    def malware(self) -> bool:
        return any(name.startswith("MAL-") for name in (self.id, *self.aliases))


def normal_name(ecosystem: str, name: str) -> str:
    """PyPI does not tell `-`, `_`, `.` and cases apart (PEP 503); npm tells all."""
    return re.sub(r"[-_.]+", "-", name).lower() if ecosystem == "pypi" else name


def advisories_of(data: bytes) -> tuple[Advisory, ...] | None:
    """One for each npm or PyPI package that a record is about; none of a withdrawn one. None if it is no record."""
    try:
        record = json.loads(data) if len(data) <= MAXIMUM_RECORD_BYTES else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not _text(record, "id"):
        return None
    if record.get("withdrawn"):
        return ()
    affected: dict[tuple[Ecosystem, str], list[dict[str, Json]]] = {}
    for item in _maps(record, "affected"):
        package = item.get("package")
        ecosystem = ECOSYSTEMS.get(_text(package, "ecosystem").partition(":")[0])
        name = _text(package, "name")
        if ecosystem is not None and name:
            affected.setdefault((ecosystem, normal_name(ecosystem, name)), []).append(item)
    found = tuple(_advisory(record, ecosystem, name, items) for (ecosystem, name), items in affected.items())
    return None if any(map(_excessive, found)) else found


def _excessive(advisory: Advisory) -> bool:
    return len(advisory.versions) > _MOST_VERSIONS or sum(map(len, advisory.ranges)) > _MOST_EVENTS


def _advisory(record: dict[str, Json], ecosystem: Ecosystem, name: str, items: list[dict[str, Json]]) -> Advisory:
    return Advisory(
        id=_text(record, "id"),
        ecosystem=ecosystem,
        name=name,
        modified=spelled(_text(record, "modified")),
        aliases=tuple(_texts(record, "aliases")),
        summary=str(record.get("summary") or "")[:_LONGEST],
        severity=_severity(record, items),
        versions=tuple(version for item in items for version in _texts(item, "versions")),
        ranges=tuple(events for item in items for line in _maps(item, "ranges") if (events := _events(line))),
    )


def _severity(record: dict[str, Json], items: list[dict[str, Json]]) -> Severity:
    """In words, as GitHub's records have it, else by the highest score; a record of malware has none, and needs none."""
    if _text(record, "id").startswith("MAL-"):
        return "critical"
    word = _text(record.get("database_specific"), "severity").lower()
    rated = [base_score(_text(item, "score")) for part in (record, *items) for item in _maps(part, "severity")]
    score = max((found for found in rated if found is not None), default=0.0)
    stated = _SEVERITIES.get(word, "")
    return stated or next((name for least, name in _LEAST_SCORES if score >= least), stated)


def _events(line: dict[str, Json]) -> tuple[Event, ...]:
    """Of a range of versions; one of commits says nothing about a package of a registry. What is no version stays, as ""."""
    if _text(line, "type") not in ("SEMVER", "ECOSYSTEM"):
        return ()
    return tuple((kind, _text(event, kind)) for event in _maps(line, "events") for kind in _EVENTS if kind in event)


def _text(value: Json, key: str) -> str:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) and len(found) <= _LONGEST else ""


def _texts(value: dict[str, Json], key: str) -> Iterator[str]:
    found = value.get(key)
    yield from (
        (item for item in found if isinstance(item, str) and len(item) <= _LONGEST) if isinstance(found, list) else ()
    )


def _maps(value: dict[str, Json], key: str) -> Iterator[dict[str, Json]]:
    yield from (item for item in _list(value, key) if isinstance(item, dict))


def _list(value: dict[str, Json], key: str) -> list[Json]:
    found = value.get(key)
    return found if isinstance(found, list) else []
