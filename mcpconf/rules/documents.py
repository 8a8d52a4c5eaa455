"""Rules about the manifest itself."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.model.manifest import Server
from mcpconf.rules.frame import Evidence, Hit, Rule


def _required(evidence: Evidence) -> Iterator[Hit]:
    for case in evidence.cases:
        if case.subject != "desired" or case.server is None:
            continue
        for word in evidence.manifest.policy.require:
            if word != "exact-version" and _lacks(case.server, word):
                message = f"`{case.name}` has no `{word}`, which `policy.require` asks for"
                yield Hit("desired", case.address, message, f"add `{word}` to the server", case.where)


def _lacks(server: Server, word: str) -> bool:
    """An address has no artifact to hash: its identity is the address."""
    if word == "hash":
        return server.kind != "url" and not server.hash
    return not getattr(server, word)


RULES = (
    Rule(
        id="MCP801",
        title="the manifest breaks its own policy",
        severity="error",
        threat="configuration drift",
        check=_required,
        what="A server without something that `policy.require` asks of every server.",
        why="A requirement that is not checked is not one.",
        example="policy: {require: [owner]} and a server without `owner`",
        fix="add what is missing",
    ),
)
