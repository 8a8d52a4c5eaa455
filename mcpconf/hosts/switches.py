"""What a host's files say beside the entries about which servers it starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mcpconf.hosts.patterns import Found, effect, find
from mcpconf.hosts.places import absolute, spelled
from mcpconf.hosts.precedence import Granted
from mcpconf.hosts.vocabulary import HostRow, Rule
from mcpconf.model.address import PLUGIN
from mcpconf.model.base import ABSENT, Json
from mcpconf.model.observed import Grant, ObservedFile, Switch
from mcpconf.ports import Facts

_WORDS = frozenset({"off", "only"})


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
        if isinstance(found, Found) and effect(rule, found) == "off":
            yield replace(_switch(row, facts, file, found), names=_names(rule, [found]), fold=rule.fold, scopes=rule.of)


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


def _switch(row: HostRow, facts: Facts, file: ObservedFile, found: Found) -> Switch:
    project = found.bindings.get("project", file.location.project)
    folder = found.bindings.get(PLUGIN) or (spelled(absolute(project, facts), facts) if project else "")
    return Switch(host=row.id, file=file, key_path=found.path, names=None, project=folder)
