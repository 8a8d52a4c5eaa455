"""The frame of every rule: what it is given, what it gives, and its own documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from mcpconf.canonical import digest
from mcpconf.errors import Where
from mcpconf.model.address import ARTIFACT
from mcpconf.model.commands import command, followed
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.entry import Entry
from mcpconf.model.finding import Finding, Severity, Subject
from mcpconf.model.manifest import Manifest, Server
from mcpconf.model.observed import ObservedEntry
from mcpconf.model.policy import Policy, SeverityOrNone
from mcpconf.model.process import Outdated
from mcpconf.model.rego import Denying
from mcpconf.model.trust import Doubt
from mcpconf.permissions.access import AccessChange
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.places import line_of
from mcpconf.reconcile.situation import Situation

WhereOf = Callable[..., Where]
MisnamedOf = Callable[[str, str, str], str]
"""Why a host takes no server of the manifest under a name; empty if it does."""


@dataclass(frozen=True, slots=True)
class Case:
    """One entry to judge. `server` is the manifest's own text where the manifest asks for it."""

    subject: Subject
    address: str
    entry: Entry
    place: Callable[[], Where]
    name: str = ""
    server: Server | None = None

    @property
    def where(self) -> Where:
        """Looked up only for what is found: most entries break no rule."""
        return self.place()


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that rules may look at: the manifest, the machine, and what the plan will do about it.

    `written` are the servers as somebody wrote them, where the manifest has more filled in.
    `findings` are there only for the rules that judge what the others found, `access` only where a change of the manifest is
    looked at before it is merged; `doubts` are about who signed the manifest, `outdated` what still runs as it was; `returned`
    tells when mcpconf took away what is there again, by address. `texts` are the documents as they are
    written, with their files, and `misnamed` tells of names that hosts refuse: where no machine is looked at. `denied` is
    what evaluates rules in Rego.
    """

    manifest: Manifest
    situation: Situation
    draft: Draft
    where: WhereOf
    cases: tuple[Case, ...] = ()
    findings: tuple[Finding, ...] = ()
    access: tuple[AccessChange, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    outdated: tuple[Outdated, ...] = ()
    returned: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, Server] = field(default_factory=dict)
    texts: tuple[tuple[str, str], ...] = ()
    misnamed: MisnamedOf | None = None
    denied: Denying | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """What a check found. `severity` is set only where it differs from the rule's own.

    `demanded`: the manifest's own policy asks for it, so that no other part of the policy makes it less grave. `drift` is
    the id of the drift it tells of.
    """

    subject: Subject
    address: str
    message: str
    hint: str = ""
    where: Where | None = None
    evidence: str = ""
    severity: Severity | None = None
    demanded: bool = False
    drift: str = ""


Check = Callable[[Evidence], Iterator[Hit]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A check and what there is to know about it.

    `threat` is one or more words of `threats.THREATS`, with commas between; `owasp` an id of `threats.OWASP`.
    """

    id: str
    title: str
    severity: Severity
    threat: str
    owasp: str
    check: Check
    what: str
    why: str
    example: str
    fix: str

    @property
    def threats(self) -> tuple[str, ...]:
        return tuple(self.threat.split(", "))


def findings(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """Run one rule, as grave as the policy of the manifest says. Nothing is said twice."""
    said: set[str] = set()
    for hit in rule.check(evidence):
        mark = fingerprint(rule.id, hit.address, hit.message)
        severity = _severity(rule, hit, evidence.manifest.policy)
        if severity == "none" or mark in said:
            continue
        said.add(mark)
        yield Finding(
            rule=rule.id,
            severity=severity,
            subject=hit.subject,
            address=hit.address,
            message=hit.message,
            hint=_next(hit.hint or rule.fix, hit, evidence.situation.command),
            where=hit.where,
            evidence=hit.evidence,
            fingerprint=mark,
            drift=hit.drift,
        )


def _next(hint: str, hit: Hit, words: Sequence[str]) -> str:
    """What to do, and the command that comes then."""
    if hit.subject == "repaired" and not hit.address.startswith(ARTIFACT):
        return f"{command(*words, '--target', hit.address)} repairs it"
    return followed(hint)


def _severity(rule: Rule, hit: Hit, policy: Policy) -> SeverityOrNone:
    """What is only observed, and stays, is at most a warning, unless `policy.observed` says otherwise."""
    own = hit.severity or rule.severity
    severity = own if hit.demanded else policy.rules.get(rule.id, own)
    if hit.subject == "observed" and severity != "none":
        return policy.observed.get(rule.id, "warning" if severity == "error" else severity)
    return severity


def fingerprint(rule: str, address: str, message: str) -> str:
    return digest([rule, address, message]).removeprefix("sha256:")[:16]


def cases(manifest: Manifest, situation: Situation, draft: Draft, where: WhereOf) -> tuple[Case, ...]:
    """What the manifest asks for, once per server and once more where a host gets another form of it, and every entry on the machine that is not as the manifest asks.

    An entry that this plan removes or rewrites is `repaired`; one that stays is `observed`.
    """
    written = {change.address for change in draft.changes if change.writes and change.address not in draft.unset}
    left = {change.address for change in draft.changes if not change.writes and change.reason != "shadowed"}
    left |= {address for _, address in draft.ignored}
    left |= {*draft.unset, *draft.tracked, *(change.address for change in draft.kept)}
    wanted = {str(entry.address) for entry in situation.desired.entries}
    asked = {name: server for name, server in manifest.servers.items() if name not in situation.expired}
    desired = _asked(asked, where) if situation.rollback is None else _asked_again(situation)
    return (*desired, *_found(situation, wanted - written - left, written))


def _asked(servers: Mapping[str, Server], where: WhereOf) -> Iterator[Case]:
    from mcpconf.resolve.servers import neutral, variants

    for name, server in servers.items():
        for host, own in variants(server):
            place = partial(where, "servers", name, *(("hosts", host) if host else ()))
            yield Case("desired", f"server:{name}", neutral(own), place, name, own)


def _asked_again(situation: Situation) -> Iterator[Case]:
    """What an earlier generation asks for, once per server and form: the manifest's own servers are not asked for then."""
    told: list[tuple[str, Entry]] = []
    for item in situation.desired.entries:
        entry = item.said or item.entry
        if (item.server, entry) not in told:
            told.append((item.server, entry))
            yield Case("desired", f"server:{item.server}", entry, partial(_kept, item), item.server)


def _kept(item: DesiredEntry) -> Where:
    return item.where or Where(item.location.path)


def _found(situation: Situation, in_sync: set[str], written: set[str]) -> Iterator[Case]:
    for entry in situation.observed.entries:
        text = str(entry.address)
        if text not in in_sync:
            subject: Subject = "repaired" if text in written else "observed"
            yield Case(subject, text, entry.entry, partial(_place, entry), entry.address.server)


def _place(entry: ObservedEntry) -> Where:
    return Where(entry.file.location.path, line_of(entry), pointer=str(entry.address))
