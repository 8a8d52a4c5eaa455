"""A host as data: what a row says, as frozen values.

A row names files by id; places (where servers lie) and rules (where approvals lie) point at files. Patterns with
`{holes}` describe paths, keys and list elements alike (see `patterns`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from mcpconf.model.base import Json
from mcpconf.model.entry import Transport

At: TypeAlias = tuple[tuple[str, ...], ...]
"""A key path pattern: per step the alternative spellings."""

PerSystem: TypeAlias = Mapping[str, str]
"""A path pattern per operating system; systems that are not in it have no such path."""

IN_ENTRY = "entry"
"""The word in a rule's `in` that means: below every server entry of this host."""


class HostFile(NamedTuple):
    """`needs`: effects that must hold for the project before the host reads the file.

    `exclusive`: if the file is there, the host reads no server from anywhere else.
    """

    id: str
    path: PerSystem
    format: str
    scope: str
    write: bool
    needs: tuple[str, ...]
    exclusive: bool


class Place(NamedTuple):
    """Where servers lie. Places, and the files of a place, are listed strongest first.

    `accepts`: the host drops an entry here unless its address starts with this text.
    """

    files: tuple[str, ...]
    at: At
    scope: str
    accepts: str


class Rule(NamedTuple):
    """What widens (or narrows) what a server may do without asking.

    `effect` is one word under the key "", or a word per text found at the `{effect}` hole or as the value. `equals` is the
    one value that makes the rule hold (None: any). `glob` names the holes in which `*` has a meaning. `write`: the user
    may take the grant back by editing this file. `empty`: what an empty list means. `every`: the element that stands for
    all tools, if there is one.
    """

    effect: Mapping[str, str]
    files: tuple[str, ...]
    at: At
    equals: Json
    glob: frozenset[str]
    fold: bool
    write: bool
    empty: Literal["none", "all"]
    every: str


class Timeout(NamedTuple):
    """How long one call may take; the host ignores a value below `minimum` (in its own unit)."""

    key: str
    unit: Literal["s", "ms"]
    minimum: float


class Off(NamedTuple):
    """The key that switches a server off, and the value that does."""

    key: str
    value: bool


class Dialect(NamedTuple):
    """How an entry is spelled; an empty key means the host has no such thing.

    `words`: per transport the texts of the type key, the first is written; no texts: the type is not written; a transport
    that is not in it cannot be said. `untyped`: what an address without a type means. `mixed`: what a command next to an
    address means. `strict`: a value of a wrong type makes the host reject the entry. `known`: further keys of the host,
    `runtime`: those that it writes itself.
    """

    words: Mapping[Transport, tuple[str, ...]]
    type: str
    untyped: Literal["http", "sse", "error"]
    mixed: Literal["command", "error"]
    strict: bool
    command: str
    args: str
    env: str
    env_names: str
    url: str
    headers: str
    header_names: str
    bearer: str
    cwd: str
    oauth: str
    timeout: Timeout | None
    off: Off | None
    known: frozenset[str]
    runtime: frozenset[str]


class References(NamedTuple):
    """Templates with NAME and DEFAULT, each ending in `}`; empty means the host has no such form.

    `reserved`: a template with ANY for other text that the host would replace. `declare`: the list that must declare each
    name used by `secret`, as a key path of one step, and `declaration` the element to add there.
    """

    env: str = ""
    default: str = ""
    secret: str = ""
    workspace: str = ""
    home: str = ""
    reserved: str = ""
    declare: str = ""
    declaration: tuple[tuple[str, Json], ...] = ()


class Names(NamedTuple):
    """`tool`: how a tool is called in rules; in it, characters outside the class `keep` become `_`."""

    accepts: re.Pattern[str]
    reserved: frozenset[str]
    tool: str
    keep: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HostRow:
    """One host. `merge`: what the host does with one name in two places: the strongest entry, all keys, or both run."""

    id: str
    title: str
    docs: str
    checked: str
    merge: Literal["entry", "keys", "both"]
    present: tuple[str, ...]
    not_read: tuple[str, ...]
    base: Mapping[str, PerSystem]
    files: Mapping[str, HostFile]
    places: tuple[Place, ...]
    rules: tuple[Rule, ...]
    dialect: Dialect
    references: References
    names: Names
    windows_wrap: tuple[str, ...]
