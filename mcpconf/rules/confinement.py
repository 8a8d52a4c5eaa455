"""A rule about servers that the manifest shuts in: what cannot be held is not written as if it were."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.resolve import UNHELD
from mcpconf.rules.frame import Evidence, Hit, Rule


def _unheld(evidence: Evidence) -> Iterator[Hit]:
    """Where a host would get the server, that is told of the host already."""
    situation = evidence.situation
    told = {item.message for item in situation.desired.findings if item.rule == UNHELD}
    for name, problem in sorted(situation.supplied.unmet.items()):
        if problem.kind == "permission" and problem.message not in told and name in evidence.manifest.servers:
            where = evidence.where("servers", name, "permissions", "enforce")
            yield Hit("desired", f"server:{name}", problem.message, problem.hint, where)


RULES = (
    Rule(
        id=UNHELD,
        title="nothing can hold it to its permissions",
        severity="error",
        threat="sandbox escape, privilege persistence",
        owasp="MCP02:2025",
        check=_unheld,
        what="A server with `permissions.enforce` whose permissions the sandbox has no measure for, or that this machine has no such sandbox for.",
        why="A server that is written all the same would run with more than the manifest says, and look as if it did not.",
        example="enforce: bwrap beside net: {out: [api.example.org:443]}; a machine without bubblewrap",
        fix="declare what the sandbox can keep; or leave `enforce` out, and know that nothing is enforced",
    ),
)
