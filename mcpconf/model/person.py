"""A user of a machine, as its system knows them."""

from __future__ import annotations

from typing import NamedTuple


class Person(NamedTuple):
    name: str
    uid: int
    gid: int
    home: str


class Answered(NamedTuple):
    """What a command said that ran as somebody. `code` is None if it did not run, or did not end in time; `why` tells."""

    person: Person
    code: int | None
    said: bytes = b""
    why: str = ""
