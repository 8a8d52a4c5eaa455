"""Rules about approvals on the machine: what approves everything, what outlived its server, what nobody signs out of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

from mcpconf.errors import Where
from mcpconf.model.finding import Subject
from mcpconf.model.observed import Grant
from mcpconf.model.tools import is_pattern
from mcpconf.reconcile.places import place
from mcpconf.reconcile.takeback import KEEPS, read_by
from mcpconf.rules.frame import Evidence, Hit, Rule

_STARTS = "approve"
_OF_SERVERS = frozenset({"auto", "some", _STARTS})
_MARK = re.compile("[0-9a-f]{32}")
"""The digest of an address."""

_APART = re.compile(r"[^A-Za-z0-9]+")


def _approve_all(evidence: Evidence) -> Iterator[Hit]:
    for grant in _told_once(evidence):
        if grant.whole and not grant.bypass:
            message = f"`{_key(grant)}` in {grant.file.location.path} approves everything, now and later"
            yield _hit(grant, f"{message}{read_by(grant)}")


def _bypass(evidence: Evidence) -> Iterator[Hit]:
    for grant in _told_once(evidence):
        if grant.bypass:
            message = f"`{_key(grant)}` in {grant.file.location.path} lets {grant.address.host} do anything unasked"
            yield _hit(grant, f"{message}{read_by(grant)}")


def _told_once(evidence: Evidence) -> Iterator[Grant]:
    """What several hosts take for theirs is told of the one whose file it is."""
    return (grant for grant in evidence.situation.observed.grants if not grant.lent)


def _key(grant: Grant) -> str:
    return grant.address.key[-1] if grant.address.key else ""


def _hit(grant: Grant, message: str, subject: Subject = "observed", evidence: str = "") -> Hit:
    return Hit(subject, str(grant.address), message, where=Where(place(grant)), evidence=evidence)


def _dangling(evidence: Evidence) -> Iterator[Hit]:
    here = _Here(evidence)
    for grant in _told_once(evidence):
        if grant.server and grant.effect in _OF_SERVERS and grant.entry is None and here.stays(grant):
            host, names = grant.address.host, (grant.server, *grant.readings)
            if not any(here.has_any(reader, names) for reader in (host, *grant.readers)):
                yield _hit(
                    grant, f"{host} still approves `{grant.server}`, and no file of it has a server of that name"
                )
            elif grant.effect != _STARTS and here.lacks_tool(grant):
                message = f"{host} still approves `{grant.tool}`, and `{grant.server}` has no such tool in the lock"
                yield _hit(grant, message)


class _Here:
    """What approvals may be about, and which of them nobody takes back or lets be."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        observed, desired = evidence.situation.observed, evidence.situation.desired
        self._names = {(item.address.host, item.address.server) for item in (*observed.entries, *observed.others)}
        self._names |= {(item.address.host, item.address.server) for item in desired.entries}
        self._identities = {item.identity for item in observed.entries} | {item.identity for item in desired.entries}
        self._hosts = {item.host for item in observed.hosts}
        self._manifest = {(item.address.host, item.address.server): item.server for item in desired.entries}
        self._told = {item.address: item for item in evidence.draft.unmanaged}

    def has_any(self, host: str, names: tuple[str, ...]) -> bool:
        brings = self._evidence.situation.rules.brings
        return any((host, name) in self._names or brings(host, name) for name in names)

    def stays(self, grant: Grant) -> bool:
        told = self._told.get(str(grant.address))
        return told is not None and not told.kept and not told.removed

    def lacks_tool(self, grant: Grant) -> bool:
        name = self._manifest.get((grant.address.host, grant.server), "")
        tools = self._tools(name)
        return bool(tools and grant.tool) and not is_pattern(grant.tool) and _plain(grant.tool) not in tools

    def _tools(self, name: str) -> frozenset[str]:
        """Of the lock, as far as hosts spell them alike; empty where that does not tell them."""
        locked = self._evidence.situation.supplied.locked(name)
        surface = locked.surface if locked is not None else None
        return frozenset(map(_plain, (*surface.tools, *surface.gated.tools))) if surface is not None else frozenset()

    def is_orphan(self, grant: Grant) -> bool:
        """Not where it cannot be told whose it is: of what marks are made is known of bridges, and of no host."""
        if grant.identity:
            return grant.identity not in self._identities and not self._brings(grant)
        if grant.server:
            return not self.has_any(grant.address.host, (grant.server,))
        return grant.address.host not in self._hosts and _MARK.search(grant.address.key[-1]) is not None

    def _brings(self, grant: Grant) -> bool:
        return bool(grant.server) and self._evidence.situation.rules.brings(grant.address.host, grant.server)


