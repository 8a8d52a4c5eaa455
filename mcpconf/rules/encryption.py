"""Rules about what travels without protection: addresses without encryption, certificates that nobody looks at."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.packages import recognise_entry
from mcpconf.packages.remote import unencrypted
from mcpconf.permissions.encryption import unverified
from mcpconf.rules.frame import Evidence, Hit, Rule


def _in_clear(evidence: Evidence) -> Iterator[Hit]:
    """Of a bridge the address that it passes on."""
    for case in evidence.cases:
        host = unencrypted(recognise_entry(case.entry).identity)
        if host:
            message = f"`{case.name}` reaches `{host}` without encryption"
            yield Hit(case.subject, case.address, message, where=case.where, evidence=host)


def _unverified(evidence: Evidence) -> Iterator[Hit]:
    """Beside an address that is told to be in clear, a permission to reach it so says no more."""
    for case in evidence.cases:
        launched = recognise_entry(case.entry)
        told = {"--allow-http"} if unencrypted(launched.identity) else set[str]()
        for said in dict.fromkeys(unverified(launched, case.entry.env)):
            if said not in told:
                message = f"`{case.name}` takes whoever answers for the right one: `{said}`"
                yield Hit(case.subject, case.address, message, where=case.where, evidence=said)


RULES = (
    Rule(
        id="MCP501",
        title="an address without encryption",
        severity="error",
        threat="unauthorized access, credential theft",
        owasp="MCP07:2025",
        check=_in_clear,
        what="A server, or what a bridge passes on, at an `http://` address of another machine. Addresses of this machine are let be, also as containers name it (`host.docker.internal`).",
        why="Everybody on the way reads the token that goes along, and answers in place of the server.",
        example="url: http://mcp.example.org/mcp",
        fix="write `https://`; if it has no certificate, let it be reached through something that has one",
    ),
    Rule(
        id="MCP507",
        title="certificates are not looked at",
        severity="warning",
        threat="unauthorized access, credential theft",
        owasp="MCP07:2025",
        check=_unverified,
        what="An option or variable by which a server, or what starts it, does without checking certificates: `NODE_TLS_REJECT_UNAUTHORIZED=0`, `--allow-http`, `--insecure-skip-verify`, `GIT_SSL_NO_VERIFY=1`, `--allow-insecure-host`.",
        why="Encryption to somebody unknown protects nothing: whoever stands in between gets every token.",
        example="env: {NODE_TLS_REJECT_UNAUTHORIZED: 0}",
        fix="leave it out, and make the authority known instead: `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`",
    ),
)
