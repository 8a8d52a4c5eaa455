"""Rules about the manifest itself."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.errors import Where
from mcpconf.model.finding import Severity, Subject
from mcpconf.model.manifest import Server
from mcpconf.packages import brought, recognise_entry
from mcpconf.reconcile.absence import CONTRADICTED, absents
from mcpconf.rules.frame import Evidence, Hit, Rule

_ON_A_SERVER = frozenset({"hash", "owner", "reason", "expires"})
"""Requirements that a server meets by what is written in it."""


def _required(evidence: Evidence) -> Iterator[Hit]:
    for case in evidence.cases:
        if case.subject != "desired" or case.server is None:
            continue
        for word in evidence.manifest.policy.require:
            if (
                word in _ON_A_SERVER
                and _lacks(case.server, word)
                and not (word == "hash" and _is_locked(case.name, evidence))
            ):
                message = f"`{case.name}` has no `{word}`, which `policy.require` asks for"
                hint = f"add `{word}` to the server"
                yield Hit("desired", case.address, message, hint, case.where, demanded=True)
    yield from _without_surface(evidence) if "surface" in evidence.manifest.policy.require else ()
    yield from _without_provenance(evidence) if "provenance" in evidence.manifest.policy.require else ()


def _without_surface(evidence: Evidence) -> Iterator[Hit]:
    """A bridge shows nothing of its own: what it carries is asked itself."""
    bridges = evidence.manifest.bridges
    for case in evidence.cases:
        locked = evidence.situation.supplied.locked(case.name)
        if case.name in bridges:
            continue
        if case.server is not None and (locked is None or locked.surface is None):
            message = f"`{case.name}` has no surface in the lock, which `policy.require` asks for"
            hint = "`mcpconf lock --surface`, and commit that"
            yield Hit("desired", f"server:{case.name}", message, hint, case.where, demanded=True)


def _without_provenance(evidence: Evidence) -> Iterator[Hit]:
    """What is reached by its address runs elsewhere: nothing of it was built for this machine."""
    for case in evidence.cases:
        if case.server is None or case.subject != "desired" or case.server.kind == "url":
            continue
        locked = evidence.situation.supplied.locked(case.name)
        if locked is None or locked.provenance.state != "verified":
            message = f"`{case.name}` has no verified provenance in the lock, which `policy.require` asks for"
            hint = "`mcpconf lock --attest`, and commit that; what nobody vouches for cannot be had under this policy"
            yield Hit("desired", f"server:{case.name}", message, hint, case.where, demanded=True)


def _not_admitted(evidence: Evidence) -> Iterator[Hit]:
    packages = evidence.manifest.policy.packages
    if packages is None:
        return
    asked = (item for item in evidence.cases if item.subject == "desired")
    for case, package in ((item, package) for item in asked for package in sorted(brought(item.entry))):
        reason = packages.refuses(package)
        if reason:
            says = "denies" if reason[0] == "deny" else "does not allow"
            message = f"`{case.name}` launches `{package}`, which `policy.packages` {says}"
            yield Hit("desired", case.address, message, "remove the server, or admit it", case.where, demanded=True)


def _contradicted(evidence: Evidence) -> Iterator[Hit]:
    """What the manifest asks for and forbids. Where a machine is looked at, what is held for it there tells of it."""
    if evidence.situation.observed.hosts or not evidence.manifest.absent:
        return
    known = {item.identity for item in absents(evidence.manifest, evidence.where) if item.identity}
    for case in evidence.cases:
        own = {recognise_entry(case.entry).identity, *brought(case.entry)} & known
        if own and case.subject == "desired":
            message = f"`{case.name}` is wanted, but `absent` forbids {min(own)}"
            yield Hit("desired", case.address, message, CONTRADICTED, case.where, demanded=True)


def _lock(evidence: Evidence) -> Iterator[Hit]:
    """A lock that says something else than the manifest. Where it must not, it stops everything."""
    supplied, strict = evidence.situation.supplied, evidence.situation.choices.locked
    subject: Subject = "document" if strict else "desired"
    hint = "`mcpconf lock`, and commit it"
    if supplied.lock is None and strict:
        yield Hit(subject, "lock", "there is no lock", hint, Where(supplied.file))
    for item in supplied.stale:
        named = item.why != "not_wanted"
        where = evidence.where("servers", item.server) if named else Where(supplied.file)
        severity: Severity = "error" if strict or item.why in ("hash", "surface") else "warning"
        told = "restore the lock from git, or `mcpconf lock --surface` asks again" if item.why == "surface" else hint
        yield Hit(subject, f"server:{item.server}", item.message, told, where, severity=severity)


def _own_policy(evidence: Evidence) -> Iterator[Hit]:
    yield from _required(evidence)
    yield from _not_admitted(evidence)
    yield from _contradicted(evidence)
    yield from _lock(evidence)


def _expired(evidence: Evidence) -> Iterator[Hit]:
    for name, server in evidence.manifest.servers.items():
        if server.expires is None or not evidence.situation.past(server.expires):
            continue
        end = ", and is not wanted any more, as `policy.expired` says" if name in evidence.situation.expired else ""
        message = f"`{name}` expired on {server.expires}{end}"
        where = evidence.where("servers", name, "expires")
        yield Hit("desired", f"server:{name}", message, where=where)


def _is_locked(name: str, evidence: Evidence) -> bool:
    """Whether the lock has the hash that the manifest need not repeat."""
    supplied = evidence.situation.supplied
    known = supplied.lock.servers.get(name) if supplied.lock is not None else None
    return known is not None and bool(known.artifacts) and all(item.server != name for item in supplied.stale)


def _lacks(server: Server, word: str) -> bool:
    """An address has no artifact to hash: its identity is the address."""
    if word == "hash":
        return server.kind != "url" and not server.hash
    return not getattr(server, word)


RULES = (
    Rule(
        id="MCP801",
        title="the manifest breaks its own policy, or has a stale lock",
        severity="error",
        threat="configuration drift",
        owasp="MCP04:2025",
        check=_own_policy,
        what="A server without something that `policy.require` asks of every server, or of a package that `policy.packages` does not admit, or that `absent` forbids. Also a lock that says something else than the manifest: with `--locked`, and where `CI` is set, an error that stops everything, else a warning.",
        why="A requirement that is not checked is not one.",
        example="policy: {require: [owner]} and a server without `owner`",
        fix="add what is missing",
    ),
    Rule(
        id="MCP210",
        title="expired server",
        severity="warning",
        threat="privilege persistence",
        owasp="MCP02:2025",
        check=_expired,
        what="A server whose `expires` has passed. `policy.expired: remove` takes it away.",
        why="Somebody said until when it is needed; whoever still needs it should say so.",
        example="expires: 2026-01-31 on a server, in February",
        fix="remove the server, or give it a later `expires`",
    ),
)
