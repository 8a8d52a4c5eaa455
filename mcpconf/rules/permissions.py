"""Rules about what the manifest permits its servers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mcpconf.errors import Where
from mcpconf.model.manifest import Server
from mcpconf.model.observed import Sampling
from mcpconf.packages import recognise_entry
from mcpconf.permissions import arguments, too_broad
from mcpconf.reconcile.places import place
from mcpconf.rules.frame import Evidence, Hit, Rule

_ROOT = re.compile(
    r"-{1,2}(?:allowed|workspace|project|base|root|vault|data|repo(?:sitory)?)?-?(?:roots?|dir(?:ector(?:y|ies))?s?|folders?|paths?|workspace|vault|repo(?:sitory)?)"
)
"""Options by which servers are told the folders that they shall keep to."""

_FILE = re.compile(r"[^/\\]\.[A-Za-z][A-Za-z0-9]{0,9}\Z")


def _not_enforced(evidence: Evidence) -> Iterator[Hit]:
    if not evidence.situation.bounds:
        return
    from mcpconf.reconcile.bounds import unenforced

    for name, dimensions in unenforced(evidence.situation).items():
        message = f"`{name}` declares {', '.join(f'`{one}`' for one in dimensions)}, and nothing holds it to that"
        where = evidence.where("servers", name, "permissions")
        yield Hit("desired", f"server:{name}", message, where=where, evidence=" ".join(dimensions))


def _by_argument(evidence: Evidence) -> Iterator[Hit]:
    """Once, where the documents are looked at. What they declare of files beside, or give away altogether, is told elsewhere."""
    for case in evidence.cases if evidence.texts else ():
        launched = recognise_entry(case.entry)
        if case.subject != "desired" or _speaks_of_files(case.server) or arguments.is_container(launched):
            continue
        broad = (evidence.situation.home, evidence.situation.os)
        roots = [root for root in dict.fromkeys(_roots(launched.arguments)) if not too_broad(root, *broad)]
        if roots:
            told = ", ".join(f"`{root}`" for root in roots[:_NAMED])
            message = f"only `{case.name}` itself keeps to {told}: it is an argument, and nothing holds it to that"
            yield Hit("desired", case.address, message, where=case.where, evidence=" ".join(roots))


_NAMED = 3


def _speaks_of_files(server: Server | None) -> bool:
    permissions = server.permissions if server is not None else None
    return permissions is not None and (permissions.fs is not None or permissions.enforce is not None)


def _roots(words: Sequence[str]) -> Iterator[str]:
    """Folders that stand by themselves, or behind an option that is called like one."""
    for before, word in zip(("", *words), words, strict=False):
        option, _, value = word.partition("=") if word.startswith("-") else (before, "", word)
        named = _ROOT.fullmatch(option) is not None
        by_itself = not word.startswith("-") and not before.startswith("-")
        if (named or by_itself) and arguments.is_path(value) and not _FILE.search(value):
            yield from arguments.paths_of_word(value)


def _may_sample(evidence: Evidence) -> Iterator[Hit]:
    for item in evidence.situation.observed.sampling:
        if not _is_allowed(evidence, item):
            host = item.address.host
            message = f"`{item.server}` may have the model of {host} answer without anybody being asked, and the manifest does not say so"
            yield Hit("observed", str(item.address), message, where=Where(place(item)))


def _is_allowed(evidence: Evidence, item: Sampling) -> bool:
    for name, server in evidence.manifest.servers.items():
        own = server.hosts.get(item.address.host)
        client = server.permissions.client if server.permissions is not None else None
        if item.server in (name, own.name if own is not None else None):
            return client is not None and client.sampling == "allow"
    return False


RULES = (
    Rule(
        id="MCP212",
        title="server that may ask the model",
        severity="warning",
        threat="tool chaining abuse, privilege persistence",
        owasp="MCP02:2025",
        check=_may_sample,
        what="A setting of a host by which a server has its model answer without asking (sampling), where the manifest does not say `client: {sampling: allow}` for it. Only what a file says is seen.",
        why="The server then writes its own questions into a conversation, at the cost of the user, and reads what the model knows of it.",
        example='"chat.mcp.serverSampling": {"Global in Code: notes": {"allowedDuringChat": true}}',
        fix="take it out of the settings, or say `permissions: {client: {sampling: allow}}` in the manifest",
    ),
    Rule(
        id="MCP802",
        title="a folder that only the server keeps to",
        severity="info",
        threat="sandbox escape",
        owasp="MCP02:2025",
        check=_by_argument,
        what="A server that is told its folders by its arguments, where the manifest neither declares `permissions.fs` nor has anything hold it to that. Not a container: it sees what is mounted. Told by `validate` and `check`, and by no plan.",
        why="The argument is a request. Servers that were to keep to a folder have read others, by links and by names that only begin alike (CVE-2025-53109, CVE-2025-68145).",
        example="npx -y @modelcontextprotocol/server-filesystem ~/work",
        fix="declare `permissions: {fs: [...]}`, with `enforce: bwrap` or `docker` where that is to hold",
    ),
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
