"""A host as data: what a row says, as frozen values.

A row names files by id; places (of servers) and rules (of approvals) point at files. `patterns` tells of `{holes}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from mcpconf.hosts.calls import Naming
from mcpconf.hosts.lock import HostLock
from mcpconf.hosts.version import VersionPlace
from mcpconf.model.base import Json
from mcpconf.model.entry import Transport

if TYPE_CHECKING:
    from mcpconf.hosts.keyrings import Keyring
    from mcpconf.hosts.listed import Listed
    from mcpconf.hosts.stores.place import Store

At: TypeAlias = tuple[tuple[str, ...], ...]
"""A key path pattern: per step the alternative spellings."""

PerSystem: TypeAlias = Mapping[str, str]
"""A path pattern per operating system; systems that are not in it have no such path."""

Keys: TypeAlias = tuple[str, ...]
"""Where something stands in an entry: a key, or keys that lead into each other; empty where the host has no such thing."""

FIELDS = ("command", "args", "env", "cwd", "url", "headers")
"""Fields of an entry that hold text."""

IN_ENTRY = "entry"
"""The word in a rule's `in` that means: below every server entry of this host."""


class HostFile(NamedTuple):
    """`format`: also `markdown`, the YAML in front of a text, and `sqlite`, what an application keeps in the table `ItemTable`, read as a map of JSON values. `needs`: effects that must hold for the project before the host reads the file.

    `exclusive`: if it is there, the host reads no server elsewhere. `create`: the candidate to be made where there is none.
    `listed`: it has no path of its own, other files tell where such files are. `new`: its name where the path ends in a hole. `unasked`: a command that starts what lies in it, approved or not.
    """

    id: str
    path: PerSystem
    format: str
    scope: str
    write: bool
    unasked: str
    needs: tuple[str, ...]
    exclusive: bool
    new: str
    create: bool
    lock: HostLock | None
    listed: Listed | None


class Place(NamedTuple):
    """Where servers lie. Places, and the files of a place, are listed strongest first.

    The path ends in a map key, or in the element of a list that holds the server's name. `accepts`: the host drops an
    entry here unless its address starts with this text. `called`: what the host calls the server, in which `{server}` is the
    key and `{plugin}` the plugin; with it the path may end in an entry. `unless`: a key at the top with which this is no place.
    """

    files: tuple[str, ...]
    at: At
    scope: str
    accepts: str
    called: str = "{server}"
    unless: str = ""


