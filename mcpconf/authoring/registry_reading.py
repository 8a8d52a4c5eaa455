"""What a registry answers, or a file holds: one server, or a list of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.registry import Listing
from mcpconf.model.written import shown

_OFFICIAL = "io.modelcontextprotocol.registry/official"
_OLD_OFFICIAL = "x-io.modelcontextprotocol.registry"
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list. `skipped` counts what is no document of a server; `cursor` asks for what comes next."""

    listings: tuple[Listing, ...]
    skipped: int = 0
    cursor: str = ""


def parse(data: bytes) -> Json | Problem:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return Problem("malformed", "it is no JSON", None, "check the address or the file")


def listing(value: Json) -> Listing | Problem:
    """One server: a `server.json`, or what the API wraps around it. `_meta` counts only where the registry writes it."""
    if not isinstance(value, dict):
        return Problem("malformed", "it is no document of a server", None, "check the address or the file")
    wrapped = isinstance(value.get("server"), dict)
    server = value["server"] if wrapped else value
    told = _map(_map(value, "_meta"), _OFFICIAL) or _map(value, _OLD_OFFICIAL)
    wanted = {"status": told.get("status", server.get("status")), "status_message": told.get("statusMessage")}
    wanted["is_latest"] = told.get("isLatest", told.get("is_latest"))
    stated = {key: item for key, item in wanted.items() if item is not None}
    try:
        return Listing.model_validate({"server": server, **stated})
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, wrong["loc"][1:] if wrong["loc"][:1] == ("server",) else wrong["loc"]))
        message = f"it breaks the schema of `server.json` at {shown(place)}: {wrong['msg'].lower()}"
        return Problem("malformed", message, None, "ask its publisher")


def page(value: Json) -> Page | Problem:
    """A list as the API gives it, or as it was saved: one page, several in a list, or the documents alone."""
    documents = _documents(value)
    if documents is None:
        return Problem("malformed", "it is no list of servers", None, "check the address or the file")
    found, skipped = [], 0
    for number, document in enumerate(documents):
        item = listing(document) if number < _MOST else None
        if isinstance(item, Listing):
            found.append(item)
        else:
            skipped += 1
    metadata = _map(value, "metadata") if isinstance(value, dict) else {}
    cursor = metadata.get("nextCursor", metadata.get("next_cursor"))
    return Page(tuple(found), skipped, cursor if isinstance(cursor, str) and len(cursor) <= 1024 else "")


def _documents(value: Json) -> Iterator[Json] | None:
    if isinstance(value, dict) and isinstance(value.get("servers"), list):
        return _flat([value])
    if isinstance(value, dict) and ("server" in value or "name" in value):
        return iter([value])
    return _flat(value) if isinstance(value, list) else None


def _flat(items: list[Json]) -> Iterator[Json]:
    for item in items:
        yield from item["servers"] if isinstance(item, dict) and isinstance(item.get("servers"), list) else [item]


def _map(value: Mapping[str, Json], key: str) -> dict[str, Json]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}
