"""What every model shares: JSON values, key paths, and the strict base of documents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

Json: TypeAlias = Any  # what json.loads returns; recursive aliases cost more than they tell here


class Absence(Enum):
    """The value of a key that is not there; distinct from `null`."""

    ABSENT = "absent"


ABSENT: Final = Absence.ABSENT


ANY_KEY: Final = "*"
"""In the place of a key of an `Element`: what it says is the name of a key that the map has."""


@dataclass(frozen=True, slots=True)
class Element:
    """A step into a list: the element equal to `value` (text), or the map whose `key` holds `value`.

    Elements are named by what they are, because an index is stale after the first edit. `also`: what else such a map must
    say, where one key does not tell them apart; each is a key with a text, or with None where it must say nothing. A key
    that ends in `[]` holds a list with that text in it, one with dots leads into maps, `*` is any key: the map has one
    that is called so. Maps of which all that is true are one.
    """

    value: str
    key: str = ""
    also: tuple[tuple[str, str | None], ...] = ()

    def fits(self, item: Json) -> bool:
        """Whether it names this element of a list."""
        if not self.key:
            return bool(item == self.value)
        return isinstance(item, dict) and all(_says(item, *wanted) for wanted in ((self.key, self.value), *self.also))

    @property
    def said(self) -> Json:
        """The least element of that name; None where a list in it would have to be made up."""
        if not self.key:
            return self.value
        told = ((self.key, self.value), *self.also)
        if any(key.endswith("[]") or key == ANY_KEY for key, _ in told):
            return None
        element: dict[str, Json] = {}
        for key, text in told:
            *outer, last = key.split(".")
            inner = element
            for step in outer:
                inner = inner.setdefault(step, {})
            inner |= {} if text is None else {last: text}
        return element

    @property
    def text(self) -> str:
        """What it says, in one text, with a mark behind what is one of several."""
        told = ((self.key, self.value), *self.also)
        return "&".join(f"{value}+" if key.endswith("[]") else value for key, value in told if value is not None)


def _says(item: dict[str, Json], key: str, value: str | None) -> bool:
    if key == ANY_KEY:
        return value in item
    held = held_at(item, key)
    return (isinstance(held, list) and value in held) if key.endswith("[]") else bool(held == value)


def held_at(item: Json, key: str) -> Json:
    """What a map in a list says under a key of an `Element`; None for nothing."""
    for step in key.removesuffix("[]").split("."):
        item = item.get(step) if isinstance(item, dict) else None
    return item


class Append(Enum):
    """A step that names the place behind the last element of a list."""

    APPEND = "append"


APPEND: Final = Append.APPEND

Step: TypeAlias = str | Element | Literal[Append.APPEND]
KeyPath: TypeAlias = tuple[Step, ...]


class Document(BaseModel):
    """Base of everything that crosses disk or wire: immutable, unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Tolerant(BaseModel):
    """Base of what other versions may have written and we read back: unknown keys are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def lookup(value: Json, path: KeyPath) -> Json:
    """The value at a key path, or ABSENT."""
    for step in path:
        if isinstance(step, str):
            value = value.get(step, ABSENT) if isinstance(value, dict) else ABSENT
        elif isinstance(step, Element):
            value = _element(value, step)
        else:
            return ABSENT
        if value is ABSENT:
            return ABSENT
    return value


def _element(value: Json, step: Element) -> Json:
    return next((item for item in value if step.fits(item)), ABSENT) if isinstance(value, list) else ABSENT
