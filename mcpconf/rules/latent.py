"""Rules about servers that are off, and one word away from being on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mcpconf.errors import Where
from mcpconf.formats.comments import CommentedOut, commented_out, value_of
from mcpconf.model.base import Json
from mcpconf.model.observed import Observed, ObservedEntry, ObservedFile
from mcpconf.reconcile.drift import advice
from mcpconf.rules.frame import Evidence, Hit, Rule

OF_USERS = frozenset({"disabled_by_user", "switched_off"})
"""Kinds of drift that only take away; where the manifest says otherwise they count."""

_COMMENT = re.compile(r"^[ \t]*+(?://|/\*|#)", re.MULTILINE)
_LAUNCH = re.compile("command|cmd|url|npx|uvx|docker", re.IGNORECASE)
_MOST_NODES = 500


def by_address(observed: Observed) -> dict[str, ObservedEntry]:
    return {str(item.address): item for item in observed.entries}


def is_off(observed: Observed, entry: ObservedEntry | None) -> bool:
    """Whether an entry is there and switched off, by itself or by a list beside it."""
    if entry is None:
        return False
    off = (switch.project in ("", entry.address.project) for switch in observed.switched_off(entry.address))
    return entry.entry.enabled is False or any(off)


def _latent(evidence: Evidence) -> Iterator[Hit]:
    for item in evidence.draft.drift:
        if item.kind in OF_USERS and not item.counted:
            where = Where(item.where) if item.where else None
            yield Hit("observed", item.address, item.message, advice(item), where, drift=item.id)
    yield from _strays(evidence)
    yield from _commented(evidence)


def _strays(evidence: Evidence) -> Iterator[Hit]:
    drift = {item.address: item.id for item in evidence.draft.drift if item.kind == "unmanaged"}
    observed = evidence.situation.observed
    entries = by_address(observed)
    for item in evidence.draft.unmanaged:
        lists = item.kind == "server" and not (item.kept or item.removed)
        if lists and is_off(observed, entries.get(item.address)):
            message = (
                f"{item.identity or 'something that cannot be understood'} is switched off, and not in the manifest"
            )
            yield Hit("observed", item.address, message, where=Where(item.where), drift=drift.get(item.address, ""))


def _commented(evidence: Evidence) -> Iterator[Hit]:
    """What the manifest asks for, what stands there as well, and what is told as left over, is left out."""
    situation = evidence.situation
    known = {*situation.asked, *(entry.identity for entry in situation.observed.entries)}
    told = {item.where for item in evidence.draft.residue}
    files = {file.location.path: file for file in situation.observed.files if file.text}
    for path, file in files.items():
        for comment in _comments(file):
            start, value = value_of(comment.text, file.location.format)
            line = comment.line + start
            for name in dict.fromkeys(_identities(evidence, file, value)):
                if name not in known and f"{path}:{line}" not in told:
                    yield Hit("observed", path, f"{name} is commented out in {path}", where=Where(path, line))


def _comments(file: ObservedFile) -> Iterator[CommentedOut]:
    if file.location.format == "json" or not _COMMENT.search(file.text):
        return
    for comment in commented_out(file.text, file.location.format):
        if _LAUNCH.search(comment.text):
            yield comment


def _identities(evidence: Evidence, file: ObservedFile, value: Json) -> Iterator[str]:
    waiting = [value]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, dict):
            if identity := evidence.situation.rules.identity(file.location.host, node):
                yield identity
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


RULES = (
    Rule(
        id="MCP608",
        title="server that is only switched off",
        severity="warning",
        threat="privilege persistence",
        owasp="MCP09:2025",
        check=_latent,
        what="An entry that a switch, or a list beside the entries, keeps from starting, and a server that is commented out and that the manifest does not have.",
        why="It is one word away from running, with the arguments and secrets of the day on which somebody switched it off.",
        example='"disabled": true in an entry that nobody has looked at for a year',
        fix="delete it, or put it into the manifest",
    ),
)
