"""Rules about what servers show of themselves: whether somebody approved it."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.model.commands import command
from mcpconf.model.lock import LockedServer
from mcpconf.model.manifest import Server
from mcpconf.resolve.servers import identity
from mcpconf.rules.frame import Evidence, Hit, Rule
from mcpconf.surface.approval import Unapproved, unapproved

_NAMED = 5
"""Items of one sort that a message names."""


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
        check=_not_approved,
        what="Tools, prompts, templates, instructions or capabilities in the lock that the last approval of the server is not of, item by item; also an approval that was given to another package or address under this name.",
        why="A model reads descriptions as instructions. One sentence in a new version changes what a server makes it do, and no line of code needs to.",
        example="tool/search has another description than the one that was approved",
        fix="look at it, then `mcpconf approve NAME`",
    ),
)
