"""Sign-ins in one JSON document."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.errors import Problem, Where
from mcpconf.formats import FORMATS, FormatError, decode_text
from mcpconf.hosts.patterns import Found, find
from mcpconf.hosts.stores.kept import Kept, Look
from mcpconf.hosts.stores.place import Store
from mcpconf.hosts.vocabulary import Keys
from mcpconf.model.base import ABSENT, Element, Json, lookup
from mcpconf.ports import Files

MOST = 5000
"""Sign-ins of one document that are told."""

_NOTHING: tuple[Json, ...] = (ABSENT, None, "")

_LATEST = 253_402_300_799
"""The end of the year 9999."""


def look(files: Files, store: Store, path: str, hole: str) -> Look:  # noqa: ARG001 - what all of them are asked with
    snapshot = files.read(path)
    if snapshot is None:
        return Look(present=False)
    if isinstance(snapshot, Problem):
        return Look(True, problem=snapshot)
    try:
        text = decode_text(snapshot.data)
        parsed = FORMATS["json"].parse(text).value if text.strip("\ufeff \t\r\n") else {}
    except FormatError as error:
        where = Where(path, error.line, error.column)
        problem = Problem(error.kind, "it is no document that its owner would read", where, "sign in again there")
        return Look(True, mode=snapshot.mode, owner=snapshot.owner, problem=problem)
    found = tuple(kept for kept, _ in zip(_kept(store, parsed), range(MOST), strict=False))
    return Look(True, found, snapshot.mode, snapshot.owner)


def _kept(store: Store, parsed: Json) -> Iterator[Kept]:
    for found in find(store.at, parsed):
        if not isinstance(found, Found) or (store.proof and lookup(found.value, store.proof) in _NOTHING):
            continue
        key = tuple(f"={step.value}" if isinstance(step, Element) else str(step) for step in found.path)
        server = _text(found.value, store.server) or found.bindings.get("server", "")
        url = _text(found.value, store.url) or found.bindings.get("url", "")
        yield Kept(
            key, server, url, expires=_seconds(lookup(found.value, store.expires), store) if store.expires else None
        )


def _text(value: Json, keys: Keys) -> str:
    found = lookup(value, keys) if keys else ""
    return found if isinstance(found, str) else ""


def _seconds(value: Json, store: Store) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < _LATEST * 1000:
        return None
    return int(value / 1000 if store.unit == "ms" else value)
