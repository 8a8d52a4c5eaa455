"""What is left out of items before their digest: what the protocol lets a server say as `null` or not at all, and what moves.

Never inside of a schema, where `null` is a value.
"""

from __future__ import annotations

from collections.abc import Mapping

from mcpconf.model.base import Json
from mcpconf.model.surface import ItemKind

_TITLED = frozenset({"title", "description", "icons", "_meta"})
_OPTIONAL: Mapping[ItemKind, frozenset[str]] = {
    "tool": _TITLED | {"outputSchema", "annotations", "execution"},
    "prompt": _TITLED | {"arguments"},
    "template": _TITLED | {"mimeType", "annotations"},
    "resource": _TITLED | {"mimeType", "annotations", "size"},
    "capabilities": frozenset(
        {"completions", "experimental", "extensions", "logging", "prompts", "resources", "tasks", "tools"}
    ),
}
_INNER: Mapping[str, frozenset[str]] = {
    "annotations": frozenset(
        {"title", "readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint", "audience", "priority"}
    )
    | {"lastModified"},
    "execution": frozenset({"taskSupport"}),
    "icons": frozenset({"mimeType", "sizes", "theme"}),
    "arguments": frozenset({"title", "description", "required"}),
    "prompts": frozenset({"listChanged"}),
    "resources": frozenset({"listChanged", "subscribe"}),
    "tools": frozenset({"listChanged"}),
}
"""Keys of the maps, or of the elements of the lists, under a key of an item."""

_MOVING: Mapping[ItemKind, frozenset[str]] = {"resource": frozenset({"size"})}
"""What tells of the data behind an item and not of the item; `annotations.lastModified` of resources and templates too."""


def without_nulls(kind: ItemKind, value: Json) -> Json:
    """Another value where anything is left out."""
    if not isinstance(value, dict):
        return value
    optional, moving = _OPTIONAL.get(kind, frozenset()), _MOVING.get(kind, frozenset())
    kept = {key: inner for key, inner in value.items() if not (inner is None and key in optional) and key not in moving}
    return {
        key: _inner(kind, key, inner) if key in optional and key in _INNER else inner for key, inner in kept.items()
    }


def _inner(kind: ItemKind, key: str, value: Json) -> Json:
    if isinstance(value, list):
        return [_inner(kind, key, item) if isinstance(item, dict) else item for item in value]
    if not isinstance(value, dict):
        return value
    moving = "lastModified" if key == "annotations" and kind in ("resource", "template") else None
    return {name: item for name, item in value.items() if not (item is None and name in _INNER[key]) and name != moving}
