"""Rules about the bytes behind servers: what the lock says of them, then and now."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.model.desired import DesiredEntry
from mcpconf.model.lock import LockedServer
from mcpconf.model.state import Applied
from mcpconf.permissions.versions import older
from mcpconf.rules.frame import Evidence, Hit, Rule


def _known(evidence: Evidence) -> Iterator[tuple[DesiredEntry, LockedServer, Applied]]:
    """Entries of which the lock says something now, and said something when they were written; once per server."""
    situation = evidence.situation
    seen: set[str] = set()
    for desired in situation.desired.entries if situation.rollback is None else ():
        locked, applied = situation.supplied.locked(desired.server), situation.state.entries.get(str(desired.address))
        if locked is None or applied is None or not applied.version or desired.server in seen:
            continue
        if applied.identity == desired.identity:
            seen.add(desired.server)
            yield desired, locked, applied


def _republished(evidence: Evidence) -> Iterator[Hit]:
    for desired, locked, applied in _known(evidence):
        for name, item in sorted(locked.artifacts.items()) if locked.version == applied.version else ():
            before = applied.artifacts.get(name, item.digest)
            if before != item.digest:
                message = f"`{desired.server}` {locked.version} was {before} when it was applied here, and the lock now says {item.digest}"
                where = evidence.where("servers", desired.server)
                yield Hit("desired", f"server:{desired.server}", message, where=where, evidence=name)
                break


def _older(evidence: Evidence) -> Iterator[Hit]:
    for desired, locked, applied in _known(evidence):
        server = evidence.manifest.servers.get(desired.server)
        if server is None or server.package is None or not older(server.package, locked.version, applied.version):
            continue
        message = f"`{desired.server}` goes back from {applied.version}, which was applied here, to {locked.version}"
        where = evidence.where("servers", desired.server)
        yield Hit("desired", f"server:{desired.server}", message, where=where)


RULES = (
    Rule(
        id="MCP103",
        title="other bytes under the same version",
        severity="error",
        threat="installer spoofing, rug pull",
        check=_republished,
        what="A lock that says another digest than the one that was applied here, for the same file of the same version.",
        why="Registries do not change what is published. Whoever can replace it can replace it by anything.",
        example="sha512 of files-1.2.0.tgz in the lock differs from what this machine got under that name",
        fix="take it for a compromise until the publisher explains it; go back to the lock of before",
    ),
    Rule(
        id="MCP109",
        title="back to an older version",
        severity="error",
        threat="vulnerable versions (re-deployment)",
        check=_older,
        what="A lock with a lower version of a server than this machine was given before.",
        why="An old lock that is committed again, or served again, brings back what was fixed since.",
        example="files was 1.3.0 here, and the lock says 1.2.0",
        fix="restore the newer version; or waive MCP109 for the server, with a reason",
    ),
)
