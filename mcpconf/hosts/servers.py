"""The server entries of one parsed host file, with their addresses and key paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mcpconf.errors import Problem, Where
from mcpconf.formats import FORMATS
from mcpconf.hosts.decoding import skipped
from mcpconf.hosts.patterns import Blocked, Found, element, fill, find
from mcpconf.hosts.places import absolute, spelled
from mcpconf.hosts.vocabulary import HostRow, Place
from mcpconf.model.address import PLUGIN, Address
from mcpconf.model.base import ABSENT, Element, Json, KeyPath, lookup
from mcpconf.model.observed import Location
from mcpconf.ports import Facts


class Server(NamedTuple):
    """`rank` orders the places of the host, 0 is the strongest; `place` is the one that held the entry."""

    address: Address
    key_path: KeyPath
    raw: Json
    rank: int
    place: Place


class Servers(NamedTuple):
    """`others`: entries that are no server of a command or address, and are left alone.

    `containers`: key paths of the maps and lists that hold servers. `problems`: containers of a wrong type, behind which
    there may be servers that we cannot see; `flaws` are their key paths.
    """

    found: tuple[Server, ...] = ()
    others: tuple[Server, ...] = ()
    containers: tuple[KeyPath, ...] = ()
    problems: tuple[Problem, ...] = ()
    flaws: tuple[KeyPath, ...] = ()


def entries(row: HostRow, facts: Facts, location: Location, parsed: Json) -> Servers:
    """Every server entry in a file, in the order of the row's places. `parsed` is ABSENT for an empty file."""
    found: list[Server] = []
    others: list[Server] = []
    containers: list[KeyPath] = []
    problems: dict[KeyPath, Problem] = {}
    if parsed is ABSENT:
        return Servers()
    for rank, place in _places(row, location):
        if place.unless and lookup(parsed, (place.unless,)) is not ABSENT:
            continue
        for each in find(place.at[:-1], parsed):
            if isinstance(each, Found) and isinstance(each.value, list if element(place.at[-1][0])[0] else dict):
                containers.append(each.path)
                for path, problem in _unnamed(row, location, place, each):
                    problems.setdefault(path, problem)
        for result in find(place.at, parsed):
            if isinstance(result, Blocked):
                if _is_elsewhere(location, result):
                    continue
                problems.setdefault(result.path, _container(location, result))
            else:
                server = Server(_address(row, facts, location, place, result), result.path, result.value, rank, place)
                (others if skipped(row, server.raw) else found).append(server)
    return Servers(tuple(found), tuple(others), tuple(containers), tuple(problems.values()), tuple(problems))


def projects(row: HostRow, facts: Facts, location: Location, parsed: Json) -> tuple[str, ...]:
    """The folders that this file of the host names as projects, absolute."""
    patterns = [place.at for _, place in _places(row, location)]
    patterns += [rule.at for rule in row.rules if location.file in rule.files]
    found: dict[str, None] = {}
    for at in patterns:
        if ("{project}",) not in at:
            continue
        for result in find(at[: at.index(("{project}",)) + 1], parsed):
            if isinstance(result, Found):
                found[absolute(result.bindings["project"], facts)] = None
    return tuple(found)


def is_judged(row: HostRow, location: Location, keys: Sequence[str | int]) -> bool:
    """Whether a key path leads to where this file's servers or approvals are read, or further, or on the way."""
    patterns = [place.at for place in row.places if location.file in place.files]
    patterns += [rule.at for rule in row.rules if location.file in rule.files]
    return any(
        bool(at) and all(_fits(at[index], keys[index]) for index in range(min(len(at), len(keys)))) for at in patterns
    )


def _fits(alternatives: Sequence[str], key: str | int) -> bool:
    return any("{" in text or "[" in text or text == key for text in alternatives)


def _places(row: HostRow, location: Location) -> Iterator[tuple[int, Place]]:
    """Places that point at the file, with the rank of the file in them."""
    rank = 0
    for place in row.places:
        if location.file in place.files:
            yield rank + place.files.index(location.file), place
        rank += len(place.files)


def _is_elsewhere(location: Location, blocked: Blocked) -> bool:
    """Whether nothing is missed here: nothing is said, or a plugin names the files that hold its servers."""
    if blocked.value is None:
        return FORMATS[location.format].null_is_empty
    return location.scope == PLUGIN and isinstance(blocked.value, (str, list))


def _address(row: HostRow, facts: Facts, location: Location, place: Place, found: Found) -> Address:
    project = location.project
    if "project" in found.bindings:
        project = spelled(absolute(found.bindings["project"], facts), facts)
    server = fill(place.called, {"server": found.bindings.get("server", ""), PLUGIN: location.project})
    return Address(row.id, place.scope or location.scope, project, server)


def _unnamed(row: HostRow, location: Location, place: Place, container: Found) -> Iterator[tuple[KeyPath, Problem]]:
    """Servers that cannot be addressed, and must not be overlooked."""
    key = element(place.at[-1][0])[0]
    nameless = "a server without a name is here", "remove it, or give it a name"
    if not key:
        if "" in container.value:
            yield container.path, _wrong(location, container.path, *nameless)
        return
    seen: set[str] = set()
    for index, item in enumerate(container.value):
        name = item.get(key) if isinstance(item, dict) else None
        path = (*container.path, str(index))
        if isinstance(name, str) and name in seen:
            message = f"a second server is named `{name}` here"
            yield (*container.path, Element(name, key)), _wrong(location, path, message, "remove one, or rename it")
        elif not isinstance(name, str) or not name:
            if not skipped(row, item):
                yield container.path, _wrong(location, path, *nameless)
        else:
            seen.add(name)


def _wrong(location: Location, path: KeyPath, message: str, hint: str) -> Problem:
    where = Where(location.path, pointer=".".join(str(step) for step in path))
    return Problem("container", message, where, hint)


def _container(location: Location, blocked: Blocked) -> Problem:
    pointer = ".".join(f"={step.value}" if isinstance(step, Element) else str(step) for step in blocked.path)
    where = Where(location.path, pointer=pointer)
    hint = f"put a {blocked.needed} there, even an empty one, or remove the key"
    return Problem("container", f"a {blocked.needed} is expected here", where, hint)
