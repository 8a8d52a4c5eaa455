"""An approval in the words that its host has for a server of another name."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.hosts.names import normalised
from mcpconf.hosts.patterns import fill, inside, readings
from mcpconf.hosts.vocabulary import IN_ENTRY, HostRow, Rule
from mcpconf.model.base import Element, KeyPath, Step
from mcpconf.model.observed import Grant

_DERIVED = "hash"
"""What the host makes of an entry: nobody else can say what it is for another one."""


def respelled(row: HostRow, grant: Grant, name: str, others: frozenset[str]) -> KeyPath | None:
    """The key path of the same approval for `name`; None where the row does not tell, or one of the others could be meant."""
    if grant.readings or not grant.server:
        return None
    for rule in row.rules:
        if grant.file.location.file in rule.files and IN_ENTRY not in rule.files:
            path = _path(row, rule, grant, name, others)
            if path is not None and path != grant.key_path:
                return path
    return None


def _path(row: HostRow, rule: Rule, grant: Grant, name: str, others: frozenset[str]) -> KeyPath | None:
    if len(rule.at) != len(grant.key_path):
        return None
    form = _Form(row, rule)
    steps: list[Step] = []
    for alternatives, step in zip(rule.at, grant.key_path, strict=True):
        text = step.value if isinstance(step, Element) else step
        if not isinstance(text, str) or (isinstance(step, Element) and step.key):
            return None
        new = form.text(alternatives, text, (grant.server, grant.tool), name)
        if new is None or (new != text and form.means(alternatives, new, others - {grant.server, name})):
            return None
        steps.append(Element(new) if isinstance(step, Element) else new)
    return tuple(steps)


class _Form:
    """How names stand in one rule."""

    def __init__(self, row: HostRow, rule: Rule) -> None:
        self._row = row
        self._rule = rule
        self._plain = rule.at[-1] == ("[{server}]",)

    def text(self, alternatives: tuple[str, ...], text: str, meant: tuple[str, str], name: str) -> str | None:
        """A step as it is for another name; the same text where no name is in it."""
        for pattern in map(_inner, alternatives):
            for found in readings(pattern, text):
                if "server" not in found:
                    return text
                right = self._key(found["server"]) == self._key(self._spelled(meant[0]))
                if right and found.get("tool", "").strip("*") == meant[1].strip("*") and _DERIVED not in found:
                    return fill(pattern, {**found, "server": self._spelled(name)})
        return None

    def means(self, alternatives: tuple[str, ...], text: str, others: frozenset[str]) -> bool:
        """Whether a text could be about one of the others."""
        known = {self._key(self._spelled(other)) for other in others}
        return any(self._key(server) in known for server in self._servers(alternatives, text))

    def _servers(self, alternatives: tuple[str, ...], text: str) -> Iterator[str]:
        for pattern in map(_inner, alternatives):
            yield from (found["server"] for found in readings(pattern, text) if "server" in found)

    def _spelled(self, name: str) -> str:
        return name if self._plain else normalised(self._row, name)

    def _key(self, text: str) -> str:
        return text.casefold() if self._rule.fold else text


def _inner(pattern: str) -> str:
    return inside(pattern) if pattern.startswith("[") else pattern
