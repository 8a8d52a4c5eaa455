"""A rule about what a server is given to start with: nothing that makes it run other bytes than those that were approved."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.artifacts.environment import reopening
from mcpconf.artifacts.pinning import from_store
from mcpconf.model.finding import Severity
from mcpconf.packages.sources import names_source
from mcpconf.rules.frame import Evidence, Hit, Rule


def _reopened(evidence: Evidence) -> Iterator[Hit]:
    """A variable that says from where packages come is judged by what it says."""
    for case in evidence.cases:
        locked = case.server is not None and case.name in evidence.manifest.servers
        severity: Severity = "error" if locked and from_store(evidence.manifest, case.name) else "warning"
        told = {name for name, value in case.entry.env.items() if names_source(name, value)}
        for name, opening in reopening(case.entry.env.keys() - told, evidence.situation.os).items():
            message = f"`{case.name}` is given `{name}`, which {opening.reason}"
            yield Hit(case.subject, case.address, message, where=case.where, evidence=name, severity=severity)


RULES = (
    Rule(
        id="MCP112",
        title="variable that opens the way for other code",
        severity="error",
        threat="code injection, installer spoofing",
        owasp="MCP05:2025",
        check=_reopened,
        what="A variable by which a server, or what it starts, loads code from elsewhere: `NODE_OPTIONS`, `PYTHONPATH`, `LD_PRELOAD`, `npm_config_*`, `UV_*`, `PIP_*`, `BASH_ENV` and the like.",
        why="Every byte of an installation is checked, and one such variable makes the program run other bytes all the same. For a server with `launch: locked` it is an error, for others a warning.",
        example="env: {NODE_OPTIONS: --require /tmp/x.js}",
        fix="leave the variable out; what the server needs belongs into its package or its arguments",
    ),
)
