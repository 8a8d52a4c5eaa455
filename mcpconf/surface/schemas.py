"""What changed between two JSON Schemas: whether more can be said under the new one, or less."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from mcpconf.model.base import ABSENT, Json
from mcpconf.surface.change import Place, Said
from mcpconf.surface.digests import jcs
from mcpconf.surface.keywords import Handler, bound, changed, cosmetic, presence, text, types, values
from mcpconf.surface.parameters import SHAPED, described, is_network_reference, is_shaped, kinds, shown


def schema_changes(old: Json, new: Json, place: Place) -> Iterator[Said]:
    """At least one for schemas that are not the same, none for others."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        if jcs(old) != jcs(new):
            yield place.other(f"{shown(old)}  ->  {shown(new)}")
        return
    yield from _required(old, new, place)
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key, ABSENT), new.get(key, ABSENT)
        if before is ABSENT or after is ABSENT or jcs(before) != jcs(after):
            yield from _handler(key)(before, after, place.at(key)) if key not in _HERE else _HERE[key](old, new, place)


def _handler(key: str) -> Handler:
    if key in _HANDLERS:
        return _HANDLERS[key]
    return lambda old, new, place: changed(key, old, new, place)


def _properties(old: dict[str, Json], new: dict[str, Json], place: Place) -> Iterator[Said]:
    before, after = old.get("properties", {}), new.get("properties", {})
    if not isinstance(before, dict) or not isinstance(after, dict):
        yield from changed("properties", before, after, place.at("properties"))
        return
    if not before and not after:
        yield cosmetic(place.at("properties"), "`properties` is empty where it was not there, or the other way round")
    needed = _names(new.get("required"))
    for name in sorted(before.keys() | after.keys()):
        inner = place.at("properties", name)
        if name not in before:
            yield _added(name, after[name], needed, inner)
        elif name not in after:
            yield inner.narrower(f"- {_noun(place)} `{name[:80]}`")
        else:
            label = f"{_noun(place)} `{name[:80]}`" if not place.label else f"{place.label} `{name[:80]}`"
            yield from schema_changes(before[name], after[name], place.at("properties", name, label=label))


def _noun(place: Place) -> str:
    return "field" if place.returned else "parameter"


def _added(name: str, schema: Json, needed: frozenset[str], place: Place) -> Said:
    word = "required" if name in needed else "optional"
    words = f"+ {word} {_noun(place)} `{name[:80]}` ({kinds(schema)}){described(schema)}"
    if not place.returned and is_shaped(name, schema):
        return place.wider(f"{words}: {SHAPED}", "MCP312")
    return place.wider(words)


def _names(value: Json) -> frozenset[str]:
    return frozenset(item for item in value if isinstance(item, str)) if isinstance(value, list) else frozenset()


def _required(old: dict[str, Json], new: dict[str, Json], place: Place) -> Iterator[Said]:
    """Of parameters that are in both; of one that came or went it is told there."""
    before, after = (_names(side.get("required")) for side in (old, new))
    known = [side.get("properties") for side in (old, new)]
    moved = {name for side in known if isinstance(side, dict) for name in side}
    both = {name for name in moved if all(isinstance(side, dict) and name in side for side in known)}
    for name in sorted(before ^ after):
        if name in both or name not in moved:
            words = ("required", "optional") if name in before else ("optional", "required")
            inner = place.at("properties", name, label=f"{_noun(place)} `{name[:80]}`")
            yield (inner.wider if name in before else inner.narrower)(f"{words[0]}  ->  {words[1]}")


def _required_order(old: dict[str, Json], new: dict[str, Json], place: Place) -> Iterator[Said]:
    """What is left to tell of `required` where the names of both are the same, or are no names."""
    before, after = old.get("required", []), new.get("required", [])
    proper = all(isinstance(side, list) and all(isinstance(item, str) for item in side) for side in (before, after))
    if not proper:
        yield from changed("required", before, after, place.at("required"))
    elif _names(before) == _names(after):
        yield cosmetic(place.at("required"), "`required` is written otherwise")


def _open(old: Json, new: Json, place: Place) -> Iterator[Said]:
    """`additionalProperties` and its like: anything goes where they are absent."""
    before, after = (True if side is ABSENT else side for side in (old, new))
    key = place.pointer.rpartition("/")[2]
    if isinstance(before, dict) and isinstance(after, dict):
        yield from schema_changes(before, after, place)
    elif jcs(before) == jcs(after):
        yield cosmetic(place, f"`{key}` is said where it went without saying, or the other way round")
    elif after is True or before is False:
        yield place.wider(f"{key} opened: also takes what it does not name")
    elif before is True or after is False:
        yield place.narrower(f"{key} closed: takes only what it names")
    else:
        yield from changed(key, old, new, place)


