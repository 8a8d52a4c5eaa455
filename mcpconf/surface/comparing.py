"""What a server shows now that it did not show before, item by item, with what that means for what it may do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from mcpconf.model.base import ABSENT, Json
from mcpconf.model.surface import Item, ItemKind, Listing, Surface
from mcpconf.surface.annotations import annotation_changes, nature
from mcpconf.surface.capabilities import capability_changes
from mcpconf.surface.change import LONGEST_NAME, NOUNS, Place, Said, SurfaceChange
from mcpconf.surface.digests import jcs, pointer_to
from mcpconf.surface.parameters import SHAPED, shaped_parameters, shown
from mcpconf.surface.schemas import schema_changes
from mcpconf.surface.sentences import first_sentence, quoted, text_changes

_Handler = Callable[[Any, Any, Place], Iterator[Said]]
_Key = tuple[ItemKind, str]


def surface_changes(old: Surface | None, new: Surface | None) -> tuple[SurfaceChange, ...]:
    """The gravest first; empty if both are the same. Without `old` all is new; without `new` nothing is known of it."""
    if new is None or (old is not None and old.digest == new.digest):
        return ()
    before = {} if old is None else _items(old)
    changes = [*_changes(before, _items(new), gated=False)]
    changes += _changes({} if old is None else _items(old.gated), _items(new.gated), gated=True)
    changes += _schemes(old, new)
    return tuple(sorted(changes, key=_order))


def _order(change: SurfaceChange) -> tuple[object, ...]:
    grave = -1 if change.rule else _GRAVEST.index((change.direction, change.change == "text"))
    return (change.change == "cosmetic", grave, change.gated, change.kind, change.name, change.pointer, change.words)


_GRAVEST = [
    ("wider", False),
    ("both", False),
    ("same", True),
    ("same", False),
    ("narrower", False),
    ("wider", True),
    ("both", True),
    ("narrower", True),
]


def _items(listing: Listing) -> dict[_Key, Item]:
    return {(kind, name): item for kind, name, item in listing.items()}


def _changes(before: dict[_Key, Item], after: dict[_Key, Item], *, gated: bool) -> Iterator[SurfaceChange]:
    for key in sorted(before.keys() | after.keys()):
        one, other = before.get(key), after.get(key)
        if one is not None and other is not None and one.digest == other.digest:
            continue
        kind, name = key
        pointer = ("/gated" if gated else "") + pointer_to(kind, name)
        for said in _said(kind, name, one, other):
            place = pointer + said.pointer
            yield SurfaceChange(kind, name, said.change, said.direction, place, said.words, gated, said.rule)


def _said(kind: ItemKind, name: str, old: Item | None, new: Item | None) -> Iterator[Said]:
    if kind == "instructions":
        before, after = (ABSENT if item is None else item.value for item in (old, new))
        yield from _text(before, after, Place("", "instructions"))
    elif kind == "capabilities":
        yield from capability_changes({} if old is None else old.value, {} if new is None else new.value)
    elif old is None and new is not None:
        yield _added(kind, name, new.value)
    elif new is None:
        yield Said("", "removed", "narrower", f"- {NOUNS.get(kind, kind)} `{name[:LONGEST_NAME]}`")
    elif old is not None:
        yield from item_changes(kind, old.value, new.value)


def _added(kind: ItemKind, name: str, value: Json) -> Said:
    """With what a person needs to decide whether it may be there."""
    text = value.get("description") if isinstance(value, dict) else None
    words = f"+ {NOUNS.get(kind, kind)} `{name[:LONGEST_NAME]}`"
    if kind == "tool":
        words += f" ({nature(value)})"
    if isinstance(text, str) and text.strip():
        words += f": {first_sentence(text)}"
    shaped = sorted(shaped_parameters(value)) if kind == "tool" else []
    if shaped:
        named = ", ".join(f"`{parameter[:80]}`" for parameter in shaped[:3])
        words += f"; parameter {named}: {SHAPED}"
    return Said("", "added", "wider", words, "MCP312" if shaped else "")


def item_changes(kind: ItemKind, old: Json, new: Json) -> Iterator[Said]:
    """At least one for values that are not the same."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield Said("", "capability", "both", f"{shown(old)}  ->  {shown(new)}")
        return
    handlers = _HANDLERS[kind]
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key, ABSENT), new.get(key, ABSENT)
        if before is ABSENT or after is ABSENT or jcs(before) != jcs(after):
            yield from handlers.get(key, _unknown)(before, after, Place("").at(key, label=f"{key[:80]}"))


