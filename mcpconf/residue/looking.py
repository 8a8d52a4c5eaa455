"""What every place is given, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mcpconf.errors import Problem, Where
from mcpconf.formats import FORMATS, FormatError, decode_text
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.base import Json
from mcpconf.model.entry import Value
from mcpconf.model.observed import Observed
from mcpconf.model.residue import Running, Severity
from mcpconf.packages import recognise, url_identity
from mcpconf.ports import Facts, Machine
from mcpconf.reconcile.gone import Gone
from mcpconf.reconcile.written import telling_word

MOST = 500
"""Files of one kind that are opened in one folder."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`digest` is that of a command line in the manifest's notation. `in_use` are variables that other servers are given.

    `policies` are files of policy that mcpconf keeps, `kept` where other servers keep what is their own,
    `programs` what they start.
    """

    machine: Machine
    rows: Mapping[str, HostRow]
    observed: Observed
    digest: Callable[[Sequence[str]], str]
    in_use: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    programs: frozenset[str] = frozenset()

    def names(self, folder: str) -> tuple[str, ...]:
        """The sorted names in a folder; none where it cannot be listed."""
        found = self.machine.files.names(folder)
        return () if isinstance(found, Problem) else found

    def digest_of(self, words: Sequence[str]) -> str:
        """Of plain words."""
        return self.digest([str(Value.literal(word)) for word in words])


class Leftover(NamedTuple):
    """`where` is a file with its line or pointer, a folder, or a process, which `process` tells more of."""

    gone: Gone
    where: str
    message: str
    instruction: str
    severity: Severity
    process: Running | None = None


class Looked(NamedTuple):
    """`skipped` tells why there was nothing to look at, "" where there was. `unsure` are identities that may be left unseen."""

    found: tuple[Leftover, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: str = ""
    unsure: frozenset[str] = frozenset()


Look = Callable[[Surroundings, Sequence[Gone]], Looked]


class Place(NamedTuple):
    """`of_secrets`: also secrets can be there that a server which stays is not given any more."""

    title: str
    look: Look
    of_secrets: bool = False


def speaks_of(text: str, item: Gone) -> bool:
    """Whether a text may be about it at all, so that most are never read in full."""
    return telling_word(item.identity) in text.casefold()


def spoken_of(text: str, wanted: Sequence[Gone]) -> list[Gone]:
    return [item for item in wanted if speaks_of(text, item)]


def read(around: Surroundings, path: str, within: str = "") -> str | Problem | None:
    """The text of a file; None if nothing is there."""
    snapshot = around.machine.files.read(path, within)
    if snapshot is None or isinstance(snapshot, Problem):
        return snapshot
    try:
        return decode_text(snapshot.data)
    except FormatError as error:
        return Problem(error.kind, error.message, Where(path, error.line, error.column), error.hint)


def read_loosely(around: Surroundings, path: str, within: str = "") -> str | Problem | None:
    """The text of a file of which only names are looked at, in whatever letters the rest of it is."""
    snapshot = around.machine.files.read(path, within)
    return snapshot if snapshot is None or isinstance(snapshot, Problem) else snapshot.data.decode("utf-8", "replace")


def own_configuration(facts: Facts) -> str:
    """The folder in which applications of a user keep their settings, one folder each."""
    match facts.os:
        case "windows":
            return facts.folder("APPDATA", f"{facts.home}/AppData/Roaming")
        case "macos":
            return f"{facts.home}/Library/Application Support"
        case _:
            return facts.folder("XDG_CONFIG_HOME", f"{facts.home}/.config")


def parsed(text: str, notation: str, path: str) -> Json | Problem:
    try:
        return FORMATS[notation].parse(text).value
    except FormatError as error:
        return Problem(error.kind, error.message, Where(path, error.line, error.column), error.hint)


_MOST_NODES = 20_000

At = tuple[str | int, ...]


def nodes(value: Json) -> Iterator[tuple[At, Json]]:
    """Everything in a value, with its path."""
    waiting: list[tuple[At, Json]] = [((), value)]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        path, node = waiting.pop()
        yield path, node
        inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        waiting += [((*path, step), each) for step, each in inner]


def maps(value: Json) -> Iterator[tuple[At, dict[str, Json]]]:
    """Every map in a value, with its path."""
    yield from ((path, node) for path, node in nodes(value) if isinstance(node, dict))


def plain(node: Mapping[str, Json]) -> tuple[str, tuple[str, ...]]:
    """The identity and command line of an entry as most hosts spell it; "" for what is none."""
    command, arguments, url = node.get("command"), node.get("args", []), node.get("url")
    words = command if isinstance(command, list) else [command, *(arguments if isinstance(arguments, list) else [])]
    argv = tuple(word for word in words if isinstance(word, str))
    if argv and len(argv) == len(words):
        return recognise(argv).identity, argv
    return (url_identity(url), ()) if isinstance(url, str) and url else ("", ())
