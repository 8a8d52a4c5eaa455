"""Gather one situation: the manifest resolved for this machine, beside what was observed and applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Protocol, TypedDict

from mcpconf.artifacts.pinning import from_store
from mcpconf.artifacts.supplied import NOTHING_SUPPLIED, Supplied
from mcpconf.errors import Problem, Where
from mcpconf.hosts.names import CANNOT_NAME
from mcpconf.hosts.places import absolute, spelled
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.base import Json
from mcpconf.model.desired import Desired, DesiredEntry
from mcpconf.model.entry import Entry
from mcpconf.model.finding import Finding
from mcpconf.model.manifest import Manifest, Project, Server
from mcpconf.model.observed import Observed
from mcpconf.model.plan import Declared
from mcpconf.model.state import State
from mcpconf.permissions.extent import Bound
from mcpconf.ports import Facts, Machine
from mcpconf.reconcile.absence import absents, without_absent
from mcpconf.reconcile.declared import declared
from mcpconf.reconcile.expiry import expired, without
from mcpconf.reconcile.merging import RowRules
from mcpconf.reconcile.renaming import former
from mcpconf.reconcile.situation import Choices, Ignored, Policy, Released, Situation
from mcpconf.resolve import CANNOT_SAY, Resolution, resolve
from mcpconf.resolve.servers import asked, neutral, variants
from mcpconf.secrets import find

if TYPE_CHECKING:
    from mcpconf.reconcile.policing import Kept


class Loaded(Protocol):
    """A manifest with the lines of its parts."""

    @property
    def manifest(self) -> Manifest: ...

    def where(self, *path: str | int) -> Where: ...


@dataclass(frozen=True, slots=True)
class Memory:
    """What this machine remembers. `warnings` tell why less is remembered than was."""

    state: State
    key: bytes | None
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found on the machine, what is remembered of it, what was said on the command line, and what the lock says."""

    observed: Observed
    memory: Memory
    choices: Choices
    supplied: Supplied = NOTHING_SUPPLIED


def situate(machine: Machine, loaded: Loaded, rows: Mapping[str, HostRow], seen: Seen) -> Situation:
    manifest, facts = loaded.manifest, machine.facts
    observed, memory = seen.observed, seen.memory
    tracked = cache(machine.history.tracked)
    past = machine.clock.passed
    gone = expired(manifest, past)
    wanted = without(manifest, gone)
    asked_of_rows = _resolution(machine, rows, observed, tracked, loaded.where)
    asked_of_rows = _with_lock(asked_of_rows, wanted, seen.supplied)
    desired = resolve(wanted, asked_of_rows)
    absent = tuple(absents(manifest, loaded.where))
    places = dict(_places(manifest, facts))
    desired, contradicted = without_absent(desired, absent)
    reach = frozenset({*((host, "") for host in manifest.hosts), *places})
    situation = Situation(
        desired=Desired(tuple(where_it_lies(desired, observed)), desired.findings),
        observed=observed,
        state=memory.state,
        policy=_policy(manifest, places),
        absent=absent,
        released=tuple(Released(item.server, tuple(item.hosts or ())) for item in manifest.released),
        ignored=tuple(
            Ignored(item.target, item.field or "", item.reason, item.expires)
            for item in manifest.ignore
            if not past(item.expires)
        ),
        was=_was(wanted),
        asked=frozenset(asked(server).identity for server in _asked(wanted)) - {""},
        declared=declared(wanted, {host for host, _ in reach}),
        **_permitted(wanted, seen, facts),
        reach=reach,
        **_policed(machine, wanted, asked_of_rows, memory.state),
        projects={place: project.tracked == "write" for place, project in places.items()},
        rules=RowRules(rows, observed, facts),
        tracked=tracked,
        passed_over=machine.history.ignored,
        environment=facts.env,
        literals=literals(manifest),
        key=memory.key,
        home=facts.home,
        os=facts.os,
        uid=facts.uid,
        choices=seen.choices,
        past=past,
        expired=gone,
        warnings=memory.warnings,
        supplied=seen.supplied,
    )
    findings = (*_left_behind(situation), *contradicted)
    return _shared(facts, replace(situation, desired=replace(situation.desired, findings=findings)))


def _shared(facts: Facts, situation: Situation) -> Situation:
    """Where the state is that of all users, only what they share is asked for, and no file of one is looked at."""
    if not facts.state:
        return situation
    return replace(situation, desired=Desired(), observed=Observed(problems=situation.observed.problems))


def put_here(
    machine: Machine, loaded: Loaded, rows: Mapping[str, HostRow], observed: Observed, supplied: Supplied
) -> Desired:
    """What a manifest puts on this machine, without what it forbids, and without a thought for what is there."""
    tracked = cache(machine.history.tracked)
    asked_of_rows = _resolution(machine, rows, observed, tracked, loaded.where)
    return resolve(loaded.manifest, _with_lock(asked_of_rows, loaded.manifest, supplied))


def _with_lock(resolution: Resolution, manifest: Manifest, supplied: Supplied) -> Resolution:
    stored = frozenset(name for name in manifest.servers if from_store(manifest, name))
    return replace(resolution, unmet=supplied.unmet, stored=stored, shown=supplied.shown)


