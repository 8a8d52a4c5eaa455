"""Approve what servers show of themselves, as the lock has it. Approvals are text in git, and only there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mcpconf.documents.approvals import load_approvals, render_approvals
from mcpconf.documents.lock import load_lock
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.documents.paths import approvals_path, lock_path
from mcpconf.errors import ExitCode, McpconfError, Problem, Where, unusable
from mcpconf.judging import validate
from mcpconf.model.approvals import LONGEST_WORDS, Approval, Approvals
from mcpconf.model.surface import Surface
from mcpconf.ports import Machine
from mcpconf.resolve.servers import identity
from mcpconf.rules.texts import RULES as OF_TEXTS
from mcpconf.supply.checking import Checked, check
from mcpconf.supply.locking import known_names
from mcpconf.surface.approval import Judged, unapproved
from mcpconf.system.sources import replace_document, write_new


@dataclass(frozen=True, slots=True)
class Approving:
    """`data` is what was read in `file`, None if there is none. `silent` are servers that have no surface in the lock."""

    manifest: LoadedManifest
    file: str
    data: bytes | None
    known: Approvals
    judged: tuple[Judged, ...]
    silent: tuple[str, ...] = ()

    @property
    def open(self) -> tuple[Judged, ...]:
        return tuple(item for item in self.judged if item.unapproved is not None)

    def refuse(self) -> None:
        """Raises McpconfError (exit 3) if a text of what is not approved is an error, and the manifest does not let it be."""
        errors = [
            Problem("refused", found.message, found.where, _WAIVE.format(found=found))
            for item in self.open
            for found in item.findings
            if found.severity == "error" and found.waived is None
        ]
        if errors:
            raise McpconfError(ExitCode.BLOCKED, *errors)

    def require(self, names: Sequence[str]) -> None:
        """Raises McpconfError (exit 1) if one of these servers, or every one, has no surface that could be approved."""
        lacking = [name for name in self.silent if name in names] or ([*self.silent] if not self.judged else [])
        if lacking:
            message = f"{', '.join(f'`{name}`' for name in lacking)}: no surface in the lock, so nothing to approve"
            raise unusable(message, Where(lock_path(self.manifest.file)), _ASK)


_WAIVE = (
    "leave the server out; or let it be until a day, in the manifest: `waivers: [{{rule: {found.rule}, target:"
    ' "{found.address}", fingerprint: {found.fingerprint}, reason: WHY, expires: DAY}}]`'
)
_ASK = "`mcpconf lock --surface` asks servers what they show, and writes it down"


@dataclass(frozen=True, slots=True)
class Word:
    """Who approves, on which day, and why."""

    by: str
    on: str
    reason: str = ""


def judge(path: str, machine: Machine, names: Sequence[str] = ()) -> Approving:
    """What is approved of these servers, of all if none is named. Raises McpconfError if a lock does not count."""
    checked = check(path, machine.documents)
    known_names(checked, names)
    _refuse_stale(checked, names)
    file = approvals_path(path)
    data = machine.documents.approvals(file)
    known = Approvals() if data is None else load_approvals(data, file)
    wanted = checked.manifest.manifest.servers
    servers = checked.lock.servers if checked.lock is not None else {}
    judged, silent = [], []
    for name in sorted(names or wanted):
        locked = servers.get(name)
        if locked is None or locked.surface is None:
            silent.append(name)
            continue
        meant = identity(wanted[name])
        last = known.last(name, meant)
        found = unapproved(locked.surface, last)
        before = _before(checked.file, machine, name, last) if found is not None else None
        judged.append(Judged(name, meant, locked, locked.surface, last, found, before))
    return Approving(checked.manifest, file, data, known, _with_findings(path, judged), tuple(silent))


def _with_findings(path: str, judged: Sequence[Judged]) -> tuple[Judged, ...]:
    """As the policy and the waivers of the manifest have them."""
    if all(item.unapproved is None for item in judged):
        return tuple(judged)
    rules = {rule.id for rule in OF_TEXTS}
    told = [item for item in validate(path)[1] if item.rule in rules]
    return tuple(
        replace(item, findings=tuple(found for found in told if found.address == f"server:{item.name}"))
        if item.unapproved is not None
        else item
        for item in judged
    )


def _refuse_stale(checked: Checked, names: Sequence[str]) -> None:
    stale = [item for item in checked.stale if not names or item.server in names]
    if checked.lock is None:
        message = "there is no lock, so that there is nothing to approve"
        raise McpconfError(ExitCode.NO_PLAN, Problem("missing", message, Where(checked.file), _ASK))
    if stale:
        edited = any(item.why in ("hash", "surface") for item in stale)
        raise McpconfError(
            ExitCode.BLOCKED if edited else ExitCode.STALE,
            *(_hinted(Problem("stale", item.message, Where(checked.file))) for item in stale),
        )


def _hinted(problem: Problem) -> Problem:
    return Problem(problem.kind, problem.message, problem.where, "`mcpconf lock`, and look at what that changes")


def _before(lock: str, machine: Machine, name: str, last: Approval | None) -> Surface | None:
    """What was approved last, as an earlier commit has it. A lock that cannot be read any more tells nothing."""
    for data in machine.history.earlier(lock) if last is not None else ():
        try:
            known = load_lock(data, lock).servers.get(name)
        except McpconfError:
            continue
        if known is not None and known.surface is not None and not unapproved(known.surface, last):
            return known.surface
    return None


def word(machine: Machine, path: str, by: str, reason: str) -> Word:
    """Today, and whoever says so; else the address that git has for them, else the user. Raises McpconfError (exit 64)."""
    by = by or machine.history.author(path) or machine.facts.user
    for name, text in (("by", by), ("reason", reason)):
        if len(text) > LONGEST_WORDS:
            problem = Problem("usage", f"`--{name}` has more than {LONGEST_WORDS} characters", None, "say it in fewer")
            raise McpconfError(ExitCode.USAGE, problem)
    return Word(by, machine.clock.now()[:10], reason)


def approve(asked: Approving, said: Word) -> tuple[Judged, ...]:
    """Write down an approval of what is not approved, and give what that is. Raises McpconfError."""
    asked.refuse()
    found = asked.open
    if not found:
        return ()
    servers = dict(asked.known.servers)
    for item in found:
        servers[item.name] = [*servers.get(item.name, []), _approval(item, said)]
    after = render_approvals(Approvals(servers=servers))
    if asked.data is None:
        write_new(asked.file, after.decode())
    else:
        replace_document(asked.file, asked.data, after)
    return found


def _approval(item: Judged, said: Word) -> Approval:
    return Approval(
        identity=item.identity,
        surface=item.surface.digest,
        items=item.surface.named(),
        by=said.by,
        on=said.on,
        reason=said.reason,
    )