def _plain(tool: str) -> str:
    return _APART.sub("_", tool).casefold()


def _orphans(evidence: Evidence) -> Iterator[Hit]:
    here = _Here(evidence)
    left = {item.address: item for item in evidence.draft.residue}
    for grant in evidence.situation.observed.grants:
        address = str(grant.address)
        if grant.effect != KEEPS:
            continue
        if address in left:
            item = left[address]
            yield Hit("observed", address, item.message, item.instruction, Where(item.where), _until(grant))
        elif here.stays(grant) and here.is_orphan(grant):
            whose = grant.server or grant.identity.removeprefix("url:")
            message = f"a sign-in is kept for `{whose}`, which no file of a host has"
            message = message if whose else "a sign-in is kept for an address that no server here has"
            yield _hit(grant, message, evidence=_until(grant))


def _until(grant: Grant) -> str:
    if grant.expires is None:
        return ""
    return f"expires {datetime.fromtimestamp(grant.expires, UTC):%Y-%m-%d}"


def _versions(evidence: Evidence) -> Iterator[Hit]:
    """Sign-ins that are files of their own are told by their folder and name."""
    stores: dict[tuple[str, str], dict[str, list[Grant]]] = defaultdict(lambda: defaultdict(list))
    for grant in evidence.situation.observed.grants:
        folder, *rest = grant.address.key
        if grant.effect == KEEPS and rest and grant.file.location.path.endswith("/".join(("", folder, *rest))):
            stores[grant.address.host, grant.address.file][folder].append(grant)
    for (program, _), folders in stores.items():
        if len(folders) > 1:
            names = ", ".join(f"`{name}`" for name in sorted(folders))
            message = f"several versions of {program} keep sign-ins, each in a folder of its own: {names}"
            for grants in folders.values():
                yield _hit(grants[0], message)


RULES = (
    Rule(
        id="MCP208",
        title="approval that outlived its server",
        severity="warning",
        threat="privilege persistence, name collision",
        owasp="MCP02:2025",
        check=_dangling,
        what="An approval for a server that no file of the host has any more, or for a tool that the locked server does not have.",
        why="Hosts keep approvals by name: the next server that is called so acts without asking, whatever it is.",
        example='"allow": ["mcp__slack__post_message"] long after `slack` was removed',
        fix="remove the approval there; `mcpconf revoke SERVER` takes those of a server away for good",
    ),
    Rule(
        id="MCP406",
        title="sign-in that outlived its server",
        severity="warning",
        threat="privilege persistence, credential theft",
        owasp="MCP01:2025",
        check=_orphans,
        what="A sign-in that a host, or a bridge such as mcp-remote, keeps for a server that is not on the machine any more. Only that it is there is looked at, and until when it holds.",
        why="The access goes on at the provider, and the token is there for whoever reads the file.",
        example="~/.mcp-auth/mcp-remote-0.1.37/..._tokens.json for an address that no entry names",
        fix="sign out in that host, or delete the file; then take back the access at the server's provider",
    ),
    Rule(
        id="MCP603",
        title="approve-all switch",
        severity="error",
        threat="privilege persistence",
        owasp="MCP02:2025",
        check=_approve_all,
        what="A setting that lets every server start, or every tool act, without asking.",
        why="It also approves the servers and tools of tomorrow, and outlives the reason it was set for.",
        example='"enableAllProjectMcpServers": true',
        fix="remove the switch, and approve servers one by one",
    ),
    Rule(
        id="MCP607",
        title="host that asks for nothing",
        severity="error",
        threat="privilege persistence, sandbox escape",
        owasp="MCP02:2025",
        check=_bypass,
        what="A mode in which the host does not ask before anything it does: commands and changes of files as much as tools of servers.",
        why="One sentence in what a tool returns is then enough to run a command.",
        example='"permissions": {"defaultMode": "bypassPermissions"}',
        fix="take the mode out of the file, and use it for single sessions in a container",
    ),
    Rule(
        id="MCP805",
        title="sign-ins of several versions",
        severity="warning",
        threat="privilege persistence, credential theft",
        owasp="MCP01:2025",
        check=_versions,
        what="A program that keeps its sign-ins in one folder for each version of itself, and has more than one of these.",
        why="Signing out, or deleting the folder that is in use, leaves the tokens of older versions valid.",
        example="~/.mcp-auth/mcp-remote-0.1.16 beside ~/.mcp-auth/mcp-remote-0.1.37",
        fix="delete the folders of versions that nothing starts any more",
    ),
)
