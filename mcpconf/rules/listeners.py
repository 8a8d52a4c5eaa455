"""Rules about servers that wait for connections: who may connect, and what they find there."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.model.finding import Severity
from mcpconf.packages import recognise_entry
from mcpconf.permissions.holdings import holdings
from mcpconf.permissions.listening import Listening, listening
from mcpconf.rules.frame import Case, Evidence, Hit, Rule


def _listening(evidence: Evidence) -> Iterator[tuple[Case, Listening]]:
    for case in evidence.cases:
        if case.entry.argv:
            yield case, listening(recognise_entry(case.entry), case.entry.env)


def _open(evidence: Evidence) -> Iterator[Hit]:
    for case, found in _listening(evidence):
        certain = bool(found.http) and not _declared(case)
        severity: Severity | None = None if certain else "warning"
        if found.everywhere:
            message = f"`{case.name}` may be reached from other machines: `{found.everywhere}`"
            yield _hit(case, message, found.everywhere, severity)
        elif found.unasked:
            message = f"`{case.name}` does not ask who connects to it: `{found.unasked}`"
            yield _hit(case, message, found.unasked, severity)


def _declared(case: Case) -> bool:
    """Whether the manifest says that other machines may connect, so that whoever reviewed it knows."""
    permissions = case.server.permissions if case.server is not None else None
    return permissions is not None and permissions.net is not None and permissions.net.listen == "any"


def _hit(case: Case, message: str, said: str, severity: Severity | None) -> Hit:
    return Hit(case.subject, case.address, message, where=case.where, evidence=said, severity=severity)


def _with_secrets(evidence: Evidence) -> Iterator[Hit]:
    """What is open to other machines, or asks nobody, is told already."""
    for case, found in _listening(evidence):
        if found.http and not found.everywhere and not found.unasked:
            names = sorted(holdings(case.entry, recognise_entry(case.entry)).secrets)
            if names:
                told = ", ".join(f"`{name}`" for name in names)
                message = (
                    f"`{case.name}` gets {told}, and every program of this machine may connect to it: `{found.http}`"
                )
                yield _hit(case, message, found.http, None)


RULES = (
    Rule(
        id="MCP405",
        title="a secret behind an open door",
        severity="warning",
        threat="credential theft, unauthorized access",
        owasp="MCP01:2025",
        check=_with_secrets,
        what="A server that is given a secret and that speaks HTTP instead of its own input and output: `--transport sse`, `--http`, `MCP_TRANSPORT=http`.",
        why="Whoever connects uses the secret without having it: other programs, other users, and web pages that reach `localhost`.",
        example="mcp-grafana -t sse, with GRAFANA_SERVICE_ACCOUNT_TOKEN",
        fix="let the host start it through its input and output (`stdio`); or make it ask who connects",
    ),
    Rule(
        id="MCP503",
        title="a server that listens to others",
        severity="error",
        threat="unauthorized access",
        owasp="MCP07:2025",
        check=_open,
        what="A server that is told to listen on every address (`--host 0.0.0.0`, `HOST=::`), a container that publishes a port to every address, a server that is told not to ask who connects (`--no-auth`, `DANGEROUSLY_OMIT_AUTH`). A warning where nothing says that it speaks HTTP at all, or where `permissions.net.listen` is `any`.",
        why="Everybody on the same network calls its tools, with the rights and secrets of whoever started it.",
        example="uvx mcp-proxy==0.10.0 --transport sse --host 0.0.0.0",
        fix="listen on 127.0.0.1, publish a port as `127.0.0.1:8080:8080`, and let it ask who connects",
    ),
)
