"""Whether what was revoked is really gone from a machine."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from mcpconf import operations
from mcpconf.documents.checking import did_you_mean
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.model.address import GRANT, Address
from mcpconf.model.commands import command
from mcpconf.model.plan import Plan
from mcpconf.model.residue import Answer, Pending, PlaceAnswer, ResidueReport
from mcpconf.ports import Machine
from mcpconf.reconcile.situation import Choices
from mcpconf.secrets import Scrubber
from mcpconf.version import __version__

_ENDING = frozenset({"delete", "revoke"})
_REVOKED = frozenset({"revoked", "revoked_and_changed", "revoked_elsewhere", "revoked_locally", "must_be_absent"})


def left_of(machine: Machine, path: str, server: str = "") -> tuple[ResidueReport, Scrubber]:
    """Of one server, or of all that was revoked. Writes nothing. Raises McpconfError: exit 1, or 64 for the name."""
    loaded = operations.manifest(path, machine.documents)
    planned = operations.plan(machine, loaded, Choices(tracing=server))
    plan = planned.plan
    names = frozenset({server, *(name for item in planned.gone for name in item.names)}) - {""}
    pending = [*_pending(plan, names, every=not server)]
    left = [item for item in plan.residue if item.place or not server or {item.server, _called(item.address)} & names]
    if server and not (planned.gone or pending or left):
        raise _unknown(loaded, plan, server)
    hosts = _hosts(plan, len(pending) + sum(not item.place for item in left))
    places = [hosts, *planned.places]
    report = ResidueReport(
        mcpconf_version=__version__,
        server=server,
        places=places,
        pending=pending,
        residue=left,
        history_unknown=plan.history_unknown,
        exit_code=_exit_code(places),
    )
    return report, planned.scrubber


def _pending(plan: Plan, names: Collection[str], *, every: bool) -> Iterator[Pending]:
    for change in plan.changes:
        is_meant = change.reason in _REVOKED if every else bool({change.server, _called(change.address)} & {*names})
        if change.action in _ENDING and is_meant:
            yield Pending(address=change.address, action=change.action, where=change.where or change.file)


def _called(address: str) -> str:
    return "" if address.startswith(GRANT) else Address.parse(address).server


def _hosts(plan: Plan, found: int) -> PlaceAnswer:
    reasons = [f"{item.where}: {item.reason}" for item in plan.unknowns]
    answer: Answer = "found" if found else "not_readable" if reasons else "clean"
    return PlaceAnswer(place="hosts", title="files of hosts", answer=answer, found=found, reasons=reasons)


def _exit_code(places: Collection[PlaceAnswer]) -> int:
    """What could not be read may hold anything; what was not looked at holds nothing."""
    if any(place.reasons and place.answer != "not_looked_at" for place in places):
        return ExitCode.INCOMPLETE
    return ExitCode.CHANGES if any(place.found for place in places) else ExitCode.SUCCESS


def _unknown(loaded: LoadedManifest, plan: Plan, server: str) -> McpconfError:
    if server in loaded.manifest.servers:
        message = f"`{server}` is not revoked: {loaded.file} has it"
        hint = f"take it out of the manifest, or {command('revoke', server)}"
    else:
        message = f"nothing is known of a server `{server}` that was revoked"
        why = plan.history_unknown or "no commit of the manifest had it"
        hint = did_you_mean(server, loaded.manifest.servers) or f"its history: {why}"
    return McpconfError(ExitCode.USAGE, Problem("usage", message, None, hint))
