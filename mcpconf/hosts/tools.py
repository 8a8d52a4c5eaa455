"""Tool lists that a host keeps inside a server's entry: how they are read and written, and what of them it cannot say.

What may be called, what may not, and what acts without asking are rules of a row with `in = "entry"`. A rule is a list of
names, a map from names to words, or a switch for all tools of the server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from mcpconf.hosts.granting import wordings
from mcpconf.hosts.patterns import Blocked, Found, effect, fill, find
from mcpconf.hosts.vocabulary import IN_ENTRY, HostRow, Rule
from mcpconf.model.base import ABSENT, Json, KeyPath, lookup
from mcpconf.model.desired import Edit
from mcpconf.model.entry import Entry
from mcpconf.model.limits import MAXIMUM_TOOLS
from mcpconf.model.tools import EVERY, covers, is_pattern

_FIELDS = {"call": "call", "deny": "without", "auto": "auto", "some": "auto"}
"""From a rule's effect to the field of an entry."""

_TOOL = "{tool}"


class Lists(NamedTuple):
    """What an entry says of its tools. A field of a wrong type is None; `complaints` name its key."""

    call: tuple[str, ...] | None
    without: tuple[str, ...] | None
    auto: tuple[str, ...] | None
    complaints: tuple[str, ...] = ()


def read_lists(row: HostRow, raw: Json) -> Lists:
    """Names are sorted, and told once. An approval that holds only in part has the host's word for it behind the name."""
    complaints: list[str] = []
    call = _listed(row, "call", raw, complaints)
    without = _listed(row, "without", raw, complaints)
    return Lists(call, without, _listed(row, "auto", raw, complaints), tuple(complaints))


def _listed(row: HostRow, field: str, raw: Json, complaints: list[str]) -> tuple[str, ...] | None:
    """Without a list of what may be called, everything may; the other fields are empty then."""
    found: list[list[str]] = []
    for rule in _rules(row, field):
        names = _named(rule, field, raw)
        if names is None:
            complaints.append(rule.at[0][0])
            return None
        if field != "call" or _limits(rule, raw, names):
            found.append(names)
    return tuple(sorted({name for names in found for name in names})) if found or field != "call" else None


def list_edits(row: HostRow, entry: Entry, raw: Json) -> dict[str, tuple[Edit, ...]]:
    """Per field the edits below an entry, now `raw`, that make it say what `entry` says. What only asks is left alone."""
    wanted = {"call": entry.call, "without": entry.without or (), "auto": entry.auto or ()}
    return {
        field: tuple(edit for rule in _rules(row, field) for edit in _edits(rule, field, names, raw))
        for field, names in wanted.items()
    }


class Sayable(NamedTuple):
    """The entry as far as a host can say its tool lists. `refused`: why it must not be written at all.

    `unenforced`: limits it would not keep, by the manifest's key. `unsaid`: tools before which it asks all the same.
    `denied`: tools that it is told beside the entry never to call.
    """

    entry: Entry
    refused: tuple[str, ...] = ()
    unenforced: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()


def sayable(row: HostRow, entry: Entry) -> Sayable:
    """Losses have a direction: a limit that is lost is told or refused, an approval that is lost is only a question more."""
    call, without = None if EVERY in (entry.call or ()) else entry.call, entry.without or ()
    allow, deny = _rules(row, "call"), _rules(row, "without")
    if call is not None and allow and not any(map(is_pattern, call)) and not _takes(deny, without):
        call, without = tuple(name for name in call if not any(covers(item, name) for item in without)), ()
    refused = [*_refused(allow, call or ()), *_refused(deny, without)]
    if call == () and any(rule.empty == "all" for rule in allow):
        call = None
        if entry.enabled is not False:
            refused.append("an empty list of tools means all of them to it; `enabled: false` would say it")
    if refused:
        call, without = None, ()
    unenforced = []
    if call is not None and not allow:
        call = None
        unenforced.append("call")
    denied: tuple[str, ...] = ()
    if without and not deny:
        denied, without = without, ()
        if any(next(wordings(row, "server", name, "deny"), None) is None for name in denied):
            denied = ()
            unenforced.append("except")
    rules = _rules(row, "auto")
    auto = tuple(name for name in entry.auto or () if any(_says(rule, name) for rule in rules))
    beside = (name for name in entry.auto or () if name not in auto)
    unsaid = tuple(name for name in beside if next(wordings(row, "server", name), None) is None)
    return Sayable(
        replace(entry, call=call, without=without, auto=auto), tuple(refused), tuple(unenforced), unsaid, denied
    )


def left_out(entry: Entry, shown: Iterable[str]) -> tuple[str, ...]:
    """Those of the tools that a server shows which an entry keeps from being called, but for those that it names as such."""
    call, without = entry.call or (), entry.without or ()
    if entry.call is None or EVERY in call:
        return ()
    return tuple(sorted({name for name in shown if not any(covers(item, name) for item in (*call, *without))}))


