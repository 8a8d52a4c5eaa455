"""The emergency stop: take a server or an approval off this machine now, and keep it off whatever the manifest says.

It needs no network, no git and no manifest. What can be read of them tells what a name stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from mcpconf import operations
from mcpconf.documents.manifest import LoadedManifest, load_manifest
from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.hosts.places import absolute, spelled
from mcpconf.model.address import GRANT, SERVER, Address, GrantAddress
from mcpconf.model.outcome import Outcome
from mcpconf.model.plan import Plan, Records, Summary, Unmanaged
from mcpconf.model.state import Revoked, State
from mcpconf.ports import Machine
from mcpconf.premises import settled, undisturbed
from mcpconf.reconcile.conclude import plan_digest
from mcpconf.reconcile.meant import meant
from mcpconf.reconcile.places import place
from mcpconf.reconcile.recall import REASON
from mcpconf.reconcile.revoked import RevokedHere
from mcpconf.reconcile.situation import Choices, Situation
from mcpconf.secrets import Scrubber
from mcpconf.system.sources import bundled_rows

EMPTY = b"mcpconf: 1\n"
FAILED = (ExitCode.STALE, ExitCode.NARROWED, ExitCode.RECOVER)


class Asked(NamedTuple):
    """What was typed: a server, an address pattern or one of approvals, why, and whether what runs of it is to end."""

    target: str
    reason: str = ""
    stop_processes: bool = False


@dataclass(frozen=True, slots=True)
class Revocation:
    """What a revocation takes away. `listed` are the lines of the manifest that still ask for it."""

    plan: Plan
    revoked: Revoked
    scrubber: Scrubber
    listed: tuple[str, ...] = ()


Confirm = Callable[[Revocation], Literal["yes", "no"]]


def look(machine: Machine, path: str, asked: Asked) -> Revocation:
    """What would be taken away. Writes nothing. Raises McpconfError (exit 64) for what is no name and no address."""
    loaded, missing = _manifest(path)
    first = _revoked(machine, asked)
    choices = Choices(revoking=first, stop_processes=asked.stop_processes)
    seen: list[Situation] = []

    def aim(situation: Situation) -> Situation:
        revoked = meant(situation, situation.state.revoked[-1])
        seen.append(replace(situation, state=situation.state.model_copy(update={"revoked": [revoked]})))
        return seen[-1]

    planned = operations.plan(machine, loaded, choices, operations.Aim(aim))
    situation = seen[-1]
    here = RevokedHere(situation)
    plan = _only(planned.plan, here, asked.reason, missing)
    return Revocation(plan, situation.state.revoked[-1], planned.scrubber, _listed(situation, loaded, here))


def revoke(
    machine: Machine, path: str, asked: Asked, confirm: Confirm, lock_seconds: float = operations.LOCK_SECONDS
) -> tuple[Revocation, Outcome]:
    """Ask, remember it, take it away, and look again. Gives what is left of it.

    It is remembered before anything is taken away, so that whatever happens then, the next apply takes the rest.
    """
    from mcpconf.transaction import apply as execute

    store = Store.of(machine)
    store.prepare(lock_seconds)
    with machine.locks.exclusive(store.lock, lock_seconds):
        settled(store)
        found = look(machine, path, asked)
        if confirm(found) == "no":
            serial = found.plan.state.serial
            return found, Outcome(end="declined", exit_code=ExitCode.STALE, serial=serial)
        _remember(store, store.load()[0].with_revoked(found.revoked))
        with undisturbed(machine, bundled_rows(), found.plan, lock_seconds):
            outcome = execute(store, found.plan, store.load()[0], seen=False)
        left = look(machine, path, asked)
        return left, outcome.model_copy(update={"exit_code": _code(left.plan, outcome)})


def undo(machine: Machine, target: str, lock_seconds: float = operations.LOCK_SECONDS) -> Revoked:
    """Let what was revoked be on this machine again. Writes no file of a host. Raises McpconfError (exit 64)."""
    store = Store.of(machine)
    if not store.load()[0].revoked:
        raise _unknown(target, ())
    store.prepare(lock_seconds)
    with machine.locks.exclusive(store.lock, lock_seconds):
        settled(store)
        state, _ = store.load()
        found = next((item for item in state.revoked if target in (item.target, item.target.rstrip("/"))), None)
        if found is None:
            raise _unknown(target, state.revoked)
        _remember(store, state.model_copy(update={"revoked": [item for item in state.revoked if item is not found]}))
        return found


def revoked(machine: Machine) -> tuple[Revoked, ...]:
    """What is revoked on this machine."""
    return tuple(Store.of(machine).load()[0].revoked)


def _manifest(path: str) -> tuple[LoadedManifest, str]:
    """The manifest, or an empty one and why."""
    try:
        return operations.manifest(path), ""
    except McpconfError as error:
        problem = error.problems[0]
        empty = load_manifest(EMPTY, path, known_hosts=bundled_rows())
        return empty, f"{problem.where or path}: {problem.message}; going by what was applied here, and by names"


def _revoked(machine: Machine, asked: Asked) -> Revoked:
    """What was typed, checked as far as it can be without looking at the machine."""
    target = asked.target
    revoked = Revoked(reason=asked.reason, since=machine.clock.now(), by=machine.facts.user)
    if target.startswith(GRANT):
        return revoked.model_copy(update={"address": _spelled(machine, GrantAddress.parse, target)})
    target, mark, part = target.partition("#")
    if mark and part != "auto":
        raise _usage(
            f"`{asked.target}` names a part of an entry", "only `#auto`, its approvals, can be revoked by itself"
        )
    revoked = revoked.model_copy(update={"part": part})
    if "/" not in target:
        target = target.removeprefix(SERVER)
        if not target or {"*", "?"} & {*target}:
            hint = f"`**/{target}` is a pattern of addresses" if target else "`mcpconf hosts` lists the files"
            raise _usage(f"`{asked.target}` is no name of a server", hint)
        return revoked.model_copy(update={"server": target})
    return revoked.model_copy(update={"address": _spelled(machine, Address.parse, target)})


def _spelled(machine: Machine, parse: Callable[[str], Address | GrantAddress], target: str) -> str:
    """An address as plans print it; a pattern as it is, for its scope may be a star. Raises McpconfError (exit 64)."""
    if {"*", "?"} & {*target}:
        return target
    try:
        address = parse(target)
    except ValueError as error:
        raise _usage(str(error), "`mcpconf status` lists the addresses") from None
    if address.host not in bundled_rows():
        raise _usage(f"`{target}` names no host that mcpconf knows", "`mcpconf hosts` lists them")
    facts = machine.facts
    return str(replace(address, project=address.project and spelled(absolute(address.project, facts), facts)))


def _usage(message: str, hint: str) -> McpconfError:
    return McpconfError(ExitCode.USAGE, Problem("usage", message, None, hint))


def _unknown(target: str, revoked: Sequence[Revoked]) -> McpconfError:
    known = ", ".join(f"`{item.target}`" for item in revoked)
    return _usage(f"`{target}` is not revoked here", f"revoked are {known}" if known else "nothing is revoked here")


def _remember(store: Store, state: State) -> None:
    try:
        store.save(state.model_copy(update={"serial": state.serial + 1}))
    except OSError as error:
        message = f"what is revoked could not be recorded, and nothing was written ({error.strerror or error})"
        hint = "check free space and permissions, then try again"
        raise McpconfError(ExitCode.STALE, Problem("write", message, Where(store.folder), hint)) from None


def _only(plan: Plan, here: RevokedHere, why: str, missing: str) -> Plan:
    """The part of a plan that takes away what is revoked."""
    changes = [item for item in plan.changes if item.reason == REASON and item.action != "held"]
    changes += [item for item in plan.changes if item.reason == REASON and item.hold and item.hold.by != REASON]
    changes = [item.model_copy(update={"index": number}) for number, item in enumerate(changes, 1)]
    addresses = {address for item in changes if item.writes for address in item.addresses}
    reached = _meant(here)
    left = [item for item in plan.residue if item.address in reached]
    counts = {action: sum(item.action == action for item in changes) for action in ("delete", "revoke", "held")}
    changed = bool(changes or left)
    code = ExitCode.SUCCESS if plan.complete else ExitCode.INCOMPLETE
    records = Records(
        forget=[address for address in plan.records.forget if address in addresses],
        tombstones=[mark for mark in plan.records.tombstones if mark.entry in addresses],
    )
    narrowed = plan.model_copy(
        update={
            "purpose": "revoke",
            "why": why,
            "changes": changes,
            "drift": [],
            "unmanaged": list(_strangers(here, addresses | {item.address for item in left})),
            "residue": left,
            "withheld": [],
            "ignored": [],
            "findings": [],
            "warnings": [*plan.warnings, *([missing] if missing else [])],
            "records": records,
            "summary": Summary(**counts, residue=len(left), unknown=len(plan.unknowns)),
            "blocked": False,
            "exit_code": code,
            "detailed_exit_code": code or (ExitCode.CHANGES if changed else ExitCode.SUCCESS),
        }
    )
    return narrowed.model_copy(update={"plan_digest": plan_digest(narrowed)})


def _meant(here: RevokedHere) -> set[str]:
    """Addresses of all that is revoked, reached or not."""
    found = {str(address) for address, _ in here.found()}
    found |= {mark.address for revoked in here.situation.state.revoked if not revoked.part for mark in revoked.marks}
    grants = here.situation.observed.grants
    return found | {str(grant.address) for grant in grants if here.approval(grant) is not None}


def _strangers(here: RevokedHere, dealt_with: set[str]) -> Iterator[Unmanaged]:
    """What has the name and is something else, or may be: it is left alone."""
    name = here.situation.state.revoked[-1].server
    for entry in here.situation.observed.entries:
        part = here.situation.state.revoked[-1].part
        if name and not part and entry.address.server == name and here.entry(entry.address) is None:
            yield Unmanaged(
                address=str(entry.address),
                identity=entry.identity,
                kind="server",
                new=False,
                removed=False,
                where=place(entry),
                reason="name_reused",
            )
    for grant in here.situation.observed.grants:
        if here.approval(grant) is not None and str(grant.address) not in dealt_with:
            yield Unmanaged(
                address=str(grant.address),
                identity="",
                kind="grant",
                new=False,
                removed=False,
                where=place(grant),
                reason="ambiguous",
            )


def _listed(situation: Situation, loaded: LoadedManifest, here: RevokedHere) -> tuple[str, ...]:
    """Where the manifest asks for it all the same."""
    wished = (entry for entry in situation.desired.entries if entry.address in here.wished)
    lines = {str(entry.where) for entry in wished if entry.where is not None}
    server = situation.state.revoked[-1].server
    if server in loaded.manifest.servers and not situation.state.revoked[-1].address:
        lines.add(str(loaded.where("servers", server)))
    return tuple(sorted(lines))


def _code(left: Plan, outcome: Outcome) -> int:
    """The exit code by what a second look finds, unless the first writing failed."""
    if outcome.exit_code in FAILED:
        return outcome.exit_code
    return left.detailed_exit_code
