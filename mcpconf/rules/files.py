"""Rules about the files of hosts themselves: who may read and change them, and what of them could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.errors import Where
from mcpconf.model.finding import Severity
from mcpconf.model.plan import Drift
from mcpconf.reconcile.conclude import unknowns
from mcpconf.reconcile.drift import READ_BY_OTHERS, advice
from mcpconf.rules.frame import Evidence, Hit, Rule

_LEADS_ASTRAY = "symlink"


def _readable(evidence: Evidence) -> Iterator[Hit]:
    yield from (_of_mode(item) for item in _loose(evidence) if item.pointer == READ_BY_OTHERS)


def _changeable(evidence: Evidence) -> Iterator[Hit]:
    yield from (_of_mode(item) for item in _loose(evidence) if item.pointer != READ_BY_OTHERS)
    yield from _unread(evidence, links=True)


def _not_covered(evidence: Evidence) -> Iterator[Hit]:
    yield from _unread(evidence, links=False)


def _loose(evidence: Evidence) -> Iterator[Drift]:
    yield from (item for item in evidence.draft.drift if item.kind == "perm_drift")


def _of_mode(item: Drift) -> Hit:
    return Hit("observed", item.address, item.message, advice(item), Where(item.where), drift=item.id)


def _unread(evidence: Evidence, *, links: bool) -> Iterator[Hit]:
    """What could not be read is told as such, and moves the exit code by itself."""
    severity: Severity = "warning"
    for item in unknowns(evidence.situation, evidence.draft):
        if (item.kind == _LEADS_ASTRAY) == links:
            yield Hit("observed", item.subject, item.reason, item.hint, Where(item.where), severity=severity)


RULES = (
    Rule(
        id="MCP403",
        title="secret in a file that others may read",
        severity="warning",
        threat="credential theft",
        owasp="MCP01:2025",
        check=_readable,
        what="A file of a host that holds a secret in clear, or a sign-in, and that other users of the machine may read.",
        why="Whoever has an account on the machine, and every program that runs as another user, can take the secret.",
        example="mode 0644 on ~/.cursor/mcp.json with a token in it",
        fix="`chmod 600` the file, and write a reference in place of the secret",
    ),
    Rule(
        id="MCP604",
        title="file that others may change",
        severity="warning",
        threat="configuration drift, privilege persistence",
        owasp="MCP07:2025",
        check=_changeable,
        what="A file of a host that other users may write, that belongs to another user, or that is a link out of the home or the project.",
        why="Whoever can write the file decides which programs run as this user.",
        example="mode 0666 on ~/.codex/config.toml",
        fix="take the file over, and `chmod 600` it",
    ),
    Rule(
        id="MCP611",
        title="file that was not read",
        severity="info",
        threat="configuration drift",
        owasp="MCP08:2025",
        check=_not_covered,
        what="A file of a host that may hold servers or approvals, and could not be read or understood.",
        why="Nothing in it is known to be in order: a server that nobody approved may stand in it.",
        example="a comma that is missing in ~/.cursor/mcp.json",
        fix="put the file right where the plan points",
    ),
)