def without_the_rest(row: HostRow, entry: Entry, shown: Iterable[str]) -> Entry:
    """For a host that can only be told what may not be called: what else the server shows is that, beside what the entry names.

    The entry as it is where the host has a list of what may be called, or no words for one of the others. A name that reads
    as a pattern would keep more from being called than it stands for.
    """
    rest = left_out(entry, shown)
    if not 0 < len(rest) <= MAXIMUM_TOOLS or any(map(is_pattern, rest)) or "call" not in sayable(row, entry).unenforced:
        return entry
    fuller = replace(entry, without=tuple(sorted({*(entry.without or ()), *rest})))
    said = sayable(row, fuller)
    return entry if said.refused or "except" in said.unenforced else fuller


def _rules(row: HostRow, field: str) -> list[Rule]:
    """Those that the user's file may say; a rule with several words is in every field that one of them belongs to."""
    return [
        rule
        for rule in row.rules
        if IN_ENTRY in rule.files and rule.write and any(_FIELDS.get(word) == field for word in rule.effect.values())
    ]


def _is_list(rule: Rule) -> bool:
    return rule.at[-1][0].startswith("[")


def _is_switch(rule: Rule) -> bool:
    return not any(_TOOL in word for step in rule.at for word in step)


def _prefix(rule: Rule) -> KeyPath:
    return tuple(step[0] for step in rule.at[:-1])


def _named(rule: Rule, field: str, raw: Json) -> list[str] | None:
    """The names under one rule that belong to a field; None where something of a wrong type is in the way."""
    if _is_list(rule) and any(not isinstance(item, str) for item in _items(rule, raw)):
        return None
    names = []
    for found in find(rule.at, raw):
        if isinstance(found, Blocked):
            return None
        word = effect(rule, found)
        if _FIELDS.get(word) == field:
            names.append(_name(rule, found, word))
    return names


def _items(rule: Rule, raw: Json) -> list[Json]:
    items = lookup(raw, _prefix(rule))
    return items if isinstance(items, list) else []


def _name(rule: Rule, found: Found, word: str) -> str:
    name = found.bindings.get("tool", EVERY)
    if name == EVERY and not _is_switch(rule) and not _is_every(rule, name):
        name = f"{EVERY} (a name)"
    elif _is_every(rule, name):
        name = EVERY
    return name if word != "some" else f"{name} ({found.value})"


def _is_every(rule: Rule, name: str) -> bool:
    return name == rule.every or (name == EVERY and "tool" in rule.glob)


def _limits(rule: Rule, raw: Json, names: list[str]) -> bool:
    """Whether a list of what may be called is there, and leaves anything out."""
    is_there = isinstance(lookup(raw, _prefix(rule)), list)
    return is_there and EVERY not in names and (bool(names) or rule.empty == "none")


def _edits(rule: Rule, field: str, wanted: tuple[str, ...] | None, raw: Json) -> Iterator[Edit]:
    names = [name for name in wanted or () if _says(rule, name)]
    if _is_list(rule):
        items = [rule.every if name == EVERY and rule.every else name for name in names]
        kept = bool(items) or (field == "call" and wanted is not None)
        yield Edit(_prefix(rule), items if kept else ABSENT)
        return
    paths = {_path(rule, name): _word(rule, field) for name in names}
    for found in find(rule.at, raw):
        if isinstance(found, Found) and found.path not in paths and _FIELDS.get(effect(rule, found)) == field:
            yield Edit(found.path, ABSENT)
    yield from (Edit(path, word) for path, word in paths.items() if lookup(raw, path) != word)


def _path(rule: Rule, name: str) -> KeyPath:
    return tuple(fill(step[0], {"tool": name}) for step in rule.at)


def _word(rule: Rule, field: str) -> Json:
    """What stands at the end of the path: the one value that counts, or the text of the effect."""
    if "" in rule.effect:
        return rule.equals
    return next(text for text, word in rule.effect.items() if word == field)


def _says(rule: Rule, name: str) -> bool:
    """Whether a rule has words for a name: one tool, all of them, or a pattern where it takes patterns."""
    if _is_switch(rule):
        return name == EVERY
    if name == EVERY:
        return bool(rule.every) or "tool" in rule.glob
    return name != rule.every and ("tool" in rule.glob or not is_pattern(name))


def _takes(rules: Iterable[Rule], names: Iterable[str]) -> bool:
    return all(any(_says(rule, name) for rule in rules) for name in names)


def _refused(rules: list[Rule], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if rules and not _takes(rules, (name,)):
            yield f"it takes no pattern such as `{name}` for tools; write their names"
