"""Rules about the bytes behind servers: what the lock says of them, then and now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mcpconf.artifacts.command import Program
from mcpconf.artifacts.elsewhere import Elsewhere
from mcpconf.artifacts.pinning import from_store
from mcpconf.artifacts.records import TREE
from mcpconf.errors import Problem, Where
from mcpconf.model.address import ARTIFACT
from mcpconf.model.commands import command
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.finding import Severity
from mcpconf.model.installed import Changed
from mcpconf.model.lock import LockedServer
from mcpconf.model.state import Applied
from mcpconf.permissions.versions import older
from mcpconf.reconcile.stored import files_of, unlike
from mcpconf.rules.frame import Evidence, Hit, Rule
from mcpconf.rules.vulnerable import advisory_text

if TYPE_CHECKING:
    from mcpconf.advisories import Advisories


def known_before(evidence: Evidence) -> Iterator[tuple[DesiredEntry, LockedServer, Applied]]:
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
    for desired, locked, applied in known_before(evidence):
        for name, item in sorted(locked.artifacts.items()) if locked.version == applied.version else ():
            before = applied.artifacts.get(name, item.digest)
            if before != item.digest:
                message = f"`{desired.server}` {locked.version} was {before} when it was applied here, and the lock now says {item.digest}"
                where = evidence.where("servers", desired.server)
                yield Hit("desired", f"server:{desired.server}", message, where=where, evidence=name)
                break


def _older(evidence: Evidence) -> Iterator[Hit]:
    for desired, locked, applied in known_before(evidence):
        server = evidence.manifest.servers.get(desired.server)
        if server is None or server.package is None or not older(server.package, locked.version, applied.version):
            continue
        message = f"`{desired.server}` goes back from {applied.version}, which was applied here, to {locked.version}"
        where = evidence.where("servers", desired.server)
        yield Hit("desired", f"server:{desired.server}", message, where=where)


def _other_bytes(evidence: Evidence) -> Iterator[Hit]:
    ids = {item.address: item.id for item in evidence.draft.drift if item.kind == "artifact_drift"}
    supplied = evidence.situation.supplied
    for name, found in sorted(supplied.installations.items()):
        if isinstance(found, Changed):
            files = files_of(found)
            where = Where(f"{supplied.folders[name]}/{TREE}/{files[0]}" if files else supplied.folders[name])
            message, hint = f"`{name}` in the store {unlike(found)}", command("install", name)
            hint = f"find out who changed it; {hint} builds it anew"
            if found.keyless:
                message = f"what is in the store {unlike(found)}"
                hint = f"{command('install')} builds it anew, and puts aside what is there"
            yield Hit("desired", f"server:{name}", message, hint, where, drift=ids.get(f"{ARTIFACT}{name}", ""))


def _other_places(evidence: Evidence) -> Iterator[Hit]:
    for name, paths in sorted(evidence.situation.supplied.elsewhere.items()):
        for path in paths:
            message = f"`{name}` would also load what lies in {path}, which no lock tells"
            hint = f"find out who put it there, and move `{path}` away"
            yield Hit("desired", f"server:{name}", message, hint, Where(path), evidence=path)


def _other_program(evidence: Evidence) -> Iterator[Hit]:
    for name, found in sorted(evidence.situation.supplied.programs.items()):
        if isinstance(found, Problem) and found.kind == "hash":
            yield Hit("desired", f"server:{name}", found.message, found.hint, found.where)


def _exposed(evidence: Evidence) -> Iterator[Hit]:
    for name, place in sorted(evidence.situation.supplied.exposed.items()):
        message = f"`{name}` is started from the store, and every user of the machine may write to `{place}`"
        yield Hit("desired", f"server:{name}", message, f"take that permission from `{place}`", Where(place))


def _not_held(evidence: Evidence) -> Iterator[Hit]:
    yield from _exposed(evidence)
    for name, found in sorted(evidence.situation.supplied.programs.items()):
        where = evidence.where("servers", name)
        if isinstance(found, Problem) and found.kind != "hash":
            yield Hit("desired", f"server:{name}", f"`{name}`: {found.message}", found.hint, where)
        elif isinstance(found, Program) and found.writable:
            message = f"`{name}` runs `{found.path}`, and every user of the machine may write to `{found.writable}`"
            yield Hit("desired", f"server:{name}", message, f"take that permission from `{found.writable}`", where)
        elif isinstance(found, Program) and found.interpreter and not found.interpreter.startswith("/"):
            message = f"`{name}` is a script for `{found.interpreter}`, which is looked up on each machine's own PATH"
            yield Hit("desired", f"server:{name}", message, where=where, severity="info")


def _changed(evidence: Evidence) -> Iterator[Hit]:
    yield from _other_bytes(evidence)
    yield from _other_places(evidence)
    yield from _other_program(evidence)


def _by_name(evidence: Evidence) -> Iterator[Hit]:
    """Locked, and started by its name all the same."""
    supplied = evidence.situation.supplied
    for name in evidence.manifest.servers:
        locked = supplied.locked(name)
        if locked is not None and locked.closure and not from_store(evidence.manifest, name):
            count = len(locked.closure)
            message = (
                f"`{name}` is started by its name: of {count} packages in the lock, only its own version is asked for"
            )
            yield Hit("desired", f"server:{name}", message, where=evidence.where("servers", name))


_VULNERABLE: Severity = "warning"


def _stale_copies(evidence: Evidence) -> Iterator[Hit]:
    supplied = evidence.situation.supplied
    for name, copies in sorted(supplied.copies.items()):
        locked = supplied.locked(name)
        for item in copies:
            if locked is not None and item.worth_telling(locked):
                path, severity = item.copy.path, _VULNERABLE if item.known else None
                message = f"{_what_runs(item, locked)}{_what_is_known(item)}"
                hint = f"clean that cache{_according_to(item, supplied.advisories)}"
                address = f"{ARTIFACT}{name}"
                yield Hit("observed", address, message, hint, Where(path), evidence=path, severity=severity)


def _what_runs(item: Elsewhere, locked: LockedServer) -> str:
    copy = item.copy
    lock = "the lock says so too" if copy.version == locked.version else f"the lock says {locked.version}"
    return f"`{copy.started_by}` has {locked.package} {copy.version or 'of some version'}, and {lock}"


def _what_is_known(item: Elsewhere) -> str:
    """The same text as long as the advisories say the same, however new they are: waivers go by it."""
    if not item.known:
        return "; no advisory is about it" if item.certain else "; whether it is vulnerable is unknown"
    return f"; vulnerable: {', '.join(map(advisory_text, item.known))}"


def _according_to(item: Elsewhere, advisories: Advisories | Problem | None) -> str:
    if advisories is None:
        return f"; {command('vulndb', 'update')} makes known what is vulnerable"
    if isinstance(advisories, Problem):
        return f"; {advisories.message}: {advisories.hint}"
    said = "" if item.known or item.certain else "; nothing certain is said of it"
    return f"{said} (advisories up to {advisories.newest[:10] or 'no stated day'})"


RULES = (
    Rule(
        id="MCP102",
        title="other bytes than those that were locked",
        severity="error",
        threat="code injection, installer spoofing",
        owasp="MCP04:2025",
        check=_changed,
        what="An installation in the store of which a file was changed, added or removed since it was built from the lock; a `node_modules` above it, where Node looks too; a program that has another digest than in the lock.",
        why="What runs is what was approved, to the byte, or it is not known what runs.",
        example="node_modules/zod/index.js in the store has another digest than its record",
        fix="find out who changed it; `mcpconf install` builds it anew",
    ),
    Rule(
        id="MCP103",
        title="other bytes under the same version",
        severity="error",
        threat="installer spoofing, rug pull",
        owasp="MCP04:2025",
        check=_republished,
        what="A lock that says another digest than the one that was applied here, for the same file of the same version.",
        why="Registries do not change what is published. Whoever can replace it can replace it by anything.",
        example="sha512 of files-1.2.0.tgz in the lock differs from what this machine got under that name",
        fix="take it for a compromise until the publisher explains it; go back to the lock of before",
    ),
    Rule(
        id="MCP105",
        title="locked, and started by its name",
        severity="info",
        threat="installer spoofing, vulnerable versions (re-deployment)",
        owasp="MCP04:2025",
        check=_by_name,
        what="A package that is in the lock and is started by `npx` or `uvx`, which resolve all that it depends on anew.",
        why="The version of one package is pinned, and those of dozens that run with it are not; a cache or the current folder can put other bytes under the name.",
        example="npx -y files@1.2.0, with a lock of 107 packages",
        fix="write `launch: locked` for it",
    ),
    Rule(
        id="MCP109",
        title="back to an older version",
        severity="error",
        threat="vulnerable versions (re-deployment)",
        owasp="MCP04:2025",
        check=_older,
        what="A lock with a lower version of a server than this machine was given before.",
        why="An old lock that is committed again, or served again, brings back what was fixed since.",
        example="files was 1.3.0 here, and the lock says 1.2.0",
        fix="restore the newer version; or waive MCP109 for the server, with a reason",
    ),
    Rule(
        id="MCP111",
        title="a program that nothing holds to what was locked",
        severity="warning",
        threat="installer spoofing, code injection",
        owasp="MCP04:2025",
        check=_not_held,
        what="With a lock: a command that each machine looks up on its own PATH, a program or an installation in the store that every user may write to, a script whose interpreter is looked up.",
        why="Whoever can put a file in the way, or write to it, decides what runs under the approved name.",
        example="command: [mcp-notes], or /opt/notes/mcp with mode 0777",
        fix='write the full path of the program, and its `hash: "sha256:..."`',
    ),
    Rule(
        id="MCP706",
        title="another or vulnerable version in a cache",
        severity="info",
        threat="vulnerable versions (re-deployment), privilege persistence",
        owasp="MCP04:2025",
        check=_stale_copies,
        what="A cache or installation of npx, uv, pipx or npm that has another version of a package than the lock, or one that an advisory is about, which makes it a warning. Advisories are those that `mcpconf vulndb update` got; without them it is unknown which versions are vulnerable.",
        why="A host that starts the package by its name runs it, without asking anybody: what was upgraded for a reason is still there.",
        example="~/.npm/_npx/1a2b/node_modules/files has 1.2.0, and the lock says 1.3.0; vulnerable: GHSA-p9cv-8g75-4xcg (high, fixed in 1.3.0)",
        fix="clean that cache",
    ),
)