def _text(old: Json, new: Json, place: Place) -> Iterator[Said]:
    before, after = ("" if side is ABSENT else side for side in (old, new))
    if not isinstance(before, str) or not isinstance(after, str):
        yield from _unknown(old, new, place)
    elif before == after:
        yield Said(
            place.pointer, "cosmetic", "same", f"{place.label}: empty where it was not there, or the other way round"
        )
    else:
        yield from text_changes(before, after, place)


def _unknown(old: Json, new: Json, place: Place) -> Iterator[Said]:
    """Hosts act on keys that we do not know, `_meta` above all."""
    words = f"{place.label}: {shown(old)}  ->  {shown(new)}; a host may act on it"
    yield Said(place.pointer, "capability", "both", words)


def _cosmetic(old: Json, new: Json, place: Place) -> Iterator[Said]:
    yield Said(place.pointer, "cosmetic", "same", f"{place.label}: {shown(old)}  ->  {shown(new)}")


def _input(old: Json, new: Json, place: Place) -> Iterator[Said]:
    yield from _schema(old, new, replace(place, label=""))


def _output(old: Json, new: Json, place: Place) -> Iterator[Said]:
    yield from _schema(old, new, replace(place, label="result", returned=True))


def _schema(old: Json, new: Json, place: Place) -> Iterator[Said]:
    before, after = ({} if side is ABSENT else side for side in (old, new))
    yield from schema_changes(before, after, place)
    if ABSENT in (old, new):
        yield place.other(f"{place.pointer[1:]} {'is new' if old is ABSENT else 'is gone'}")


def _arguments(old: Json, new: Json, place: Place) -> Iterator[Said]:
    """Of a prompt: a list of maps by name."""
    before, after = (_by_name([] if side is ABSENT else side) for side in (old, new))
    if before is None or after is None:
        yield from _unknown(old, new, place)
        return
    if (
        all(jcs(before[name]) == jcs(after[name]) for name in before.keys() & after.keys())
        and before.keys() == after.keys()
    ):
        yield Said(place.pointer, "cosmetic", "same", f"{place.label}: in another order, or empty")
    for name in sorted(before.keys() | after.keys()):
        inner = place.at(name, label=f"argument `{name[:80]}`")
        if name not in before:
            word = "required" if after[name].get("required") is True else "optional"
            yield place.at(name, label="").wider(
                f"+ {word} argument `{name[:80]}`: {quoted(str(after[name].get('description', '')), 120)}"
            )
        elif name not in after:
            yield place.at(name, label="").narrower(f"- argument `{name[:80]}`")
        else:
            yield from _argument(before[name], after[name], inner)


def _by_name(value: Json) -> dict[str, dict[str, Json]] | None:
    if not isinstance(value, list) or not all(
        isinstance(item, dict) and isinstance(item.get("name"), str) for item in value
    ):
        return None
    found = {item["name"]: item for item in value}
    return found if len(found) == len(value) else None


def _argument(old: dict[str, Json], new: dict[str, Json], place: Place) -> Iterator[Said]:
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key, ABSENT), new.get(key, ABSENT)
        if before is not ABSENT and after is not ABSENT and jcs(before) == jcs(after):
            continue
        if key == "required":
            words = ("required" if before is True else "optional", "required" if after is True else "optional")
            yield (place.wider if before is True else place.narrower)(f"{words[0]}  ->  {words[1]}")
        else:
            handler = _text if key in ("title", "description") else _unknown
            yield from handler(before, after, place.at(key, label=f"{place.label}, {key[:80]}"))


_SHARED: dict[str, _Handler] = {"title": _text, "description": _text, "icons": _cosmetic, "mimeType": _text}
_HANDLERS: dict[ItemKind, dict[str, _Handler]] = {
    "tool": {**_SHARED, "annotations": annotation_changes, "inputSchema": _input, "outputSchema": _output},
    "prompt": {**_SHARED, "arguments": _arguments},
    "template": {**_SHARED, "name": _text, "annotations": annotation_changes},
    "resource": {**_SHARED, "name": _text, "annotations": annotation_changes},
}


def _schemes(old: Surface | None, new: Surface) -> Iterator[SurfaceChange]:
    before = frozenset() if old is None else frozenset(old.schemes)
    for scheme in sorted(before ^ frozenset(new.schemes)):
        more = scheme not in before
        word = f"`{scheme}:`" if scheme else "no scheme"
        words = f"{'+' if more else '-'} resources with {word}"
        yield SurfaceChange("schemes", scheme, "capability", "wider" if more else "narrower", "/schemes", words)
