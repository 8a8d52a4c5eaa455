"""The bytes behind servers: what the plan tells of the store, and what of it counts as drift."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from mcpconf.artifacts.elsewhere import Elsewhere
from mcpconf.errors import Problem
from mcpconf.model.address import ARTIFACT
from mcpconf.model.installed import Changed, Installation, Missing
from mcpconf.model.plan import Drift
from mcpconf.model.stored import AdvisoryData, CopyAdvisory, Stored, StoredCopy
from mcpconf.reconcile.drift import drift
from mcpconf.reconcile.situation import Situation

NAMED = 20
"""Files that are named one by one."""


def stored(situation: Situation) -> list[Stored]:
    """One item for each locked package of this machine."""
    supplied = situation.supplied
    names = sorted({*supplied.installations, *supplied.copies})
    return [_stored(situation, name) for name in names]


def _stored(situation: Situation, name: str) -> Stored:
    supplied = situation.supplied
    locked, found = supplied.locked(name), supplied.installations.get(name)
    assert locked is not None
    copies = [_copy(item) for item in supplied.copies.get(name, ())]
    told = Stored(
        server=name,
        package=locked.package,
        version=locked.version,
        copies=copies,
        folder=supplied.folders.get(name, ""),
    )
    match found:
        case None:
            return told
        case Missing():
            return told.model_copy(update={"state": "missing"})
        case Changed():
            return told.model_copy(update={"state": "changed", "files": files_of(found), "reason": found.reason})
        case Problem():
            return told.model_copy(update={"state": "unknown", "reason": found.message})
        case _:
            return told.model_copy(update={"state": "installed"})


def _copy(item: Elsewhere) -> StoredCopy:
    advisories = [
        CopyAdvisory(
            id=known.id,
            aliases=[*known.aliases],
            severity=known.severity,
            malware=known.malware,
            summary=known.summary,
            fixed=[*known.fixed],
        )
        for known in item.known
    ]
    copy = item.copy
    return StoredCopy(
        path=copy.path, version=copy.version, started_by=copy.started_by, known=item.certain, advisories=advisories
    )


def held_against(situation: Situation) -> AdvisoryData | None:
    """The advisories that copies were held against, if there were both."""
    found = situation.supplied.advisories
    if found is None or isinstance(found, Problem) or not situation.supplied.copies:
        return None
    return AdvisoryData(
        source=found.source,
        records=found.count,
        newest=found.newest,
        ecosystems=sorted(found.ecosystems),
        unread=found.unread,
    )


def files_of(found: Changed) -> list[str]:
    """The first of the files that are other ones, new, or gone."""
    return sorted({*found.changed, *found.added, *found.missing})[:NAMED]


def drift_of_store(situation: Situation, pending: Collection[str]) -> Iterator[Drift]:
    """An installation that entries of ours start, and that is gone or not what was built.

    What servers in `pending` are to start from now on was never there.
    """
    ours = {applied.server for applied in situation.state.entries.values()} - {*pending}
    for name, found in sorted(situation.supplied.installations.items()):
        where = situation.supplied.folders[name]
        if isinstance(found, Missing) and name in ours:
            message = f"`{name}` is not in the store"
            yield drift("artifact_missing", f"{ARTIFACT}{name}", message, severity="high", will="revert", where=where)
        elif isinstance(found, Changed):
            message = f"`{name}` in the store {unlike(found)}"
            yield drift("artifact_drift", f"{ARTIFACT}{name}", message, severity="critical", will="held", where=where)


def unlike(found: Changed) -> str:
    """What follows after the name of an installation."""
    if found.keyless:
        return "was sealed with a key that is lost: nobody knows whether it was changed"
    return f"is not what was built: {difference(found)}"


def difference(found: Changed) -> str:
    """`1 file changed (dist/index.js)`."""
    if found.reason:
        return found.reason
    parts = ((found.changed, "changed"), (found.added, "added"), (found.missing, "missing"))
    return ", ".join(
        f"{len(files)} {'file' if len(files) == 1 else 'files'} {word} ({_few(files)})"
        for files, word in parts
        if files
    )


def _few(files: tuple[str, ...]) -> str:
    return ", ".join(files[:3]) + (f", and {len(files) - 3} more" if len(files) > 3 else "")


def unread(installations: Mapping[str, Installation]) -> dict[str, Problem]:
    return {f"{ARTIFACT}{name}": found for name, found in installations.items() if isinstance(found, Problem)}
