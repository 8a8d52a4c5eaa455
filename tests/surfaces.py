"""Surfaces made by hand, and locks that have them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mcpconf.artifacts import UNSET, input_digest
from mcpconf.artifacts.url import endpoint
from mcpconf.documents.lock import render_lock
from mcpconf.model.base import Json
from mcpconf.model.lock import Lock, LockedServer
from mcpconf.model.surface import Context, Item, Listing, Surface
from mcpconf.operations import manifest
from mcpconf.surface.digests import item_digest, surface_digest

CONTEXT = Context(era="initialize", protocol="2025-11-25", transport="http")


def tool(description: str = "", **more: Json) -> dict[str, Json]:
    return {"description": description, "inputSchema": {"type": "object"}, **more}


def surface(instructions: str = "", gated: Mapping[str, Json] | None = None, **listed: Mapping[str, Json]) -> Surface:
    """`listed` are tools, prompts, templates and resources by name."""
    said = None if not instructions else _item("instructions", "", instructions)
    made = Surface(
        digest=UNSET,
        context=CONTEXT,
        instructions=said,
        gated=Listing(tools=_items("tool", gated or {})),
        **{key: _items(key.removesuffix("s"), items) for key, items in listed.items()},
    )
    return made.model_copy(update={"digest": surface_digest(made.named())})


def _items(kind: str, values: Mapping[str, Json]) -> dict[str, Item]:
    return {name: _item(kind, name, {"name": name, **value}) for name, value in values.items()}


def _item(kind: str, name: str, value: Json) -> Item:
    return Item(digest=item_digest(kind, name, value), value=value)


def lock(path: Path, surfaces: Mapping[str, Surface]) -> None:
    """Beside a manifest of addresses and programs, with what these servers show."""
    asked = manifest(str(path)).manifest.servers
    servers = {
        name: LockedServer(
            input_digest=input_digest(server),
            endpoint=endpoint(server) if server.url is not None else {},
            surface=surfaces.get(name),
        )
        for name, server in asked.items()
    }
    path.with_suffix(".lock").write_bytes(render_lock(Lock(servers=servers)))
