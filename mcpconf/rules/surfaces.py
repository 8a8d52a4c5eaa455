"""Rules about what servers show of themselves: whether somebody approved it."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.model.address import SURFACE
from mcpconf.model.commands import command
from mcpconf.model.finding import Severity
from mcpconf.model.lock import LockedServer
from mcpconf.model.manifest import Server
from mcpconf.permissions.change import Verdict
from mcpconf.reconcile.showing import shown_otherwise
from mcpconf.resolve.servers import identity
from mcpconf.rules.frame import Evidence, Hit, Rule
from mcpconf.surface.approval import Unapproved, unapproved

_NAMED = 5
"""Items of one sort that a message names."""

_MOST = 20
"""Differences of one server that are told one by one."""


def asked(evidence: Evidence) -> Iterator[tuple[str, Server, LockedServer]]:
    """Servers that this machine is to get, with what the lock says of them."""
    if evidence.situation.rollback is not None:
        return
    for name, server in evidence.manifest.servers.items():
        locked = evidence.situation.supplied.locked(name)
        if locked is not None and name not in evidence.situation.expired:
            yield name, server, locked


def _not_approved(evidence: Evidence) -> Iterator[Hit]:
    approvals = evidence.situation.supplied.approvals
    for name, server, locked in asked(evidence):
        if locked.surface is None:
            continue
        found = unapproved(locked.surface, approvals.last(name, identity(server)))
        if found is not None:
            hint = f"look at it, then {command('approve', name)}, and commit that"
            where = evidence.where("servers", name)
            yield Hit("desired", f"server:{name}", f"`{name}`: {_told(found)}", hint, where)


_MEANS: dict[Verdict, str] = {
    "wider": "it can be made to do, or gets to know, more",
    "both": "what it can be made to do is another thing",
    "same": "a model reads it as an instruction",
    "narrower": "it can be made to do less",
}


def _live(evidence: Evidence) -> Iterator[Hit]:
    """Each difference by itself, the gravest first."""
    situation = evidence.situation
    if situation.rollback is not None:
        return
    ids = {item.address: item.id for item in evidence.draft.drift if item.kind == "surface_drift"}
    for name, changes in shown_otherwise(situation.supplied):
        where = evidence.where("servers", name)
        for change in changes[:_MOST]:
            cosmetic = change.change == "cosmetic"
            means = "" if cosmetic else f" ({_MEANS[change.direction]})"
            item = f"{change.kind} `{change.name}`" if change.name else change.kind
            message = f"`{name}` shows what is not in the lock, {change.change} of {item}: {change.words}{means}"
            severity: Severity | None = "warning" if cosmetic else None
            hint = f"find out why; if it may be so, {command('lock')} it anew and {command('approve', name)}"
            yield Hit(
                "desired",
                f"server:{name}",
                message,
                hint,
                where,
                severity=severity,
                drift=ids.get(f"{SURFACE}{name}", ""),
            )
        if len(changes) > _MOST:
            message = f"`{name}` shows {len(changes) - _MOST} more things that are not in the lock"
            yield Hit("desired", f"server:{name}", message, where=where)


def _not_as_approved(evidence: Evidence) -> Iterator[Hit]:
    yield from _not_approved(evidence)
    yield from _live(evidence)


def _told(found: Unapproved) -> str:
    if found.last is None:
        return f"nobody has approved what it shows: {_items(found.added)}"
    sorts = ((found.added, "added"), (found.changed, "changed"), (found.removed, "removed"))
    parts = "; ".join(f"{word}: {_items(names)}" for names, word in sorts if names)
    return (
        f"what it shows is not what was approved on {found.last.on}; {parts or 'its digest is not that of its items'}"
    )


def _items(names: tuple[str, ...]) -> str:
    more = f", and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more if names else "nothing at all"


RULES = (
    Rule(
        id="MCP310",
        title="a surface that nobody approved",
        severity="error",
        threat="tool poisoning, rug pull",
        owasp="MCP03:2025",
        check=_not_as_approved,
        what="Tools, prompts, templates, instructions or capabilities in the lock that the last approval of the server is not of, item by item; also an approval that was given to another package or address under this name. With `--live`, whatever a server shows now and the lock does not say.",
        why="A model reads descriptions as instructions. One sentence in a new version changes what a server makes it do, and no line of code needs to.",
        example="tool/search has another description than the one that was approved",
        fix="look at it, then `mcpconf approve NAME`",
    ),
)