def _resolution(
    machine: Machine,
    rows: Mapping[str, HostRow],
    observed: Observed,
    tracked: Callable[[str], bool | Problem],
    where: Callable[..., Where],
) -> Resolution:
    def names(folder: str) -> tuple[str, ...]:
        found = machine.files.names(folder)
        return () if isinstance(found, Problem) else found

    return Resolution(
        rows=rows,
        facts=machine.facts,
        installed=frozenset(host.host for host in observed.hosts if host.installed),
        exists=machine.files.exists,
        names=names,
        tracked=lambda path: tracked(path) is not False,
        where=where,
    )


def where_it_lies(desired: Desired, observed: Observed) -> Iterator[DesiredEntry]:
    """A server that stands in another file of its scope than the one for new servers stays there."""
    found = {entry.address: entry for entry in (*observed.entries, *observed.others)}
    for entry in desired.entries:
        there = found.get(entry.address)
        if there is None or there.file.location == entry.location or not there.file.location.write:
            yield entry
        else:
            yield replace(entry, location=there.file.location, key_path=there.key_path)


def _places(manifest: Manifest, facts: Facts) -> Iterator[tuple[tuple[str, str], Project]]:
    """The project of each host and folder."""
    for project in manifest.projects:
        folder = spelled(absolute(project.path, facts), facts)
        for host in project.hosts if project.hosts is not None else manifest.hosts:
            yield (host, folder), project


class _Policed(TypedDict, total=False):
    policies: tuple[Kept, ...]
    secrets: frozenset[str]


def _policed(machine: Machine, manifest: Manifest, resolution: Resolution, state: State) -> _Policed:
    """Few manifests keep one, and the others need not load what makes it.

    A policy is for all users, and so for hosts that this one does not have.
    """
    if not state.policies and not any(selection.managed for selection in manifest.hosts.values()):
        return {}
    from mcpconf.reconcile.policed import kept_policies, literal_secrets

    folders = {absolute(project.path, machine.facts) for project in manifest.projects}
    everywhere = replace(resolution, installed=frozenset(resolution.rows), exists=folders.__contains__)
    desired = resolve(manifest, everywhere)
    return {
        "policies": kept_policies(machine, manifest, resolution.rows, desired, state),
        "secrets": literal_secrets(desired.entries),
    }


class _Permitted(TypedDict, total=False):
    bounds: Mapping[str, Mapping[str, Bound]]
    limits: Mapping[str, dict[str, Json]]
    redeclared: tuple[Declared, ...]


def _permitted(manifest: Manifest, seen: Seen, facts: Facts) -> _Permitted:
    """Few manifests say anything of it, and the others need not load what compares it."""
    state = seen.memory.state
    if not state.declared and all(server.permissions is None for server in manifest.servers.values()):
        return {}
    from mcpconf.permissions.building import Ground
    from mcpconf.reconcile.bounds import bounds, limits, redeclared

    ground = Ground(facts.home, facts.os)
    return {
        "bounds": bounds(manifest, seen.supplied, ground),
        "limits": limits(manifest),
        "redeclared": redeclared(manifest, state, ground),
    }


def _policy(manifest: Manifest, places: Mapping[tuple[str, str], Project]) -> Policy:
    policy = manifest.policy
    return Policy(
        unmanaged=policy.unmanaged,
        projects={place: project.unmanaged for place, project in places.items() if project.unmanaged is not None},
        not_ours=policy.on_conflict.not_ours,
        both_changed=policy.on_conflict.both_changed,
        grants=policy.grants,
        fail_on=policy.fail_on,
        observed=frozenset(policy.observed),
        privilege=policy.privilege,
    )


def _was(manifest: Manifest) -> dict[str, tuple[str, ...]]:
    return {name: server.was for name, server in manifest.servers.items() if server.was}


def _left_behind(situation: Situation) -> Iterator[Finding]:
    """What a host can no longer say must not leave our older entry running as if all were well."""
    present = {str(entry.address) for entry in situation.observed.entries} & situation.state.entries.keys()
    for finding in situation.desired.findings:
        unsayable = finding.rule in (CANNOT_NAME, CANNOT_SAY)
        if not unsayable or present.isdisjoint({finding.address, *former(situation, [finding.address])}):
            yield finding
            continue
        message = f"{finding.message}; what was written before is still there"
        hint = f"{finding.hint}, which removes it, or give the host what it can say"
        yield replace(finding, severity="error", message=message, hint=hint)


def _asked(manifest: Manifest) -> Iterator[Server]:
    """Every server in every form that some host gets."""
    for server in manifest.servers.values():
        yield from (own for _, own in variants(server))


def literals(manifest: Manifest) -> frozenset[str]:
    """Every text of the manifest that may stand where secrets stand, but for those that are secrets all the same."""
    return texts_of(neutral(server) for server in _asked(manifest))


def texts_of(entries: Iterable[Entry]) -> frozenset[str]:
    """The texts of entries as a manifest says them."""
    found: set[str] = set()
    for entry in entries:
        values = (*entry.argv, *entry.env.values(), *entry.headers.values(), entry.url)
        texts = {text for value in values for text in value.literals}
        secrets = [item.value for item in find(entry)]
        found |= {text for text in texts if not any(secret in text for secret in secrets)}
    return frozenset(found)
