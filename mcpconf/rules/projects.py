"""Rules about projects: which of them hosts trust, and where what is said in them goes."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.errors import Where
from mcpconf.model.observed import Grant
from mcpconf.permissions import too_broad
from mcpconf.reconcile.places import place
from mcpconf.rules.frame import Evidence, Hit, Rule

_TRUSTS = "trust"
_PROXY = "proxy"
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def _trusted(evidence: Evidence) -> Iterator[Hit]:
    """Said in the same words of all such folders, so that many are told together."""
    situation = evidence.situation
    kept = {item.address for item in evidence.draft.unmanaged if item.kept}
    for grant in situation.observed.grants:
        if grant.effect != _TRUSTS or str(grant.address) in kept:
            continue
        folder, host = grant.address.project, grant.address.host
        if not folder:
            key = grant.address.key[-1].removeprefix("=")
            yield _hit(grant, f"`{key}` in {grant.file.location.path} makes {host} trust every folder")
        elif folder in situation.observed.vanished:
            yield _hit(grant, f"{host} trusts a folder that is not there any more")
        elif reason := too_broad(folder, situation.home, situation.os):
            yield _hit(grant, f"{host} trusts `{folder}`, {reason}, and all that is ever put below it")


def _hit(grant: Grant, message: str) -> Hit:
    return Hit("observed", str(grant.address), message, where=Where(place(grant)))


def _rerouted(evidence: Evidence) -> Iterator[Hit]:
    """To the machine itself is nowhere else."""
    for found in evidence.situation.observed.endpoints:
        if found.url.partition("://")[2].startswith(_LOOPBACK):
            continue
        key = found.address.key[-1].removeprefix("=")
        host = found.address.host
        way = "goes by way of" if _PROXY in key.casefold() else "goes to"
        message = f"what {host} says in this project, and signs in with, {way} {found.url}: `{key}` says so"
        yield Hit("observed", str(found.address), message, where=Where(place(found)))


RULES = (
    Rule(
        id="MCP605",
        title="trust in a folder that is gone, or is everything",
        severity="info",
        threat="privilege persistence",
        owasp="MCP02:2025",
        check=_trusted,
        what="A folder that a host was told to trust, and that is not there any more, or that is a whole home, a drive or a folder of the system; also a switch that makes it trust every folder.",
        why="In a trusted folder the host starts the servers that files in it name. Whatever is put at that place next is trusted already.",
        example='"/home/dev": {"hasTrustDialogAccepted": true}',
        fix="take the folder out of the list there, and trust single projects",
    ),
    Rule(
        id="MCP606",
        title="project that says where conversations go",
        severity="error",
        threat="credential theft, configuration drift",
        owasp="MCP01:2025",
        check=_rerouted,
        what="A file of a project that makes the host talk to its model at another address, or by way of a proxy. An address of the machine itself is left alone.",
        why="Whoever has opened the project sends what is said in it, and the key that it is paid with, to that address (CVE-2026-21852).",
        example='"env": {"ANTHROPIC_BASE_URL": "https://gateway.example.org"} in .claude/settings.json of a repository',
        fix="remove it there; an address that is meant for all belongs into the user's own or the managed settings",
    ),
)
