"""Rules about the machine: what is there that should not be, and what changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from mcpconf.errors import Where
from mcpconf.formats.base import pointer
from mcpconf.model.address import Address
from mcpconf.model.base import Json
from mcpconf.model.change import Change, PlannedEdit
from mcpconf.model.commands import command
from mcpconf.model.finding import Severity, Subject
from mcpconf.reconcile.drift import advice
from mcpconf.reconcile.places import place
from mcpconf.rules.frame import Evidence, Hit, Rule
from mcpconf.rules.latent import OF_USERS, by_address, is_off

DRIFTED = "MCP601"

_MISSING = "artifact_missing"
_NOTHING_RUNS: Mapping[str, Severity] = {_MISSING: "warning", "unread": "info", "in_the_way": "info"}
"""Kinds of drift that are less grave, for nothing else runs instead."""


def _not_in_manifest(evidence: Evidence) -> Iterator[Hit]:
    yield from _strays(evidence, of_projects=False)


def _of_projects(evidence: Evidence) -> Iterator[Hit]:
    yield from _strays(evidence, of_projects=True)


def _strays(evidence: Evidence, *, of_projects: bool) -> Iterator[Hit]:
    drift = {item.address: item.id for item in evidence.draft.drift if item.kind == "unmanaged"}
    observed = evidence.situation.observed
    entries = by_address(observed)
    for item in evidence.draft.unmanaged:
        if item.kind != "server" or item.kept or (Address.parse(item.address).scope == "project") != of_projects:
            continue
        if not item.removed and is_off(observed, entries.get(item.address)):
            continue
        identity = item.identity or "something that cannot be understood"
        message = f"{identity} is not in the manifest"
        hint = "" if item.removed else f"add it to the manifest, remove it, or {command('accept', item.address)}"
        subject: Subject = "repaired" if item.removed else "observed"
        yield Hit(subject, item.address, message, hint, Where(item.where), drift=drift.get(item.address, ""))


def _drifted(evidence: Evidence) -> Iterator[Hit]:
    for item in evidence.draft.drift:
        if item.kind == "perm_drift" or (item.kind in OF_USERS and not item.counted):
            continue
        subject: Subject = "repaired" if item.will == "revert" else "observed"
        where = Where(item.where) if item.where else None
        severity = _NOTHING_RUNS.get(item.kind) if item.kind == _MISSING or item.severity != "high" else None
        yield Hit(subject, item.address, item.message, advice(item), where, severity=severity, drift=item.id)
    for change in evidence.draft.kept:
        message = "differs from the manifest and is kept, as the policy says"
        overwrite = command("apply", "--on-conflict", "overwrite", "--target", change.address)
        hint = f"{overwrite} writes the manifest's entry"
        yield Hit("observed", change.address, message, hint, Where(change.file, change.line))
    for address, change in evidence.draft.tracked.items():
        message = f"not as the manifest says, and git tracks `{change.file}`"
        hint = "change the file and commit it, or set `tracked: write` for the project"
        yield Hit("observed", address, message, hint, Where(change.file, change.line), patch(change))


def _outdated(evidence: Evidence) -> Iterator[Hit]:
    for item in evidence.outdated:
        one = len(item.pids) == 1
        which = f"process{'' if one else 'es'} {', '.join(map(str, item.pids))}"
        message = f"`{item.server}` still runs as it was before mcpconf wrote it on {item.written[:10]}: {which}"
        moments = f"started {item.started}, written {item.written}"
        yield Hit("observed", item.address, message, where=Where(item.file), evidence=moments)


def _returned(evidence: Evidence) -> Iterator[Hit]:
    removed = {item.address for item in evidence.draft.unmanaged if item.removed}
    removed |= {item.address for item in evidence.draft.changes if item.writes}
    there = {str(entry.address): entry for entry in evidence.situation.observed.entries}
    for address, moment in evidence.returned.items():
        if address in there:
            subject: Subject = "repaired" if address in removed else "observed"
            message = f"mcpconf removed it on {moment[:10]}, and it is there again"
            yield Hit(subject, address, message, where=Where(place(there[address])), evidence=f"removed {moment}")


def patch(change: Change) -> str:
    """The edits that were left out, as a JSON patch (RFC 6902): only what the manifest asks for is in it.

    An element of a list that is told by its value stands as `=VALUE`.
    """
    return json.dumps([_operation(edit) for edit in change.edits], ensure_ascii=False)


def _operation(edit: PlannedEdit) -> dict[str, Json]:
    path = pointer(edit.path)
    return {"op": "remove", "path": path} if edit.absent else {"op": "add", "path": path, "value": edit.value}


RULES = (
    Rule(
        id="MCP001",
        title="server not in the manifest",
        severity="error",
        threat="name collision, configuration drift",
        owasp="MCP09:2025",
        check=_not_in_manifest,
        what="An entry in a user's or a system's file of a host that the manifest does not put there.",
        why="Malware and installers add servers to host files; a server nobody approved runs with the user's rights.",
        example="a server `lint_check` in ~/.cursor/mcp.json that no commit asks for",
        fix="remove it, or add it to the manifest",
    ),
    Rule(
        id=DRIFTED,
        title="drift",
        severity="error",
        threat="configuration drift",
        owasp="MCP09:2025",
        check=_drifted,
        what="An entry that was changed, added or removed outside apply.",
        why="What was reviewed is not what runs.",
        example="an argument `~/work` that became `~`",
        fix="`mcpconf apply` puts the manifest's entry back",
    ),
    Rule(
        id="MCP602",
        title="server of a project, not in the manifest",
        severity="warning",
        threat="name collision, configuration drift",
        owasp="MCP09:2025",
        check=_of_projects,
        what="An entry in a file of a project, as a repository brings it along, that the manifest does not put there.",
        why="Whoever can commit to the repository decides what runs on the machines of all who open it.",
        example="a server `deploy` in .mcp.json of a repository that was cloned yesterday",
        fix="remove it there, or add it to the manifest for that project",
    ),
    Rule(
        id="MCP609",
        title="server that runs as it was before",
        severity="warning",
        threat="configuration drift, privilege persistence",
        owasp="MCP09:2025",
        check=_outdated,
        what="A process of a server of the manifest that was started before mcpconf last wrote the entry of that server. Told where mcpconf wrote all entries of it, for nobody can see which host has started a process.",
        why="What was taken away from its arguments, its variables or its version is still there as long as it runs.",
        example="`files` was narrowed to ~/work at noon, and a process of it has been running since the morning",
        fix="restart the host that started it",
    ),
    Rule(
        id="MCP610",
        title="entry that came back",
        severity="warning",
        threat="privilege persistence, configuration drift",
        owasp="MCP09:2025",
        check=_returned,
        what="An entry that mcpconf took away and that is there again, as its log tells. Not one that a person has accepted since.",
        why="Something puts it there: settings that are synchronised, a plugin, an installer. It will be there again after the next removal too.",
        example="`slack` was removed on Monday, and the sync of settings brought it back from another machine",
        fix="find what writes it; a list under `absent` in the manifest takes it away each time, and `managed: true` for a host keeps it from starting",
    ),
)
