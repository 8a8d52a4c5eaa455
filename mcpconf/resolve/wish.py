"""What is wanted of one host: a server in the manifest's words and in the host's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mcpconf.hosts.dialect import Spelled, spell
from mcpconf.hosts.tools import Sayable, sayable
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.entry import FIELDS_OF_TOOLS, FIELDS_STATED, Entry, Value
from mcpconf.model.manifest import Server
from mcpconf.packages import recognise_entry
from mcpconf.ports import Facts


@dataclass(frozen=True, slots=True)
class Wish:
    """A server in the manifest's words and in a host's: what is wanted, how it is spelled, what it is.

    `neutral` also names what the lock has to be named for this host.
    """

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


def stated(server: Server, wanted: Entry) -> Iterator[str]:
    """The fields that are owned only because the manifest says them."""
    yield from FIELDS_OF_TOOLS if server.tools is not None else ()
    others = (name for name in FIELDS_STATED if name not in FIELDS_OF_TOOLS)
    yield from (name for name in others if getattr(wanted, name) is not None)
