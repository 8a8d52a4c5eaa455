"""How people write the parts of a document. Every scalar arrives as text; these types read it and say what is wrong.

A validator's message continues the sentence that begins with the key: "`servers.files.timeout` must be a whole number".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, ConfigDict, StringConstraints, WithJsonSchema

from mcpconf.model.base import Document

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHOWN, _SHOWN_OF_ONE_WORD = 80, 20


class Part(Document):
    """A map inside a document. Its validator is built only if it is made on its own, which saves start-up time."""

    model_config = ConfigDict(defer_build=True)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with one key. `at` leads from the checked value to it."""

    message: str
    hint: str = ""
    at: tuple[str | int, ...] = ()


class RefusedError(ValueError):
    """Raised by validators; carries every fault of the value they checked."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = faults


def refused(message: str, hint: str = "") -> RefusedError:
    return RefusedError(Fault(message, hint))


def shown(text: object) -> str:
    """Text from a document in backticks, cut and with invisible characters escaped, so that it can be printed.

    It is not cut within a word: of half a secret nobody could tell that it is one.
    """
    plain = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in str(text)[: _SHOWN + 1]
    )
    if len(plain) <= _SHOWN:
        return f"`{plain}`"
    return f"`{plain[:_SHOWN].rpartition(' ')[0] or plain[:_SHOWN_OF_ONE_WORD]}...`"


def shape(value: object) -> str:
    """What was found where something else must be."""
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, (list, tuple)):
        return "a list"
    return "nothing" if value is None else shown(value)


def _boolean(value: object) -> object:
    if value in ("true", "false"):
        return value == "true"
    if isinstance(value, bool):
        return value
    raise refused(f"must be `true` or `false`, not {shape(value)}")


def _integer(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"0|[1-9][0-9]{0,8}", value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise refused(f"must be a whole number, not {shape(value)}")


def _seconds(value: object) -> object:
    number = _integer(value)
    if isinstance(number, int) and 1 <= number <= 86_400:
        return number
    raise refused(f"must be between 1 and 86400 seconds, not {shape(value)}")


def _days(value: object) -> object:
    number = _integer(value)
    if isinstance(number, int) and 0 <= number <= 3_650:
        return number
    raise refused(f"must be between 0 and 3650 days, not {shape(value)}")


def _count(value: object) -> object:
    number = _integer(value)
    if isinstance(number, int) and 0 <= number <= 10:
        return number
    raise refused(f"must be between 0 and 10, not {shape(value)}")


def _day(value: object) -> object:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            date.fromisoformat(value)
        except ValueError:
            raise refused(f"is no day of the calendar: {shown(value)}") from None
        return value
    raise refused(f"must be a date such as `2027-06-30`, not {shape(value)}")


def _sentence(value: object) -> object:
    if isinstance(value, str) and value.strip():
        return value
    raise refused(f"must be text, not {'empty' if value == '' else shape(value)}")


_HOST = r"[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?"


def _host(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(_HOST, value):
        return value
    raise refused(f"must be a host such as `npm.acme.example`, not {shape(value)}")


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Boolean: TypeAlias = Annotated[bool, BeforeValidator(_boolean)]
FormatVersion: TypeAlias = Annotated[Literal[1], BeforeValidator(_integer)]
Seconds: TypeAlias = Annotated[
    int, BeforeValidator(_seconds), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 86_400})
]
Days: TypeAlias = Annotated[
    int, BeforeValidator(_days), WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 3_650})
]
Count: TypeAlias = Annotated[
    int, BeforeValidator(_count), WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 10})
]
Day: TypeAlias = Annotated[
    str, BeforeValidator(_day), WithJsonSchema({"type": "string", "pattern": f"^{_DATE.pattern}$"})
]
Sentence: TypeAlias = Annotated[str, BeforeValidator(_sentence), WithJsonSchema({"type": "string", "minLength": 1})]
Host: TypeAlias = Annotated[str, BeforeValidator(_host), WithJsonSchema({"type": "string", "pattern": f"^{_HOST}$"})]
Texts: TypeAlias = tuple[Sentence, ...]
OneOrMany: TypeAlias = Annotated[
    tuple[str, ...],
    BeforeValidator(_one_or_many),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]

Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
"""A portable server name."""
