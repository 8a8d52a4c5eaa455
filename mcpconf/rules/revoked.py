"""Rules about what was taken away, and is there all the same."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.errors import Where
from mcpconf.model.change import Change
from mcpconf.model.residue import Residue
from mcpconf.reconcile.takeback import KEEPS
from mcpconf.rules.frame import Evidence, Hit, Rule

_REVOKED = {
    "revoked": "was revoked",
    "revoked_and_changed": "was revoked, and changed by hand since",
    "revoked_elsewhere": "was revoked in another place",
    "revoked_locally": "was revoked on this machine",
    "must_be_absent": "must not be on any machine",
}


def _persists(evidence: Evidence) -> Iterator[Hit]:
    for change in evidence.draft.changes:
        if change.writes and change.reason in _REVOKED:
            yield _ended(change)
    sign_ins = {str(grant.address) for grant in evidence.situation.observed.grants if grant.effect == KEEPS}
    yield from (_left(item) for item in evidence.draft.residue if item.address not in sign_ins)


def _ended(change: Change) -> Hit:
    """What this plan takes away."""
    what = "an approval of " if change.kind == "grant" else ""
    message = f"{what}`{change.server}` {_REVOKED[change.reason]}, and is still effective"
    by = change.revoked_by
    where = Where(change.file, change.line)
    return Hit("repaired", change.address, message, where=where, evidence=f"revoked by {by.words}" if by else "")


def _left(item: Residue) -> Hit:
    """What a person has to take away."""
    by = f"revoked by {item.revoked_by.words}" if item.revoked_by is not None else ""
    return Hit("observed", item.address, item.message, item.instruction, Where(item.where), by)


RULES = (
    Rule(
        id="MCP202",
        title="revoked privilege persists",
        severity="error",
        threat="privilege persistence",
        owasp="MCP02:2025",
        check=_persists,
        what="A server or an approval that left the manifest, was revoked on the machine, or must not be anywhere, and that a host still reads, a process still runs or a cache still holds. The commit that revoked it is named where the history tells it.",
        why="Everybody believes that the access has ended.",
        example="`slack` left the manifest in October, and ~/.codex/config.toml still starts it",
        fix="`mcpconf apply` takes away what it may; the numbered instructions of the plan say the rest",
    ),
)
