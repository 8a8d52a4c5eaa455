"""The locks that hosts take before they write their files, so that nobody else writes at the same time."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from mcpconf.hosts.places import fixed_path
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.guard import Guard
from mcpconf.ports import Facts


def guards(rows: Mapping[str, HostRow], facts: Facts, paths: Container[str]) -> tuple[Guard, ...]:
    """Those of the files at the paths, whichever host reads them; each lock once."""
    return tuple(dict.fromkeys(guard for row in rows.values() for guard in _guards(row, facts, paths)))


def _guards(row: HostRow, facts: Facts, paths: Container[str]) -> Iterator[Guard]:
    for file in row.files.values():
        if file.lock is not None and fixed_path(row, file.path, facts) in paths:
            lock = fixed_path(row, file.lock.path, facts)
            if lock is not None:
                yield Guard(row.title, file.lock.kind, lock, file.lock.stale)
