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


@dataclass(frozen=True, slots=True)
class Element:
    """A step into a list: the element equal to `value` (text), or the map whose `key` holds `value`.

    Elements are named by what they are, because an index is stale after the first edit.
    """

    value: str
    key: str = ""


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
    for item in value if isinstance(value, list) else ():
        if (isinstance(item, dict) and step.key and item.get(step.key) == step.value) or item == step.value:
            return item
    return ABSENT
