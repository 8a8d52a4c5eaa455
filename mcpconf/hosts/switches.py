"""What a host's files say beside the entries about which servers it starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mcpconf.hosts.patterns import Found, effect, find
from mcpconf.hosts.places import absolute, spelled
from mcpconf.hosts.precedence import Granted, is_in
from mcpconf.hosts.vocabulary import HostRow, Rule
from mcpconf.model.address import PLUGIN, Address
from mcpconf.model.base import ABSENT, Element, Json, lookup
from mcpconf.model.observed import Grant, ObservedFile, Switch
from mcpconf.ports import Facts

_WORDS = frozenset({"off", "on", "only"})


def switches(row: HostRow, facts: Facts, file: ObservedFile, parsed: Json) -> Iterator[Switch]:
    """The switches in one parsed file. One that names no server is about all of them."""
    if parsed is ABSENT:
        return
    for rule in row.rules:
        if file.location.file in rule.files and not _WORDS.isdisjoint(rule.effect.values()):
            is_list = "only" in rule.effect.values()
            yield from _only(row, facts, rule, file, parsed) if is_list else _off(row, facts, rule, file, parsed)


def obeyed(row: HostRow, found: Iterable[Switch], grants: Iterable[Grant]) -> Iterator[Switch]:
    """Those in files that the host reads: some it reads in folders only that somebody trusts."""
    trusted = Granted(row, grants)
    for switch in found:
        location = switch.file.location
        if not trusted.lacks(location.file, location.project, ""):
            yield switch


def _off(row: HostRow, facts: Facts, rule: Rule, file: ObservedFile, parsed: Json) -> Iterator[Switch]:
    for found in find(rule.at, parsed):
        word = effect(rule, found) if isinstance(found, Found) else ""
        if isinstance(found, Found) and word in _WORDS:
            told = _switch(row, facts, file, found)
            yield replace(
                told,
                names=_names(rule, [found]),
                fold=rule.fold,
                scopes=rule.of,
                on=word == "on",
                strength=_strength(rule, file, found, parsed),
            )


def _only(row: HostRow, facts: Facts, rule: Rule, file: ObservedFile, parsed: Json) -> Iterator[Switch]:
    """The list is the switch, whatever is in it."""
    for found in find(rule.at[:-1], parsed):
        if isinstance(found, Found) and isinstance(found.value, list) and (found.value or rule.empty == "none"):
            inside = [item for item in find(rule.at[-1:], found.value) if isinstance(item, Found)]
            names = _names(rule, inside) or frozenset()
            yield replace(_switch(row, facts, file, found), names=names, only=True, fold=rule.fold, scopes=rule.of)


def _names(rule: Rule, found: Sequence[Found]) -> frozenset[str] | None:
    """None where the rule has no place for a name."""
    names = [item.bindings["server"] for item in found if "server" in item.bindings]
    return frozenset(name.casefold() if rule.fold else name for name in names) if names else None


def _strength(rule: Rule, file: ObservedFile, found: Found, parsed: Json) -> int:
    """Of files, the first that the rule names is the strongest; of the words in one list, the last."""
    last = found.path[-1]
    place = lookup(parsed, found.path[:-1]).index(last.value) if isinstance(last, Element) and not last.key else 0
    return rule.files.index(file.location.file) - int(place)


def _switch(row: HostRow, facts: Facts, file: ObservedFile, found: Found) -> Switch:
    location = file.location
    own = location.project if location.scope == PLUGIN else ""
    plugin = found.bindings.get(PLUGIN, own)
    folder = found.bindings.get("project", "" if own else location.project)
    below = False
    if "folder" in found.bindings:
        inner = found.bindings["folder"]
        below, folder = (
            inner.endswith("*"),
            inner.removesuffix("*") if facts.os == "windows" else f"/{inner}".removesuffix("*"),
        )
    path = absolute(folder, facts) if folder else ""
    everywhere = below and is_in(facts.home, path)
    project = "" if everywhere or not path else spelled(path, facts)
    return Switch(row.id, file, found.path, names=None, project=project, plugin=plugin, below=below)


def keeping_off(found: Iterable[Switch], address: Address, folder: str) -> Switch | None:
    """What keeps a server off in a folder, or for a user in none; None where nothing does."""
    there = [switch for switch in found if switch.stops(address) and holds(switch, folder)]
    about_all = sorted((switch for switch in there if switch.plugin), key=lambda switch: switch.strength)
    words = [*about_all[:1], *(switch for switch in there if not switch.plugin)]
    return next((switch for switch in words if not switch.on), None)


def holds(switch: Switch, folder: str) -> bool:
    """Whether what a switch says is said of a folder."""
    return switch.project in ("", folder) or (switch.below and bool(folder) and is_in(folder, switch.project))
