"""Rules about what is known of the versions that run: of servers, of what they bring along, of the hosts themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcpconf.errors import Problem, Where
from mcpconf.model.asked import UNPINNED
from mcpconf.model.commands import command
from mcpconf.model.finding import Severity
from mcpconf.model.lock import LockedServer
from mcpconf.model.package import Package
from mcpconf.packages import is_exact, recognise_entry
from mcpconf.rules.frame import Case, Evidence, Hit, Rule

if TYPE_CHECKING:
    from mcpconf.advisories import Advisories, Known
    from mcpconf.advisories.closure import Hit as Found

_NAMED = 5
_NEWEST = ("", "latest", UNPINNED)
_GRAVE: Mapping[str, Severity] = {"medium": "warning", "low": "info"}
"""What is graver, or of no stated severity, is what the rule says."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A package that a case starts. `version` is None where it is not told which one runs, "" where it is the newest."""

    case: Case
    package: Package
    version: str | None
    locked: LockedServer | None

    def __str__(self) -> str:
        """In words that do not change as long as the same is started."""
        shown = "of some version" if self.version is None else self.version or "without a version"
        return f"`{self.case.name}` is {self.package} {shown}"


def launches(evidence: Evidence) -> Iterator[Launch]:
    """Of every case that starts a package; what the lock says goes before what the command line asks for."""
    for case in evidence.cases:
        launched = recognise_entry(case.entry)
        locked = evidence.situation.supplied.locked(case.name) if case.subject == "desired" else None
        if locked is not None and locked.package:
            kind, _, name = locked.package.partition(":")
            yield Launch(case, Package(kind, name), locked.version, locked)  # type: ignore[arg-type]
        elif launched.package is not None:
            exact = not launched.floating and is_exact(launched.package.ecosystem, launched.version)
            newest = "" if launched.version in _NEWEST else None
            yield Launch(case, launched.package, launched.version if exact else newest, None)


def advisories_of(evidence: Evidence) -> Advisories | None:
    """None if nothing is known, or it cannot be read."""
    found = evidence.situation.supplied.advisories
    return None if found is None or isinstance(found, Problem) else found


def own(launch: Launch, advisories: Advisories) -> tuple[Known, ...] | None:
    """What is known of the package itself; None if that is nothing, not even that there is nothing to know."""
    kind, name = launch.package.ecosystem, launch.package.name
    if launch.version is None or kind not in advisories.ecosystems:
        return None
    if not launch.version:
        return advisories.about_the_next(kind, name)
    verdict = advisories.judge(kind, name, launch.version)
    return None if verdict is None else verdict.known


def advisory_text(known: Known) -> str:
    """`GHSA-... (high, fixed in 2.4.0)`."""
    grave = "malware" if known.malware else known.severity or "of no stated severity"
    fixed = f"fixed in {', '.join(known.fixed)}" if known.fixed else "no fix known"
    return f"{known.id} ({grave}, {fixed})"


def _advisories_text(known: Sequence[Known]) -> str:
    """The gravest first. The same text as long as the advisories say the same, however new they are: waivers go by it."""
    from mcpconf.advisories import gravest_first

    ordered = gravest_first(known)
    more = f" and {len(ordered) - _NAMED} more" if len(ordered) > _NAMED else ""
    return ", ".join(map(advisory_text, ordered[:_NAMED])) + more


def _severity(known: Iterable[Known]) -> Severity | None:
    from mcpconf.advisories import gravest_first

    return _GRAVE.get(gravest_first(known)[0].severity)


def _way_out(package: Package, version: str, known: Sequence[Known], advisories: Advisories) -> str:
    found = advisories.way_out(package.ecosystem, package.name, version, known)
    if not found:
        return (
            "no version of which nothing is known is known either; look for another server, or waive it with a reason"
        )
    return f"take {found}, the nearest version of which nothing is known"


def _vulnerable(evidence: Evidence) -> Iterator[Hit]:
    advisories = advisories_of(evidence)
    for launch in launches(evidence) if advisories is not None else ():
        assert advisories is not None
        known = [item for item in own(launch, advisories) or () if not item.malware]
        if known:
            case, package = launch.case, launch.package
            message = f"{launch}, which is vulnerable: {_advisories_text(known)}"
            hint = _way_out(package, launch.version or "", known, advisories)
            severity = _severity(known)
            yield Hit(case.subject, case.address, message, hint, case.where, str(package), severity)


def _malicious(evidence: Evidence) -> Iterator[Hit]:
    advisories = advisories_of(evidence)
    for launch in launches(evidence) if advisories is not None else ():
        assert advisories is not None
        case = launch.case
        known = [item for item in own(launch, advisories) or () if item.malware]
        if known:
            message = f"{launch}, which is malware: {_advisories_text(known)}"
            yield Hit(case.subject, case.address, message, where=case.where, evidence=str(launch.package))
    for launch, package, found in _brought(evidence):
        known = [item.known for item in found if item.known.malware]
        if known:
            message = f"`{launch.case.name}` brings {package}, which is malware: {_advisories_text(known)}"
            yield Hit(launch.case.subject, launch.case.address, message, where=launch.case.where, evidence=package)


