"""The servers of a manifest that may be given away: pinned by the lock, approved, and not blocked by what the rules find."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mcpconf import operations
from mcpconf.artifacts.observing import observed as on_machine
from mcpconf.artifacts.supplied import Supplied
from mcpconf.documents.checking import did_you_mean
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.model.commands import command
from mcpconf.model.desired import Desired
from mcpconf.model.finding import Finding
from mcpconf.model.installed import Missing
from mcpconf.model.manifest import Manifest, Server
from mcpconf.model.observed import Observed
from mcpconf.model.state import State
from mcpconf.packages import brought
from mcpconf.ports import Machine
from mcpconf.reconcile.absence import absents
from mcpconf.reconcile.blocking import blocking
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.expiry import expired, without
from mcpconf.reconcile.situation import Choices, Policy, Situation
from mcpconf.resolve.groups import of_machine
from mcpconf.resolve.servers import identity, neutral
from mcpconf.rules import judge
from mcpconf.system.rego import denied


@dataclass(frozen=True, slots=True)
class Judged:
    """The servers that were asked for, pinned, in the order of the manifest; `held` are those of them that must not go out.

    `absent` are servers that were asked for by nobody's fault: of other machines, expired, or switched off.
    """

    manifest: Manifest
    servers: Mapping[str, Server]
    held: Mapping[str, Problem]
    absent: Mapping[str, str]
    supplied: Supplied


def judged(machine: Machine, path: str, names: Sequence[str], *, locked: bool) -> Judged:
    """Raises McpconfError: exit 1 for a manifest that cannot be read, 3 if all of it is blocked, 64 for a name that is not in it."""
    machine = replace(machine, files=machine.files.still())
    loaded, supplied = operations.pin(operations.manifest(path, machine.documents), machine.documents, machine)
    _known(loaded, names)
    whole = of_machine(loaded.manifest, machine.facts).manifest
    gone = expired(whole, machine.clock.passed)
    mine = without(whole, gone)
    supplied = on_machine(mine, supplied, machine, Store.of(machine).key())
    blocked = _blocked(machine, replace(loaded, manifest=mine), supplied, locked=locked)
    wanted = names or loaded.manifest.offered
    absent = dict(_absent(wanted, loaded.manifest, mine, gone))
    servers = {name: server for name, server in mine.servers.items() if name in wanted and name not in absent}
    held = {name: problem for name, server in servers.items() if (problem := _held(name, server, supplied, blocked))}
    forbidden = dict(_forbidden(loaded, servers))
    return Judged(mine, servers, {**held, **forbidden}, absent, supplied)


def _known(loaded: LoadedManifest, names: Sequence[str]) -> None:
    for name in names:
        if name not in loaded.manifest.servers:
            hint = did_you_mean(name, loaded.manifest.servers)
            problem = Problem("usage", f"there is no server `{name}` in {loaded.file}", None, hint)
            raise McpconfError(ExitCode.USAGE, problem)


def _blocked(machine: Machine, loaded: LoadedManifest, supplied: Supplied, *, locked: bool) -> Mapping[str, Finding]:
    """The gravest finding by address. No host is looked at: a program that reads an export has none of their files."""
    situation = Situation(
        Desired(),
        Observed(),
        State(),
        policy=Policy(fail_on=loaded.manifest.policy.fail_on),
        past=machine.clock.passed,
        choices=Choices(locked=locked),
        supplied=supplied,
        home=machine.facts.home,
        os=machine.facts.os,
    )
    found = judge(replace(loaded.evidence(situation, Draft()), denied=denied))
    whole = [item for item in found if item.subject == "document"]
    stopping = blocking(situation, [replace(item, subject="desired") for item in whole])
    if stopping:
        raise McpconfError(ExitCode.BLOCKED, *(_problem(item) for item in stopping.values()))
    return blocking(situation, found)


def _problem(finding: Finding) -> Problem:
    return Problem("invalid", f"{finding.rule}: {finding.message}", finding.where, finding.hint)


def _absent(wanted: Sequence[str], whole: Manifest, mine: Manifest, gone: frozenset[str]) -> Iterator[tuple[str, str]]:
    for name in wanted:
        if name in gone:
            yield name, f"expired on {whole.servers[name].expires}"
        elif name not in mine.servers:
            yield name, "not for this machine, by the groups of the manifest"
        elif mine.servers[name].enabled is False:
            yield name, "switched off in the manifest"


def _held(name: str, server: Server, supplied: Supplied, blocked: Mapping[str, Finding]) -> Problem | None:
    unmet = supplied.unmet.get(name)
    if unmet is not None:
        return unmet
    finding = blocked.get(f"server:{name}") or blocked.get(f"artifact:{name}") or blocked.get(f"surface:{name}")
    if finding is not None:
        return _problem(finding)
    if server.permissions is not None and server.permissions.enforce == "host":
        hint = "write `enforce: bwrap`, or leave the server out"
        return Problem("permission", f"a program has no sandbox to hold `{name}` to its permissions", None, hint)
    match supplied.installations.get(name):
        case Missing():
            return Problem("missing", f"`{name}` is not in the store", None, command("install", name))
        case Problem() as problem:
            return problem
    return None


def _forbidden(loaded: LoadedManifest, servers: Mapping[str, Server]) -> Iterator[tuple[str, Problem]]:
    """What must be absent wins over what is wanted."""
    known = {item.identity: item.where for item in absents(loaded.manifest, loaded.where) if item.identity}
    for name, server in servers.items():
        for what in (identity(server), *sorted(brought(neutral(server)))):
            if what in known:
                message = f"`{name}` is wanted, but `absent` forbids {what} ({known[what]})"
                yield name, Problem("invalid", message, loaded.where("servers", name), "remove one of the two")
                break
