"""`allowedMcpServers` and `deniedMcpServers`: lists of maps with one key each, `serverCommand`, `serverUrl` or `serverName`.

Of a map with two keys, a list of a wrong type or an entry of one, the vendors drop the part or the whole without a word; in
the list of what is denied that lets the server in (run on Linux, 2.1.329). `*` in an address stands for any text, an address without
a path for every path, and `$` for a variable of whoever starts the host (https://code.claude.com/docs/en/managed-mcp, 2026-11).
A name is what a user calls a server, so that none is ever written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias
from urllib.parse import urlsplit

from mcpconf.hosts.policies.base import (
    Approved,
    Format,
    Launched,
    Runs,
    UnsafePolicyError,
    Wanted,
    check_constants,
    constants,
    only,
    refused_if_open,
    value_at,
)
from mcpconf.model.base import Json
from mcpconf.model.desired import Edit

ALLOWED, DENIED = "allowedMcpServers", "deniedMcpServers"
_COMMAND, _URL = "serverCommand", "serverUrl"
_SPECIAL = "*$"

Thing: TypeAlias = tuple[tuple[str, ...], str]
"""A command line, or an address."""


def _refused(server: Approved) -> str:
    launched = server.launched
    if any("$" in text for text in (*launched.command, launched.url)):
        return "`$` in a policy stands for a variable of whoever starts the host"
    if "*" in launched.url:
        return "`*` in the address of a policy stands for any text"
    return refused_if_open(server)


def _render(wanted: Wanted) -> tuple[Edit, ...]:
    allowed = dict.fromkeys(item.launched.thing for item in wanted.approved)
    denied = dict.fromkeys(item.thing for item in wanted.denied if _sayable(item))
    edits = [*constants(wanted), Edit((ALLOWED,), [_matcher(*thing) for thing in allowed])]
    return (*edits, Edit((DENIED,), [_matcher(*thing) for thing in denied])) if denied else tuple(edits)


def _sayable(server: Launched) -> bool:
    return not any(sign in text for text in (*server.command, server.url) for sign in _SPECIAL)


def _matcher(command: tuple[str, ...], url: str) -> Json:
    return {_URL: url} if url else {_COMMAND: list(command)}


def _read(wanted: Wanted, document: Json) -> Runs:
    if not isinstance(document, dict):
        raise UnsafePolicyError("it is no map")
    if wanted.policy.whole:
        only(document, (ALLOWED, DENIED, *wanted.policy.also), what="it is dropped without a word")
    check_constants(wanted, document)
    allowed = _Listed(_things(document, ALLOWED))
    denied = _Listed(_things(document, DENIED) if DENIED in document else ())

    def runs(server: Launched) -> Launched | None:
        return server if allowed.has(server) and not denied.has(server) else None

    return runs


class _Listed:
    def __init__(self, things: Iterable[Thing]) -> None:
        known = [*things]
        self._commands = {command for command, url in known if not url}
        self._urls = [url for _, url in known if url]

    def has(self, server: Launched) -> bool:
        if not server.url:
            return server.command in self._commands
        return any(_covers(url, server.url) for url in self._urls)


def _things(document: Json, key: str) -> Iterator[Thing]:
    for number, item in enumerate(value_at(document, (key,), list, what="every server runs"), 1):
        where = f"{key}[{number}]"
        if not isinstance(item, dict) or len(item) != 1:
            raise UnsafePolicyError(f"`{where}` is no map with one key: it is dropped without a word")
        ((kind, value),) = item.items()
        if kind == _URL and isinstance(value, str) and urlsplit(value).scheme and not _special(value):
            yield (), value
        elif kind == _COMMAND and isinstance(value, list) and value and all(isinstance(word, str) for word in value):
            if any("$" in word for word in value):
                raise UnsafePolicyError(f"`{where}` has a `$`: whoever starts the host says what it stands for")
            yield tuple(value), ""
        else:
            raise UnsafePolicyError(f"`{where}` is neither one plain address nor one command line")


def _special(url: str) -> bool:
    return any(sign in url for sign in _SPECIAL)


def _covers(url: str, other: str) -> bool:
    """An address without a path stands for all that its server has; the case of its name does not count."""
    listed, asked = urlsplit(url), urlsplit(other)
    if (listed.scheme, listed.netloc.lower()) != (asked.scheme, asked.netloc.lower()):
        return False
    return listed.path in ("", "/") or listed[2:] == asked[2:]


FORMAT = Format(_refused, _render, _read, by_name=False)
