"""Rules about where the bytes of a server come from when it is started."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.packages.sources import Source, sources
from mcpconf.rules.frame import Evidence, Hit, Rule


def _elsewhere(evidence: Evidence) -> Iterator[Hit]:
    for case in evidence.cases:
        held = case.server is not None and (case.server.hash or evidence.situation.supplied.locked(case.name))
        for source in dict.fromkeys(sources(case.entry)):
            if held and source.is_archive:
                continue  # an archive that a hash holds to its bytes cannot change by itself
            message = f"`{case.name}` {_told(source)}"
            yield Hit(case.subject, case.address, message, where=case.where, evidence=source.address)


def _told(source: Source) -> str:
    if source.said_by:
        return f"takes packages from `{source.address}`, as `{source.said_by}` says, which is no known registry"
    if source.is_archive:
        return f"is the file at {source.address}, which no registry answers for and which can change by itself"
    return f"is fetched from {source.address} without encryption, so that anybody on the way can replace it"


RULES = (
    Rule(
        id="MCP106",
        title="code from another place than a known registry",
        severity="error",
        threat="installer spoofing, name collision",
        owasp="MCP04:2025",
        check=_elsewhere,
        what="A registry or index other than those that npm, uv and pip ask by themselves, given by an option (`--registry`, `--index-url`) or a variable (`npm_config_registry`, `UV_INDEX_URL`); an archive at an address that neither a hash nor the lock holds to its bytes; a repository that is fetched without encryption.",
        why="Under the name and version that were approved, another registry gives what it likes. An index that is asked as well wins wherever it offers a higher version.",
        example="uvx --extra-index-url https://packages.example.org/simple acme-files==1.2.0",
        fix="take it from the known registry; if the place is one of your own, waive MCP106 for the server with a reason",
    ),
)
