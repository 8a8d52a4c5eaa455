"""Advisories about what only a server that listens for HTTP does: one that speaks stdio does not run it.

Each was read, on 2026-11-27, and says so of itself; none is here for a word in its summary. Other advisories of the same
packages (GHSA-3qhf-m339-9g5v: a malformed request) reach a server on stdio too.
"""

from __future__ import annotations

from mcpconf.advisories import Known

_OVER_HTTP = {
    "GHSA-w48q-cv73-mx4w": "@modelcontextprotocol/sdk: no protection against DNS rebinding; `does not affect servers using stdio transport`",
    "GHSA-345p-7cg4-v4c7": "@modelcontextprotocol/sdk: what one client asked for goes to another; one process on stdio has one client",
    "GHSA-9h52-p55h-vw2f": "mcp: no protection against DNS rebinding; `does not affect servers using stdio transport`",
    "GHSA-j975-95f5-7wqh": "mcp: an exception `after establishing a streamable HTTP session` ends the server",
}
"""By the id under which https://github.com/advisories has it, with the package and what is wrong."""


def only_over_http(known: Known) -> bool:
    """Whether a client that speaks stdio to the server cannot reach what is wrong with it."""
    return not known.malware and not _OVER_HTTP.keys().isdisjoint((known.id, *known.aliases))
