"""Variables that only a server that is gone was given, and that are still set somewhere. Names only, never what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mcpconf.errors import Problem
from mcpconf.model.address import Address
from mcpconf.model.commands import typed
from mcpconf.model.process import Standing
from mcpconf.ports import OperatingSystem
from mcpconf.reconcile.gone import Gone, Taken
from mcpconf.reconcile.situation import Situation
from mcpconf.residue.assignments import Setter, setters
from mcpconf.residue.looking import Leftover, Looked, Surroundings, read_loosely


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    """A secret that another server is given too, or a name under which no secret is kept, is left alone."""
    wanted = {name: item for item in gone for name in item.secrets if name not in around.in_use}
    found: list[Leftover] = []
    problems: list[Problem] = []
    for setter in setters(around) if wanted else ():
        text = read_loosely(around, setter.path, setter.within)
        told = setter.names(text) if isinstance(text, str) and any(name in text for name in wanted) else text
        if isinstance(told, Problem):
            problems.append(told)
        elif told is not None and not isinstance(told, str):
            places = dict.fromkeys((item.name, item.at) for item in told if item.name in wanted)
            found += (_told(setter, wanted, name, at) for name, at in places)
    standing = around.machine.processes.standing(*sorted(wanted)) if wanted else ()
    if isinstance(standing, Problem):
        unsure = frozenset(item.mark for item in wanted.values())
        return Looked(tuple(found), (*problems, standing), unsure=unsure)
    found += (_stands(around.machine.facts.os, wanted[item.name], item) for item in standing)
    return Looked(tuple(found), tuple(problems))


_LASTS = {
    "session": ("the session of this user", "for all that this session starts"),
    "user": ("the registry, for this user", "for every program of this user"),
    "machine": ("the registry, for all users", "for every program of this machine"),
}
_KEYS = {
    "user": r"HKCU\Environment",
    "machine": r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment",
}


def _stands(system: OperatingSystem, item: Gone, standing: Standing) -> Leftover:
    """What was set by hand, which no file tells."""
    where, whom = _LASTS[standing.by]
    message = f"`{standing.name}` was given to `{item.title}` alone, and is still set {whom}"
    if standing.by == "session":
        unset = ("launchctl", "unsetenv") if system == "macos" else ("systemctl", "--user", "unset-environment")
        return Leftover(item, where, message, typed(*unset, standing.name), "medium")
    do = f'`reg delete "{_KEYS[standing.by]}" /v {standing.name}`' + " as an administrator" * (standing.by == "machine")
    return Leftover(item, where, message, f"{do}, and sign out and in again", "medium")


def _told(setter: Setter, wanted: Mapping[str, Gone], name: str, at: str) -> Leftover:
    item, where = wanted[name], f"{setter.path}{at}"
    message = f"`{name}` was given to `{item.title}` alone, and is still set {setter.words}"
    return Leftover(item, where, message, f"take `{name}` out of {where}", "low" if setter.within else "medium")


def in_use(situation: Situation, taken: Taken) -> frozenset[str]:
    """Names that entries of other servers have or refer to, on the machine or in the manifest.

    What an entry had that is not given a secret any more does not count, only what it is to have.
    """
    narrowed = {str(Address.parse(item.address).part("")) for item in taken.secrets}
    return frozenset(_in_use(situation, {item.identity for item in taken.gone}, narrowed))


def _in_use(situation: Situation, left: set[str], narrowed: set[str]) -> Iterator[str]:
    known = [
        (found.identity, found.entry) for found in situation.observed.entries if str(found.address) not in narrowed
    ]
    known += [(found.identity, found.entry) for found in situation.desired.entries]
    for identity, entry in known:
        if identity not in left:
            yield from entry.env
            values = (*entry.env.values(), *entry.headers.values(), *entry.argv, entry.url)
            yield from (reference.name for value in values for reference in value.references)
