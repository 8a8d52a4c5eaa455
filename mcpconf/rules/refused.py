"""Rules about entries that a host takes otherwise than they read: it refuses them, or does not know the key that switches them off."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.errors import Where
from mcpconf.model.finding import Subject
from mcpconf.model.observed import ObservedEntry
from mcpconf.reconcile.places import line_of
from mcpconf.rules.frame import Evidence, Hit, Rule


def _refused(evidence: Evidence) -> Iterator[Hit]:
    for entry, subject in _entries(evidence):
        if entry.problem is not None:
            yield _hit(entry, subject, f"`{entry.address.server}` is refused: {entry.problem.message}")


def _not_off(evidence: Evidence) -> Iterator[Hit]:
    for entry, subject in _entries(evidence):
        if switch := entry.idle_switch:
            message = f"`{switch}` looks as if `{entry.address.server}` were off, and {entry.address.host} runs it: it does not know the key"
            yield _hit(entry, subject, message)


def _entries(evidence: Evidence) -> Iterator[tuple[ObservedEntry, Subject]]:
    written = {change.address for change in evidence.draft.changes if change.writes}
    for entry in evidence.situation.observed.entries:
        yield entry, "repaired" if str(entry.address) in written else "observed"


def _hit(entry: ObservedEntry, subject: Subject, message: str) -> Hit:
    where = Where(entry.file.location.path, line_of(entry), pointer=str(entry.address))
    return Hit(subject, str(entry.address), message, where=where)


RULES = (
    Rule(
        id="MCP612",
        title="switch that the host does not know",
        severity="warning",
        threat="configuration drift",
        owasp="MCP02:2025",
        check=_not_off,
        what="An entry that says it is off, with a key that its host does not read: `disabled: true`, `enabled: false`.",
        why="Whoever wrote it believes that the server is off, and it runs.",
        example='"disabled": true in a host that has no such key',
        fix="remove the entry, or switch the server off in the host itself",
    ),
    Rule(
        id="MCP613",
        title="entry that the host refuses",
        severity="warning",
        threat="configuration drift",
        owasp="MCP09:2025",
        check=_refused,
        what="An entry that its host does not take: a value of a wrong type, an unknown type of transport, neither a command nor an address. Some hosts then read nothing else of the file.",
        why="Servers that somebody relies on do not start, often without a word; and nobody knows what a later version of the host makes of the entry.",
        example='"type": "http" where the host wants "streamableHttp"',
        fix="correct the entry, or remove it",
    ),
)
