"""What on the machine lets a server or tool act without asking, by the rules of a host's row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from mcpconf.hosts.names import normalised
from mcpconf.hosts.patterns import Bindings, Found, conditions, effect, fill, find, inside
from mcpconf.hosts.places import absolute, spelled
from mcpconf.hosts.servers import Server, entries
from mcpconf.hosts.vocabulary import IN_ENTRY, HostRow, Rule
from mcpconf.model.address import GrantAddress
from mcpconf.model.base import ABSENT, Element, Json, KeyPath, lookup
from mcpconf.model.observed import LIMITING, WIDENING, Grant, ObservedEntry, ObservedFile
from mcpconf.ports import Facts

_TOLD = WIDENING | LIMITING

_SWITCHES = frozenset({"auto", "some", "approve"})
"""Effects that, given to no server in particular, approve everything."""


def grants(row: HostRow, facts: Facts, file: ObservedFile, parsed: Json, servers: Iterable[str]) -> tuple[Grant, ...]:
    """Every grant in one parsed file. `servers` are the names that this host has or had, in any order."""
    return tuple(item for item in said(row, facts, file, parsed, servers) if item.effect in WIDENING)


def said(row: HostRow, facts: Facts, file: ObservedFile, parsed: Json, servers: Iterable[str]) -> tuple[Grant, ...]:
    """Every grant in one parsed file, and every limit in the form of one.

    A text that may mean several servers keeps them all: those that are known, or else every way to split it.
    """
    if parsed is ABSENT:
        return ()
    names = frozenset(servers)
    found: dict[tuple[KeyPath, str], Grant] = {}
    for rule in row.rules:
        known = _known(row, rule, names)
        for key, hits in _hits(row, facts, rule, file, parsed).items():
            subjects = _subjects(rule, hits, known)
            if not subjects:
                continue
            grant = _grant(row, facts, file, hits, subjects)
            write, bypass = rule.write and file.location.write, rule.bypass and grant.whole
            grant = replace(grant, write=write, bypass=bypass, single=_single(row, rule, grant))
            grant = replace(grant, patterns="tool" in rule.glob, crowd=_crowd(rule, grant, parsed))
            found.setdefault((key, grant.effect), grant)
    return tuple(found.values())


class _Hit(NamedTuple):
    """One reading of the text at one key path."""

    path: KeyPath
    value: Json
    bindings: Bindings
    effect: str
    entry: Server | None


def _hits(row: HostRow, facts: Facts, rule: Rule, file: ObservedFile, parsed: Json) -> Mapping[KeyPath, list[_Hit]]:
    groups: dict[KeyPath, list[_Hit]] = {}
    for found, entry in _found(row, facts, rule, file, parsed):
        word = effect(rule, found)
        if word in _TOLD and not _without_meaning(rule, found.bindings):
            groups.setdefault(found.path, []).append(_Hit(*found, word, entry))
    return groups


def _found(
    row: HostRow, facts: Facts, rule: Rule, file: ObservedFile, parsed: Json
) -> Iterator[tuple[Found, Server | None]]:
    """What a rule finds, with the entry that it lies in, if it does."""
    if file.location.file in rule.files:
        yield from ((found, None) for found in find(rule.at, parsed) if isinstance(found, Found))
    if IN_ENTRY in rule.files:
        for server in entries(row, facts, file.location, parsed).found:
            for found in find(rule.at, server.raw):
                if isinstance(found, Found):
                    bindings = {**found.bindings, "server": server.address.server, "project": server.address.project}
                    yield Found((*server.key_path, *found.path), found.value, bindings), server


def _without_meaning(rule: Rule, bindings: Bindings) -> bool:
    """A `*` where the host does not expand it: the rule covers nothing."""
    return "server" not in rule.glob and "*" in bindings.get("server", "")


def _known(row: HostRow, rule: Rule, names: frozenset[str]) -> Callable[[str], Sequence[str]]:
    """From a server's name in a rule to the known servers that it means, sorted."""
    plain = IN_ENTRY in rule.files or rule.at[-1] == ("[{server}]",)
    longest = row.names.longest if any("{tool}" in word for word in rule.at[-1]) else 0
    by_key = _by_key(row, names, _Spelling(plain, rule.fold, longest))
    return lambda text: by_key.get(_key(row, text, plain, rule.fold), ())


class _Spelling(NamedTuple):
    """How names stand in the texts of a rule; `longest` is 0 where they are whole."""

    plain: bool
    fold: bool
    longest: int


