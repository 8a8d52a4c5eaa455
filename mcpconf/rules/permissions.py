"""Rules about what the manifest permits its servers."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.rules.frame import Evidence, Hit, Rule


def _not_enforced(evidence: Evidence) -> Iterator[Hit]:
    if not evidence.situation.bounds:
        return
    from mcpconf.reconcile.bounds import unenforced

    for name, dimensions in unenforced(evidence.situation).items():
        message = f"`{name}` declares {', '.join(f'`{one}`' for one in dimensions)}, and nothing holds it to that"
        where = evidence.where("servers", name, "permissions")
        yield Hit("desired", f"server:{name}", message, where=where, evidence=" ".join(dimensions))


RULES = (
    Rule(
        id="MCP206",
        title="declared, not enforced",
        severity="info",
        threat="sandbox escape, tool chaining abuse",
        owasp="MCP02:2025",
        check=_not_enforced,
        what="A server whose `permissions` limit files, network, variables or programs, and that is started so that it can reach more.",
        why="A program that is started as it is can do whatever its user can; what the manifest says of it is a promise of others.",
        example="permissions: {fs: [], net: {out: none}} of a server that npx starts",
        fix="`permissions.enforce: bwrap` or `docker` holds it to that; or take the line for what it is, a declaration",
    ),
)
