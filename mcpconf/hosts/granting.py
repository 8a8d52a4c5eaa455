"""Approvals and limits that a host keeps in files beside its servers: where one would stand, and as what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from mcpconf.hosts.names import normalised
from mcpconf.hosts.patterns import conditions, holes, steps
from mcpconf.hosts.vocabulary import IN_ENTRY, HostRow, Rule
from mcpconf.model.base import Element, Json, KeyPath
from mcpconf.model.tools import EVERY, is_pattern

Wanted = Literal["auto", "deny"]

_KNOWN = frozenset({"server", "tool", "effect"})


class Wording(NamedTuple):
    """One rule's words for an approval or a limit: the value at a key path in one of these files, the strongest first."""

    files: tuple[str, ...]
    path: KeyPath
    value: Json


def wordings(row: HostRow, name: str, tool: str, effect: Wanted = "auto") -> Iterator[Wording]:
    """How the host is told not to ask before a tool of a server, or never to call it, once for each of its programs that has words for it.

    `tool` may be `*` or a pattern. A rule that would let more act, or that needs what only the host knows, has no words.
    """
    bindings = {"server": normalised(row, name), "tool": tool}
    done: set[tuple[str, ...]] = set()
    for rule in row.rules:
        pattern = is_pattern(tool) and tool != EVERY and "tool" not in rule.glob
        writable = rule.write and rule.give and any(row.files[name].write for name in rule.files if name in row.files)
        if IN_ENTRY in rule.files or not writable or pattern or rule.files in done:
            continue
        at, word = _spelling(rule, tool), next((text for text, is_ in rule.effect.items() if is_ == effect), None)
        if at is None or word is None:
            continue
        path = steps(at, {**bindings, "effect": word})
        last, in_key = path[-1], any("effect" in holes(step[0]) for step in at)
        value = last.said if isinstance(last, Element) else rule.equals if in_key or not word else word
        if value is not None:
            done.add(rule.files)
            yield Wording(rule.files, path, value)


def _spelling(rule: Rule, tool: str) -> tuple[tuple[str, ...], ...] | None:
    """The one spelling of each step that names the server and the tool, or the server alone where every tool is meant."""
    wanted = {"server"} if tool == EVERY and _can_name_server_alone(rule) else {"server", "tool"}
    if tool == EVERY and "tool" in wanted and "tool" not in rule.glob:
        return None
    chosen = tuple(
        (max(step, key=lambda word: len(wanted & holes(word)) - len(holes(word) - wanted)),) for step in rule.at
    )
    found = frozenset[str]().union(*(holes(step[0]) for step in chosen))
    inside_a_map = any(conditions(step[0]) for step in chosen[:-1])
    return chosen if wanted <= found <= _KNOWN and not (found - wanted - {"effect"}) and not inside_a_map else None


def _can_name_server_alone(rule: Rule) -> bool:
    return any("server" in holes(word) and "tool" not in holes(word) for word in rule.at[-1])
