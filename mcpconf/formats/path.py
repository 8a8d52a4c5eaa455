"""A key path against a value: how far it leads, and the value that a `put` must result in."""

from __future__ import annotations

from collections.abc import Callable

from mcpconf.formats.base import MAXIMUM_DEPTH, FormatError, pointer, too_deep
from mcpconf.model.base import ABSENT, ANY_KEY, Absence, Element, Json, KeyPath, Step

_SHARED = frozenset({"", ANY_KEY})
"""Keys of an element that several of a list may have: of these the first is meant."""

Steps = tuple[str | int, ...]
Finder = Callable[[Steps], tuple[int, int] | None]


def locate(value: Json, path: KeyPath, find: Finder) -> tuple[Steps, KeyPath]:
    """Split a path into what exists, as keys and indices, and what is missing.

    Raises FormatError `container` where a step meets the wrong kind of value, `duplicate-key` where two maps in a list
    hold the same name. `find` gives the place of a value for the message.
    """
    steps: Steps = ()
    for count, step in enumerate(path):
        _fits(value, step, steps, find)
        if isinstance(step, str):
            if step not in value:
                return steps, path[count:]
            found: str | int = step
        else:
            indices = named(value, step)
            if not indices:
                return steps, path[count:]
            if len(indices) > 1 and isinstance(step, Element) and step.key not in _SHARED and not step.also:
                raise FormatError(
                    "duplicate-key",
                    f"the list at `{pointer(steps)}` has two elements whose `{step.key}` is `{step.value}`",
                    at=find((*steps, indices[1])),
                    hint="remove one of them; which one counts differs between readers",
                )
            found = indices[0]
        value = value[found]
        steps = (*steps, found)
    return steps, ()


def _fits(value: Json, step: Step, steps: Steps, find: Finder) -> None:
    kind, word = (dict, "map") if isinstance(step, str) else (list, "list")
    if not isinstance(value, kind):
        raise FormatError(
            "container",
            f"`{pointer(steps)}` is {_named(value)}, not a {word}",
            at=find(steps),
            hint=f"make it a {word}, or remove it",
        )


def _named(value: Json) -> str:
    names: dict[type, str] = {dict: "a map", list: "a list", str: "text", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def nameable(value: Json, path: KeyPath, name: str, find: Finder) -> Steps:
    """The way to a key that may be given another name.

    Raises FormatError: `container` where there is no such key, `duplicate-key` where the map has one of that name.
    """
    steps, missing = locate(value, path, find)
    if missing or not path or not isinstance(path[-1], str):
        raise FormatError("container", f"`{pointer(path)}` is no key that can be renamed", at=find(steps))
    for step in steps[:-1]:
        value = value[step]
    if name in value:
        at = find((*steps[:-1], name))
        hint = "remove or rename one of the two"
        raise FormatError("duplicate-key", f"`{pointer((*steps[:-1], name))}` is there already", at=at, hint=hint)
    return steps


def after_rename(value: Json, steps: Steps, name: str) -> Json:
    """What a document's value must be once a key has another name; shares all that does not change."""
    step, rest = steps[0], steps[1:]
    if not rest:
        return {name if key == step else key: item for key, item in value.items()}
    inner = after_rename(value[step], rest, name)
    if isinstance(step, int):
        return [*value[:step], inner, *value[step + 1 :]]
    return {**value, step: inner}


def named(value: list[Json], step: Step) -> list[int]:
    """The indices of all elements that a step names; none for a key or the place behind the last."""
    return [index for index, item in enumerate(value) if step.fits(item)] if isinstance(step, Element) else []


def built(missing: KeyPath, wanted: Json) -> Json:
    """The value at the first missing step: the wanted one inside the maps and lists that the other steps call for.

    Raises FormatError `container` for steps into an element that is plain text.
    """
    value = wanted
    for outer, step in zip(reversed(missing[:-1]), reversed(missing[1:]), strict=True):
        value = {step: value} if isinstance(step, str) else [value]
        if isinstance(outer, Element):
            if not outer.key or outer.also or not isinstance(value, dict):
                raise FormatError("container", f"`{pointer(missing)}` leads into an element that is not a map")
            value = {outer.key: outer.value, **value}
    return value


def checked(path: KeyPath, wanted: Json | Absence) -> None:
    """Raises FormatError for a value that no format takes."""
    if too_deep(wanted) or len(path) > MAXIMUM_DEPTH // 2:
        raise FormatError("container", f"the value for `{pointer(path)}` nests too deeply")


def after_put(value: Json, path: KeyPath, wanted: Json | Absence) -> Json:
    """What a document's value must be after a put that `locate` allows; shares all that does not change.

    ABSENT at an element removes every element that the step names.
    """
    if not path:
        return wanted
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        if not rest and wanted is ABSENT:
            return {key: item for key, item in value.items() if key != step}
        if step in value:
            return {**value, step: after_put(value[step], rest, wanted)}
        return value if wanted is ABSENT else {**value, step: built(path, wanted)}
    indices = named(value, step)
    if not indices:
        return value if wanted is ABSENT else [*value, built(path, wanted)]
    if not rest and wanted is ABSENT:
        gone = frozenset(indices)
        return [item for index, item in enumerate(value) if index not in gone]
    first = indices[0]
    return [*value[:first], after_put(value[first], rest, wanted), *value[first + 1 :]]
