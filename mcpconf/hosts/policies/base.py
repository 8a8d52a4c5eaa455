"""What every format of a policy shares."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from mcpconf.hosts.vocabulary import HostRow, Policy
from mcpconf.model.base import ABSENT, Json, KeyPath, lookup
from mcpconf.model.desired import Edit


class Launched(NamedTuple):
    """A server as a host starts or reaches it: all that a policy can look at. `url` is empty where there is a command."""

    name: str
    command: tuple[str, ...] = ()
    url: str = ""

    @property
    def thing(self) -> tuple[tuple[str, ...], str]:
        """What runs, whatever it is called."""
        return self.command, self.url


class Approved(NamedTuple):
    """`raw` is the entry as the host's own files spell it. `open`: the host finds out a part of its words by itself.

    `asks`: some tool of it must not act without asking.
    """

    launched: Launched
    raw: Json
    open: bool = False
    asks: bool = True


class Wanted(NamedTuple):
    """What a policy is made of. `registry` is the address of a registry that lists the approved servers, or ""."""

    row: HostRow
    policy: Policy
    approved: Sequence[Approved]
    denied: Sequence[Launched] = ()
    registry: str = ""


Runs = Callable[[Launched], Launched | None]
"""What the host starts where a user asks for this: that, what the policy has under its name, or nothing."""


class Format(NamedTuple):
    """One kind of policy. `by_name`: it goes by what a server is called, so that one name can be one server only.

    `refused` tells why a server cannot be put in words of the format, or "". `read` raises UnsafePolicyError for a
    document that the vendor would read otherwise than it looks.
    """

    refused: Callable[[Approved], str]
    render: Callable[[Wanted], tuple[Edit, ...]]
    read: Callable[[Wanted, Json], Runs]
    by_name: bool = True


class UnsafePolicyError(ValueError):
    """A policy that its vendor would drop, in part or whole, without a word, or that lets everything in."""


OPEN = "its host finds out a part of its command or address by itself, and the policy compares plain text"


def refused_if_open(server: Approved) -> str:
    return OPEN if server.open else ""


def launched(row: HostRow, name: str, raw: Json) -> Launched:
    """An entry of a host's file as it is started."""
    dialect = row.dialect
    if not isinstance(raw, dict):
        raise UnsafePolicyError(f"`{name}` is no map")
    url = next((raw[key] for key in (*dialect.url_also, *dialect.url.values()) if key and raw.get(key)), "")
    words = raw.get(dialect.command, [])
    args = raw.get(dialect.args, []) if dialect.args else []
    command = [words, *args] if isinstance(words, str) and isinstance(args, list) else words
    if not isinstance(url, str) or not isinstance(command, list) or not all(isinstance(word, str) for word in command):
        raise UnsafePolicyError(f"`{name}` has a command or an address that is no text")
    if bool(url) == bool(command) or not (url or command[0]):
        raise UnsafePolicyError(f"`{name}` must have either a command or an address")
    return Launched(name, tuple(command), url)


def value_at(document: Json, path: KeyPath, kind: type, *, what: str) -> Json:
    """What must be there, of the type that its vendor reads; another type is dropped without a word."""
    value = lookup(document, path)
    if value is ABSENT:
        raise UnsafePolicyError(f"`{dotted(path)}` is missing: without it {what}")
    if type(value) is not kind:
        raise UnsafePolicyError(f"`{dotted(path)}` is a {type(value).__name__}, not a {kind.__name__}: {what}")
    return value


def only(document: Json, known: Collection[str], *, what: str) -> None:
    """Refuse keys that a vendor does not know, where it drops the rest because of them."""
    unknown = sorted(set(document) - set(known))
    if unknown:
        raise UnsafePolicyError(f"`{unknown[0]}` is unknown there: {what}")


def constants(wanted: Wanted) -> tuple[Edit, ...]:
    return tuple(Edit((key,), value) for key, value in wanted.policy.also.items())


def check_constants(wanted: Wanted, document: Json) -> None:
    for key, value in wanted.policy.also.items():
        found = value_at(document, (key,), type(value), what="users widen the list")
        if found != value:
            raise UnsafePolicyError(f"`{key}` is not `{value}`: users widen the list")


def dotted(path: KeyPath) -> str:
    return ".".join(map(str, path))


def texts(value: Sequence[Json], *, where: str, what: str) -> tuple[str, ...]:
    for item in value:
        if not isinstance(item, str):
            raise UnsafePolicyError(f"`{where}` holds something that is no text: {what}")
    return tuple(value)


def definitions(row: HostRow, document: Json, path: KeyPath) -> Mapping[str, Launched]:
    """The servers that a file of policy itself brings."""
    found = value_at(document, path, dict, what="nothing is defined")
    return {name: launched(row, name, raw) for name, raw in found.items()}
