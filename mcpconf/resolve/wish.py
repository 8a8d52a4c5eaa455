"""What is wanted of one host: a server in the manifest's words and in the host's."""

from __future__ import annotations

from dataclasses import dataclass

from mcpconf.hosts.dialect import Spelled, spell
from mcpconf.hosts.tools import Sayable, sayable
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.entry import Entry, Value
from mcpconf.packages import recognise_entry
from mcpconf.ports import Facts


@dataclass(frozen=True, slots=True)
class Wish:
    """A server in the manifest's words and in a host's: what is wanted, how it is spelled, what it is."""

    neutral: Entry
    said: Sayable
    words: Spelled
    identity: str

    @property
    def wanted(self) -> Entry:
        return self.said.entry

    @property
    def names_workspace(self) -> bool:
        entry = self.wanted
        values = (*entry.argv, *entry.env.values(), entry.url, *entry.headers.values(), entry.cwd or Value())
        return any(reference.kind == "workspace" for value in values for reference in value.references)


def wished(row: HostRow, neutral: Entry, facts: Facts, scope: str, project: str) -> Wish:
    said = sayable(row, neutral)
    words = spell(row, said.entry, facts, scope, project)
    return Wish(neutral, said, words, recognise_entry(words.entry).identity)
