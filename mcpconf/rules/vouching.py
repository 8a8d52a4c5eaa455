"""Rules about what the lock knows of a package beside its bytes: what it runs once it is fetched, and who vouches for it."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.artifacts.belonging import WITHOUT_SIGNATURE
from mcpconf.artifacts.changes import has_install_script
from mcpconf.artifacts.pinning import from_store
from mcpconf.model.finding import Severity
from mcpconf.model.lock import LockedServer
from mcpconf.rules.frame import Evidence, Hit, Rule

_NAMED = 3
_BUNDLE = "mcpb:"


def _locked(evidence: Evidence) -> Iterator[tuple[str, LockedServer]]:
    for name in evidence.manifest.servers:
        locked = evidence.situation.supplied.locked(name)
        if locked is not None and locked.package:
            yield name, locked


def _hit(evidence: Evidence, name: str, message: str, hint: str = "", severity: Severity | None = None) -> Hit:
    where = evidence.where("servers", name)
    return Hit("desired", f"server:{name}", message, hint, where, severity=severity)


def _scripts(evidence: Evidence) -> Iterator[Hit]:
    """The store runs none of them."""
    for name, locked in _locked(evidence):
        brings = sorted({item.name for item in locked.closure.values() if has_install_script(item)})
        if brings and not from_store(evidence.manifest, name):
            more = f" and {len(brings) - _NAMED} more" if len(brings) > _NAMED else ""
            told = f"{', '.join(f'`{item}`' for item in brings[:_NAMED])}{more}"
            message = (
                f"`{name}` is fetched when it is started, and that runs what {told} brings to be run on installing"
            )
            yield _hit(evidence, name, message)


def _unsigned(evidence: Evidence) -> Iterator[Hit]:
    for name, locked in _locked(evidence):
        signed = any(item.endswith(WITHOUT_SIGNATURE) for item in locked.artifacts)
        if locked.package.startswith(_BUNDLE) and locked.artifacts and not signed:
            yield _hit(evidence, name, f"`{name}` is a bundle that nobody signed")


def _unvouched(evidence: Evidence) -> Iterator[Hit]:
    """That the policy asks for it, is told by what the policy asks for."""
    required = "provenance" in evidence.manifest.policy.require
    for name, locked in _locked(evidence):
        if locked.provenance.state == "invalid":
            said = f": {locked.provenance.identity}" if locked.provenance.identity else ""
            message = f"what is said of where `{name}` was built does not verify{said}"
            hint = "take it for a forgery until its publisher explains it, and go back to the version of before"
            yield _hit(evidence, name, message, hint, "error")
        elif locked.provenance.state == "absent" and not required:
            yield _hit(evidence, name, f"nobody vouches for where {locked.package} {locked.version} was built")


RULES = (
    Rule(
        id="MCP107",
        title="scripts that run on installing",
        severity="warning",
        threat="installer spoofing, code injection",
        owasp="MCP05:2025",
        check=_scripts,
        what="A locked npm package that brings a script to be run when it is installed, or depends on one that does, and is fetched anew whenever it is started by its name. Started from the store, none of them is run.",
        why="Such a script runs before the server does, with all rights of the user, and in no sandbox; most worms of npm came with one.",
        example="npx -y files@1.2.0, which depends on `esbuild` with a `postinstall`",
        fix="write `launch: locked` for it",
    ),
    Rule(
        id="MCP108",
        title="bundle without a signature",
        severity="warning",
        threat="installer spoofing",
        owasp="MCP04:2025",
        check=_unsigned,
        what="A locked bundle (`.mcpb`) that has no signature. Whether one that is there can be believed is not judged; other bytes than those in the lock are refused wherever a bundle is installed.",
        why="The lock holds the bundle to its bytes from then on, and nothing tells whose they were on the first day.",
        example="mcpb:https://example.org/notes.mcpb, made by `mcpb pack` and not by `mcpb sign`",
        fix="ask its publisher for a signed one; or waive MCP108 for it, with a reason",
    ),
    Rule(
        id="MCP110",
        title="package that nobody vouches for",
        severity="info",
        threat="installer spoofing",
        owasp="MCP04:2025",
        check=_unvouched,
        what="A package of which `mcpconf lock --attest` found no statement about where it was built; an error if there is one that does not verify. Nothing is said of one that was never asked for.",
        why="Without it, whoever has the password of a publisher can publish what no repository has.",
        example="`provenance: {state: absent}` in the lock",
        fix="ask its publisher for provenance; `policy: {require: [provenance]}` lets no other in",
    ),
)