class Rule(NamedTuple):
    """What widens (or narrows) what a server may do without asking.

    `effect` is one word under the key "", or a word per text found at the `{effect}` hole or as the value. `equals` is the
    one value that makes the rule hold (None: any). `glob` names the holes in which `*` has a meaning. `write`: the user
    may take the grant back by editing this file. `empty`: what an empty list means. `every`: the element that stands for
    all tools, if there is one. `marked`: the text shows by itself that it is about a server; else it counts only for
    servers that are known. `of`: the scopes of the servers that it switches off, all where there are none. `bypass`: it keeps
    the host from asking before anything it does, and not only for servers. `give`: an approval is also written in these words.
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
    marked: bool
    of: tuple[str, ...]
    bypass: bool
    give: bool


class Timeout(NamedTuple):
    """How long one call may take; the host ignores a value below `minimum` (in its own unit), and refuses one above `most`.

    `whole`: it takes no fractions of its unit.
    """

    key: str
    unit: Literal["s", "ms"]
    minimum: float
    whole: bool
    most: float


class Off(NamedTuple):
    """The key that switches a server off, and the value that does. `missing`: it is off without the key, too."""

    key: str
    value: bool
    missing: bool


class OAuthKeys(NamedTuple):
    """Where the parts of an authorization stand. `client`: what the host calls itself there. `spaced`: the scopes are one text with spaces, else a list.

    `on`: what must be true before the host looks at the others. `more`: the key of the map that holds what else belongs to
    it, which stays as it is.
    """

    resource: Keys = ()
    issuer: Keys = ()
    scopes: Keys = ()
    client: Keys = ()
    spaced: bool = False
    on: Keys = ()
    more: str = ""


class Dialect(NamedTuple):
    """How an entry is spelled; an empty key means the host has no such thing.

    `words`: per transport the texts of the type key, the first is written; no text, or an empty one: the type is not
    written; a transport that is not in it cannot be said; of two with one word the first is read. `typed`: the host refuses an entry without a
    type; else `untyped` is what an address without one means. `mixed`: which of a command and an address counts, if one does. `strict`:
    a value of a wrong type makes the host reject the entry. `args` is empty where the command is a list of all words.

    `url`: the key of the address per transport; where they differ, the key tells the transport. `url_also`: further keys
    that are read first, with the transport they tell. `always`: keys written even when empty; `required`: keys without
    which the host refuses an entry with a command. `token`: the key of a bearer token itself, read and never written.
    `dropped`: variables, in upper case, that the host does not hand to a server. `nulls`: keys for which null is as if they
    were not there, also where the host is strict. `fixed`: constants of new entries, in which `{server}` is its name.
    `skip`: per key the values that make an entry no server of a command or address; no values: any, unless the entry names
    one. `lift`: maps that are read as if their keys were the entry's; what they say is written beside them, and they go.
    `known`: further keys of the host, `runtime`: those that it writes itself.
    """

    words: Mapping[Transport, tuple[str, ...]]
    type: str
    typed: bool
    untyped: Literal["http", "sse", "error"]
    mixed: Literal["command", "url", "error"]
    strict: bool
    command: str
    args: str
    env: str
    env_names: str
    url: Mapping[Transport, str]
    url_also: Mapping[str, Transport]
    headers: Keys
    header_names: str
    bearer: str
    token: str
    cwd: str
    oauth: OAuthKeys
    timeout: Timeout | None
    off: Off | None
    always: frozenset[str]
    required: frozenset[str]
    dropped: frozenset[str]
    nulls: frozenset[str]
    fixed: Mapping[str, Json]
    skip: Mapping[str, tuple[str, ...]]
    lift: Mapping[str, Mapping[str, str]]
    known: frozenset[str]
    runtime: frozenset[str]


class References(NamedTuple):
    """Templates with NAME and DEFAULT; empty means the host has no such form. One with DEFAULT or ANY ends in `}`.

    `also`: further forms of a variable that are read and never written. `reserved`: templates with ANY for other text
    that the host would replace. `fields`: where it replaces at all, which may be `oauth` too; other text is plain. `listed`: only names that stand
    in the entry's variables are replaced. `declare`: the list that must declare each name used by `secret`, as a key path
    of one step, and `declaration` the element to add there.
    """

    env: str = ""
    default: str = ""
    also: tuple[str, ...] = ()
    secret: str = ""
    workspace: str = ""
    home: str = ""
    reserved: tuple[str, ...] = ()
    fields: tuple[str, ...] = FIELDS
    listed: bool = False
    declare: str = ""
    declaration: tuple[tuple[str, Json], ...] = ()

    def of(self, field: str) -> References:
        """The forms that mean something in a field."""
        return self if field in self.fields else _PLAIN


_PLAIN = References()


class Names(NamedTuple):
    """`tool`: how a tool is called in rules. `brought`: names of servers that no file lists: of plugins, of an account.

    In `tool`, characters of the class `drop` are left out, those outside the class `keep` become `_`, and all become lower
    case where `lower` says so. `longest`: so many characters of the name stand before that of a tool, and where several
    are cut to one, a number takes the place of the last.
    """

    accepts: re.Pattern[str]
    reserved: frozenset[str]
    brought: re.Pattern[str]
    tool: str
    drop: str
    keep: str
    lower: bool
    longest: int


class Sandbox(NamedTuple):
    """What the host itself shuts servers in with. `lacks`: what of the permissions it would not keep, in words."""

    lacks: str


class Policy(NamedTuple):
    """A file by which an administrator keeps this host to approved servers. `format` names the module that writes it.

    `whole`: the file holds nothing else, and is mcpconf's own. `also`: what stands beside the lists so that they hold.
    `at`: where the servers lie in it. `exclusive`: if it is there, the host starts no server of another file. `tells`: how the host decides, in words.
    `auto`: what is on the list acts without asking. `registry`: it needs the address of a registry. `lacks`: what it cannot say, or does not hold against, in words.
    """

    id: str
    format: str
    path: PerSystem
    syntax: str
    whole: bool
    also: Mapping[str, Json]
    at: tuple[str, ...]
    exclusive: bool
    tells: str
    auto: bool
    registry: bool
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HostRow:
    """One host. `merge`: what the host does with one name in two places: the strongest entry, all keys, or both run.

    `document`: what a file with servers must say beside them; written where it does not. `bad_entry`: what the host reads no more because of one entry that it refuses: that entry, its whole file, or anything at all. `calls`: how its model and its user call what servers show. `opened`: files that each name a folder that was opened in it.
    """

    id: str
    title: str
    docs: str
    checked: str
    merge: Literal["entry", "keys", "both"]
    bad_entry: Literal["entry", "file", "host"]
    document: Mapping[str, Json]
    present: tuple[str, ...]
    not_read: tuple[str, ...]
    base: Mapping[str, PerSystem]
    files: Mapping[str, HostFile]
    places: tuple[Place, ...]
    rules: tuple[Rule, ...]
    dialect: Dialect
    references: References
    names: Names
    calls: Naming
    windows_wrap: tuple[str, ...]
    sandbox: Sandbox | None
    opened: PerSystem
    version: VersionPlace
    policies: tuple[Policy, ...] = ()
    stores: tuple[Store, ...] = ()
    keyring: Keyring | None = None
