"""Move one server to another version: in the manifest where it names one, and in the lock."""

from __future__ import annotations

from dataclasses import replace

from mcpconf.advisories.closure import judged
from mcpconf.artifacts.changes import lock_changes
from mcpconf.artifacts.offers import Offers, Release, offers
from mcpconf.artifacts.standing import Side, Updated
from mcpconf.authoring.drafting import read, refuse_foreign, settle, usage
from mcpconf.authoring.servers import known_server
from mcpconf.documents.editing import Draft
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.model.asked import UNPINNED
from mcpconf.model.base import ABSENT, Json
from mcpconf.model.lock import Lock, LockedServer
from mcpconf.model.manifest import Server
from mcpconf.packages import is_exact
from mcpconf.supply.checking import check
from mcpconf.supply.locking import Asked, Locking, lock
from mcpconf.supply.outdated import Limits, days_between, offered, worth
from mcpconf.system.sources import replace_document
from mcpconf.workshop import Workshop


def update(path: str, name: str, to: str, workshop: Workshop, limits: Limits) -> Updated:
    """To a version, or to the newest that is old enough and that no advisory is about; a range in the manifest stays.

    Writes manifest and lock, or neither. Raises McpconfError: exit 64 for what cannot be moved, exit 1 for documents that
    cannot be used, exit 8 where a registry cannot be asked, exit 3 for bytes that have another hash than they must.
    """
    data, before = read(path)
    server = _server(before, name)
    known = (check(path, workshop.machine.documents).lock or Lock()).servers.get(name)
    limits = replace(limits, cooldown=max(limits.cooldown, before.manifest.policy.cooldown))
    draft = Draft(data, path)
    for key, value in _edits(server, to or _newest(server, known, workshop, limits)).items():
        draft.put(("servers", name, key), value)
        draft.tell("servers", name, key)
    edited = draft.revision
    settle(path, data, edited, write=bool(edited.changed))
    try:
        done = _locked(path, name, workshop, limits)
    except BaseException:
        if edited.changed:
            replace_document(path, edited.text.encode(), data)
        raise
    change = next((item for item in lock_changes(done.before or Lock(), done.after) if item.name == name), None)
    sides = _sides(server, (known, done.after.servers.get(name)), workshop, limits)
    return Updated(name, path, done.file, edited.changed, change, *sides)


def _server(loaded: LoadedManifest, name: str) -> Server:
    known_server(loaded, name)
    refuse_foreign(loaded, ("servers", name), f"`{name}`")
    server = loaded.manifest.servers[name]
    where = loaded.where("servers", name)
    if server.package is None:
        raise usage(f"`{name}` has no version: it is no package", where, "name a server with `package`")
    if server.package.ecosystem == "mcpb":
        raise usage(f"`{name}` is a bundle: its address is its version", where, "write the new address, and lock it")
    return server


def _newest(server: Server, known: LockedServer | None, workshop: Workshop, limits: Limits) -> str:
    """What the manifest shall say: the range that it has, or the version to go to, which may be that it has already."""
    asked = server.version or ""
    assert server.package is not None
    if server.package.ecosystem == "oci":
        raise McpconfError(
            ExitCode.USAGE, Problem("usage", "which tags an image has is not asked", None, "give `--to`")
        )
    if not is_exact(server.package.ecosystem, asked) and asked != UNPINNED:
        return asked
    answer = offered(server, known.version if known is not None and known.version else asked, workshop, limits)
    if isinstance(answer, Problem):
        raise McpconfError(_code(answer), answer)
    if answer.ripe is None:
        hint = "wait, or name one with `--to`: it is taken all the same"
        raise McpconfError(ExitCode.BLOCKED, Problem("missing", "no version is safe and old enough", None, hint))
    return answer.ripe.version if worth(answer.ripe, asked, server, limits) else asked


def _edits(server: Server, version: str) -> dict[str, Json]:
    """A hash belongs to the version that it stood beside; the lock has those of the new one."""
    if version == server.version:
        return {}
    return {"version": version} | ({"hash": ABSENT} if server.hash else {})


def _locked(path: str, name: str, workshop: Workshop, limits: Limits) -> Locking:
    done = lock(path, workshop, Asked((name,), limits.cooldown, limits.avoided, alone=name))
    if name in done.problems:
        raise McpconfError(_code(done.problems[name]), done.problems[name])
    return done


def _code(problem: Problem) -> ExitCode:
    return ExitCode.BLOCKED if problem.kind == "hash" else ExitCode.INCOMPLETE


def _sides(
    server: Server, locked: tuple[LockedServer | None, LockedServer | None], workshop: Workshop, limits: Limits
) -> tuple[Side, Side]:
    assert server.package is not None
    with offers(server.package, workshop) as found:
        old, new = (_side(item, found, workshop, limits) for item in locked)
    return old, new


def _side(item: LockedServer | None, found: Offers | Problem, workshop: Workshop, limits: Limits) -> Side:
    if item is None:
        return Side(None, None, None)
    told = Problem("missing", "") if isinstance(found, Problem) else found.release(item.version)
    release = Release(item.version) if isinstance(told, Problem) else told
    age = days_between(release.published, workshop.machine.clock.now())
    return Side(release, age, judged(item, limits.advisories))