@lru_cache(maxsize=64)
def _by_key(row: HostRow, names: frozenset[str], spelling: _Spelling) -> Mapping[str, Sequence[str]]:
    """Made once for all files of a machine."""
    found: dict[str, list[str]] = {}
    plain, fold, longest = spelling
    for name in sorted(names):
        key = _key(row, name, plain, fold)
        found.setdefault(key[:longest] if longest else key, []).append(name)
    return {**dict(_numbered(found, longest)), **found}


def _numbered(found: Mapping[str, Sequence[str]], longest: int) -> Iterator[tuple[str, Sequence[str]]]:
    """What a host makes of the same name for the second, the third, ...: which of them that is, nobody can tell."""
    for key, names in found.items():
        for number in range(2, len(names) + 1):
            yield f"{key[: longest - len(str(number))]}{number}", names


def _key(row: HostRow, name: str, plain: bool, fold: bool) -> str:  # noqa: FBT001
    name = name if plain else normalised(row, name)
    return name.casefold() if fold else name


def _subjects(rule: Rule, hits: Iterable[_Hit], known: Callable[[str], Sequence[str]]) -> list[tuple[str, str]]:
    """(server, tool) per reading; known servers if there are any. "" stands for all of them.

    None where no known server is meant and nothing else shows that one is.
    """
    readings = [(_covered(rule, "server", hit.bindings), _covered(rule, "tool", hit.bindings)) for hit in hits]
    certain = [(name, tool) for server, tool in readings for name in known(server)]
    open_to_all = [reading for reading in readings if rule.marked or not reading[0]]
    return list(dict.fromkeys(certain or open_to_all))


def _covered(rule: Rule, hole: str, bindings: Bindings) -> str:
    if hole == "tool" and "begin" in bindings:
        return f"{bindings['begin']}*"
    text = bindings.get(hole, "")
    every = (text == "*" and hole in rule.glob) or (hole == "tool" and text == rule.every)
    return "" if every else text


def _grant(row: HostRow, facts: Facts, file: ObservedFile, hits: list[_Hit], subjects: list[tuple[str, str]]) -> Grant:
    hit, (server, tool) = hits[0], subjects[0]
    location = file.location
    project = hit.bindings.get("project", location.project)
    key = tuple(f"={step.text}" if isinstance(step, Element) else str(step) for step in hit.path)
    return Grant(
        address=GrantAddress(
            row.id, location.scope, spelled(absolute(project, facts), facts) if project else "", location.file, key
        ),
        effect=hit.effect,
        server=server,
        tool=tool,
        file=file,
        key_path=hit.path,
        value=hit.value,
        whole=hit.effect in _SWITCHES and not server and not tool,
        readings=tuple(dict.fromkeys(other for other, _ in subjects[1:] if other != server)),
        entry=hit.entry.address if hit.entry is not None else None,
        depth=len(hit.entry.key_path) if hit.entry is not None else 0,
    )


def _crowd(rule: Rule, grant: Grant, parsed: Json) -> int:
    return len(lookup(parsed, grant.key_path[:-1])) if rule.empty == "all" else 0


def _single(row: HostRow, rule: Rule, grant: Grant) -> str:
    """The text that would approve one tool of the same server, with `{tool}` in it; empty if there is none here."""
    if not grant.server:
        return ""
    name = normalised(row, grant.server)
    plain = [word for word in rule.at[-1] if not conditions(word)]
    forms = [
        inside(word) if word.startswith("[") else word for word in plain if "{server}" in word and "{tool}" in word
    ]
    return next((fill(form, {"server": name, "tool": "{tool}", "effect": ""}) for form in forms), "")


def with_approvals(servers: Iterable[ObservedEntry], granted: Iterable[Grant]) -> Iterator[ObservedEntry]:
    """Entries that know where the approvals in them lie."""
    inside: dict[tuple[str, str, KeyPath], list[KeyPath]] = {}
    for grant in granted:
        if grant.depth:
            inside.setdefault(_holder(grant), []).append(grant.key_path[grant.depth :])
    for entry in servers:
        found = inside.get((entry.address.host, entry.file.location.path, entry.key_path))
        yield replace(entry, approvals=tuple(found)) if found else entry


def in_entries(granted: Iterable[Grant], servers: Iterable[ObservedEntry]) -> Iterator[Grant]:
    """Approvals that know the address of the entry they lie in, which may have been set apart from another of its name.

    Without those in entries that are none of these servers.
    """
    addresses = {(entry.address.host, entry.file.location.path, entry.key_path): entry.address for entry in servers}
    for grant in granted:
        if not grant.depth:
            yield grant
        elif _holder(grant) in addresses:
            yield replace(grant, entry=addresses[_holder(grant)])


def _holder(grant: Grant) -> tuple[str, str, KeyPath]:
    return grant.address.host, grant.file.location.path, grant.key_path[: grant.depth]
