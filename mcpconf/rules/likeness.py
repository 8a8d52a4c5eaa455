"""Rules about names: what may be taken for something else."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.model.package import Package
from mcpconf.packages.known import KNOWN
from mcpconf.packages.likeness import alike
from mcpconf.rules.frame import Evidence, Hit, Rule


def _look_alike(evidence: Evidence) -> Iterator[Hit]:
    """Beside names that are known everywhere, one with other common words in it is usual and no surprise."""
    seen: dict[Package, str] = {}
    for name, server in evidence.manifest.servers.items():
        package = server.package
        if package is None:
            continue
        found = [(item, f"`{item.other}` of `{seen[item.other]}`") for item in alike(package, list(seen))]
        found += [(item, f"the known `{item.other}`") for item in alike(package, KNOWN) if item.kind != "affix"]
        for item, other in found[:1]:
            message = f"`{name}` launches `{package}`, which looks like {other}: {item.how}"
            where = evidence.where("servers", name, "package")
            yield Hit("desired", f"server:{name}", message, where=where)
        seen.setdefault(package, name)


RULES = (
    Rule(
        id="MCP002",
        title="look-alike",
        severity="warning",
        threat="name collision, installer spoofing",
        owasp="MCP04:2025",
        check=_look_alike,
        what="A package whose name may be taken for that of another server of the manifest, or of a widely known one: a letter or two away, letters that look the same, the name of another owner, the same name with `mcp` or `server` in another place.",
        why="Whoever publishes such a name waits for somebody to mistype, or to copy, the one that was meant.",
        example="npm:mcp-server-filesytem",
        fix="compare it with the name that you meant; if both are meant, waive it",
    ),
)