def _schema(old: Json, new: Json, place: Place) -> Iterator[Said]:
    """A schema below a keyword that restricts by being there."""
    if isinstance(old, list) and isinstance(new, list):
        yield from _list(old, new, place)
    elif old is ABSENT or new is ABSENT:
        yield from presence(old, new, place)
    else:
        yield from schema_changes(old, new, place)


def _not(old: Json, new: Json, place: Place) -> Iterator[Said]:
    yield from _schema(old, new, place if ABSENT in (old, new) else place.at(inverted=True))


def _condition(old: Json, new: Json, place: Place) -> Iterator[Said]:
    yield from changed(place.pointer.rpartition("/")[2], old, new, place)


def _map(old: Json, new: Json, place: Place) -> Iterator[Said]:
    """Schemas by name, of which one more restricts."""
    if not all(side is ABSENT or isinstance(side, dict) for side in (old, new)):
        yield from _condition(old, new, place)
        return
    before, after = ({} if side is ABSENT else side for side in (old, new))
    if not before and not after:
        yield cosmetic(place, f"`{place.pointer.rpartition('/')[2]}` is empty")
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name, ABSENT), after.get(name, ABSENT)
        if one is ABSENT or other is ABSENT or jcs(one) != jcs(other):
            yield from _schema(one, other, place.at(name, label=f"{place.label} `{name[:80]}`".strip()))


def _list(old: list[Json], new: list[Json], place: Place) -> Iterator[Said]:
    """Schemas in a list. Of those that differ, the first is held against the first."""
    key = place.pointer.rpartition("/")[2]
    before, after = {jcs(item) for item in old}, {jcs(item) for item in new}
    less = [(index, item) for index, item in enumerate(old) if jcs(item) not in after]
    more = [(index, item) for index, item in enumerate(new) if jcs(item) not in before]
    for (_, one), (index, other) in zip(less, more, strict=False):
        yield from schema_changes(one, other, place.at(index))
    alternatives = key in ("anyOf", "oneOf")
    for index, item in more[len(less) :]:
        inner = place.at(index)
        yield (inner.wider if alternatives else inner.narrower)(f"`{key}` has one more: {kinds(item)}")
    for _, item in less[len(more) :]:
        yield (place.narrower if alternatives else place.wider)(f"`{key}` has one less: {kinds(item)}")
    if not less and not more:
        yield cosmetic(place, f"`{key}` is in another order, or says something twice")


def _schemas(old: Json, new: Json, place: Place) -> Iterator[Said]:
    both = isinstance(old, list) and isinstance(new, list)
    yield from _list(old, new, place) if both else presence(old, new, place)


def _default(old: Json, new: Json, place: Place) -> Iterator[Said]:
    yield place.other(f"default {shown(old)}  ->  {shown(new)}: what happens where nothing is said")


def _header(old: Json, new: Json, place: Place) -> Iterator[Said]:
    if new is ABSENT:
        yield place.narrower(f"x-mcp-header {shown(old)} is gone")
    else:
        words = f"x-mcp-header {shown(old)}  ->  {shown(new)}: what is said here also travels in that HTTP header"
        yield place.wider(words)


def _reference(old: Json, new: Json, place: Place) -> Iterator[Said]:
    if is_network_reference(new):
        words = f"$ref {shown(old)}  ->  {shown(new)}: whoever answers there decides what this means"
        yield place.other(words, "MCP309")
    else:
        yield from changed("$ref", old, new, place)


_HERE: Mapping[str, Callable[[dict[str, Json], dict[str, Json], Place], Iterator[Said]]] = {
    "properties": _properties,
    "required": _required_order,
}
_HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(("title", "description", "$comment"), text),
    **dict.fromkeys(
        ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"), bound(least=False)
    ),
    **dict.fromkeys(
        ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"), bound(least=True)
    ),
    **dict.fromkeys(("additionalProperties", "unevaluatedProperties", "additionalItems", "unevaluatedItems"), _open),
    **dict.fromkeys(("items", "contains", "propertyNames"), _schema),
    **dict.fromkeys(("patternProperties", "$defs", "definitions", "dependentSchemas"), _map),
    **dict.fromkeys(("anyOf", "oneOf", "allOf", "prefixItems"), _schemas),
    **dict.fromkeys(("const", "pattern", "format", "multipleOf", "uniqueItems", "dependentRequired"), presence),
    "enum": values,
    "type": types,
    "not": _not,
    "default": _default,
    "x-mcp-header": _header,
    "$ref": _reference,
}