def _brought(evidence: Evidence) -> Iterator[tuple[Launch, str, list[Found]]]:
    """For every locked server, what is known of each package that it brings along, with the package and its version."""
    advisories = advisories_of(evidence)
    if advisories is None:
        return
    from mcpconf.advisories.closure import judged

    told: set[str] = set()
    for launch in launches(evidence):
        if launch.locked is None or launch.case.name in told:
            continue
        told.add(launch.case.name)
        answer = judged(launch.locked, advisories)
        packages: dict[str, list[Found]] = {}
        for hit in answer.hits if answer is not None else ():
            if not hit.own:
                packages.setdefault(f"{launch.package.ecosystem}:{hit.package} {hit.version}", []).append(hit)
        yield from ((launch, package, found) for package, found in packages.items())


def _in_the_closure(evidence: Evidence) -> Iterator[Hit]:
    advisories = advisories_of(evidence)
    for launch, package, found in _brought(evidence):
        assert advisories is not None
        known = [item.known for item in found if not item.known.malware]
        if not known:
            continue
        from mcpconf.advisories.reach import only_over_http

        case = launch.case
        apart = case.entry.transport == "stdio" and all(map(only_over_http, known))
        message = f"`{case.name}` brings {package}, which is vulnerable: {_advisories_text(known)}"
        message += "; reachable over HTTP only, and this server speaks stdio" if apart else ""
        of = Package(launch.package.ecosystem, found[0].package)
        hint = f"{_way_out(of, found[0].version, known, advisories)}; {command('lock')} takes what the server allows"
        severity = "info" if apart else _severity(known)
        yield Hit(case.subject, case.address, message, hint, case.where, package, severity)


def _host_applications(evidence: Evidence) -> Iterator[Hit]:
    advisories = advisories_of(evidence)
    for host, found in sorted(evidence.situation.supplied.applications.items()):
        assert advisories is not None
        for copy in found.copies:
            verdict = advisories.judge("npm", found.package, copy.version)
            if verdict is not None and verdict.known:
                message = f"{found.title} {copy.version} is vulnerable: {_advisories_text(verdict.known)}"
                newer = advisories.way_out("npm", found.package, copy.version, verdict.known)
                hint = f"update it to {newer} or newer" if newer else "update it, or do without it until there is a fix"
                yield Hit("observed", f"host:{host}", message, hint, Where(copy.path), evidence=found.package)


RULES = (
    Rule(
        id="MCP701",
        title="a version with a known vulnerability",
        severity="error",
        threat="vulnerable versions (re-deployment)",
        owasp="MCP04:2025",
        check=_vulnerable,
        what="A server of which an advisory is about the very version that is started: the locked one, or the one that the command line asks for. An error if it is high or critical, or nobody says how grave it is; a warning if it is medium, a note if it is low. Without a version it is one if the newest is affected too.",
        why="What is public is tried first. An advisory says in which lines of versions it is gone, and the greatest number need not be one of them.",
        example="npm:mcp-remote 0.1.15, with GHSA-6xpm-ggf7-wc3p (critical, fixed in 0.1.16)",
        fix="take a version in which it is fixed",
    ),
    Rule(
        id="MCP702",
        title="malicious package",
        severity="error",
        threat="installer spoofing, code injection",
        owasp="MCP04:2025",
        check=_malicious,
        what="A server, or a package that it brings along, of which a record of malware (`MAL-...`) is about the version that is started, or about whatever version comes next.",
        why="It was published to do harm. Whoever ran it once has to take for known what it could reach.",
        example="npm:postmark-mcp 1.0.16, with MAL-2025-47604",
        fix="remove it, and rotate every secret that it could read; if the record is about another package that once had the name, waive MCP702 for the server, with that reason",
    ),
    Rule(
        id="MCP703",
        title="a host with a known vulnerability",
        severity="warning",
        threat="vulnerable versions (re-deployment), sandbox escape",
        owasp="MCP04:2025",
        check=_host_applications,
        what="A host that npm installed for all, in a version that an advisory is about. Of hosts that came in another way nothing is known.",
        why="Most of what the manifest forbids is enforced by the host, and several versions could be talked out of it by a file in a project.",
        example="Claude Code 1.0.100, with GHSA-... (high, fixed in 1.0.111)",
        fix="update the host",
    ),
    Rule(
        id="MCP704",
        title="a vulnerability in what a server brings along",
        severity="warning",
        threat="vulnerable versions (re-deployment)",
        owasp="MCP04:2025",
        check=_in_the_closure,
        what="A package in the locked closure of a server, in a version that an advisory is about. A note if it is low, or if only a server that listens for HTTP can be reached by it and this one speaks stdio; never an error by itself.",
        why="A server is mostly the packages that it brings. Whether it ever calls what is wrong in one of them is not told by its version.",
        example="`files` brings npm:@modelcontextprotocol/sdk 1.23.0, with GHSA-w48q-cv73-mx4w (high, fixed in 1.24.0)",
        fix="lock it anew, which takes the newest that the server allows",
    ),
)
