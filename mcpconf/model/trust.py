"""Whom a machine, or the base of a change, believes about a manifest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, WithJsonSchema

from mcpconf.errors import Problem
from mcpconf.model.written import Days, OneOrMany, Part, Sentence, refused, shape

_SSH = re.compile(
    r"(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]+={0,3}(?: [^\r\n]*)?"
)
_PGP = "-----BEGIN PGP PUBLIC KEY BLOCK-----"


def _key(value: object) -> object:
    if isinstance(value, str) and (_SSH.fullmatch(value.strip()) or value.strip().startswith(_PGP)):
        return value.strip()
    raise refused(f"must be a public key of ssh, or of OpenPGP in letters, not {shape(value)}")


def _keys(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Key: TypeAlias = Annotated[str, BeforeValidator(_key), WithJsonSchema({"type": "string", "minLength": 1})]
Signers: TypeAlias = dict[
    Sentence, Annotated[tuple[Key, ...], BeforeValidator(_keys, json_schema_input_type=OneOrMany)]
]
"""The public keys of each person, by a name for people: lines as in `id_ed25519.pub`, or OpenPGP keys in letters."""


def is_pgp(key: str) -> bool:
    return key.startswith(_PGP)


class Trust(Part):
    """With `signers`, only a manifest that one of them signed acts, and none that comes before the one applied last.

    `max_age`: for so many days after it was committed; 0 is for ever.
    """

    signers: Signers = {}
    max_age: Days = 0


@dataclass(frozen=True, slots=True)
class Signed:
    """A commit and who signed it. `day` is when it was committed, in UTC."""

    commit: str
    by: str
    day: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a manifest is not believed. `binding`: who is asked to believe it wants it signed."""

    problem: Problem
    binding: bool


Keys: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""Names of people, each with their keys."""
