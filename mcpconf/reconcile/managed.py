"""The policies by which an administrator keeps a host to the servers of a manifest, and whether they hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from mcpconf.errors import Problem, Where
from mcpconf.formats import FORMATS, FormatError
from mcpconf.hosts.places import fixed_path
from mcpconf.hosts.policies import POLICIES, Approved, Launched, Runs, UnsafePolicyError
from mcpconf.hosts.policies.base import Wanted, launched
from mcpconf.hosts.policies.judging import Judgement, judge
from mcpconf.hosts.vocabulary import HostRow, Policy
from mcpconf.model.desired import DesiredEntry, Edit
from mcpconf.model.entry import Entry
from mcpconf.model.manifest import Absent
from mcpconf.model.tools import EVERY
from mcpconf.packages import launch
from mcpconf.ports import Facts

_TAKEN = "another one has its name on this host, and the policy goes by names"
_EXAMPLE = "1.0.0"
"""A version of a package that must be absent in every one."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An approved server that the policy has no words for, so that the host does not start it."""

    server: str
    why: str
    where: Where | None


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """One file of policy. `text` is what a file holds in which nothing else stands.

    `unsafe` tells why the vendor would not read it as it looks; then nothing was tried out. `wider` are problems: what
    would run, or act unasked, though nobody approved it. `shut_out` are problems, too. `personal` names servers that only
    this machine's user can start, because their command lines name the home.
    """

    policy: Policy
    path: str
    edits: tuple[Edit, ...]
    text: str
    servers: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()
    personal: tuple[str, ...] = ()
    unsafe: str = ""
    shut_out: tuple[Problem, ...] = ()
    wider: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Approvals:
    """What the manifest approves of for one host, and what must not be anywhere."""

    row: HostRow
    facts: Facts
    entries: Sequence[DesiredEntry]
    absent: Sequence[Absent] = ()
    registry: str = ""


def policy_files(approvals: Approvals) -> tuple[PolicyFile, ...]:
    """Each policy of the row that this system has a file for, and that can be made of what is known."""
    found = []
    for policy in approvals.row.policies:
        path = fixed_path(approvals.row, policy.path, approvals.facts)
        if path is not None and (approvals.registry or not policy.registry):
            found.append(_file(approvals, policy, path))
    return tuple(found)


def written(policy: Policy, edits: Sequence[Edit], before: str = "") -> str:
    """The text with the policy in it; all else in it stays byte for byte. Raises FormatError where it cannot be edited."""
    form = FORMATS[policy.syntax]
    text = before or form.empty
    for edit in edits:
        text = form.put(text, edit.at, edit.value)
    return text


def _file(approvals: Approvals, policy: Policy, path: str) -> PolicyFile:
    form = POLICIES[policy.format]
    kept: dict[tuple[object, ...], tuple[Approved, DesiredEntry]] = {}
    names: dict[str, Launched] = {}
    left_out = []
    for entry in approvals.entries:
        server = _approved(approvals.row, entry)
        why = form.refused(server) or (_TAKEN if form.by_name and _taken(server, names) else "")
        if why:
            left_out.append(LeftOut(entry.server, why, entry.where))
        else:
            kept.setdefault((server.launched.name, server.launched.thing), (server, entry))
    servers = [server for server, _ in kept.values()]
    named = [Launched(*item) for item in _absent(approvals.absent, packages=False)]
    wanted = Wanted(approvals.row, policy, servers, named, approvals.registry)
    edits = form.render(wanted)
    text = written(policy, edits)
    made = PolicyFile(
        policy,
        path,
        edits,
        text,
        tuple(dict.fromkeys(entry.server for _, entry in kept.values())),
        tuple(dict.fromkeys(left_out)),
        tuple(dict.fromkeys(entry.server for server, entry in kept.values() if _personal(server, approvals.facts))),
    )
    return judged(made, wanted, [*_absent(approvals.absent)], {entry.server: entry for _, entry in kept.values()})


def judged(
    made: PolicyFile, wanted: Wanted, absent: Sequence[Launched], entries: dict[str, DesiredEntry]
) -> PolicyFile:
    """The file with what reading its text back, and trying it out, has shown."""
    try:
        runs = _read(made, wanted)
    except (UnsafePolicyError, FormatError) as error:
        return replace(made, unsafe=str(error))
    judgement = judge(runs, [server.launched for server in wanted.approved], absent)
    where = {item.address.server: item.where for item in entries.values()}
    return replace(
        made,
        shut_out=tuple(_shut_out(wanted, judgement, where)),
        wider=(*_wider(wanted, judgement, where), *_unasked(wanted, where)),
    )


def _read(made: PolicyFile, wanted: Wanted) -> Runs:
    parsed = FORMATS[made.policy.syntax].parse(made.text)
    if parsed.duplicates:
        raise UnsafePolicyError(f"`{parsed.duplicates[0].key}` stands there twice")
    return POLICIES[made.policy.format].read(wanted, parsed.value)


def _shut_out(wanted: Wanted, judgement: Judgement, where: dict[str, Where | None]) -> Iterator[Problem]:
    for name in judgement.shut_out:
        message = f"`{name}` is approved, and {wanted.row.title} would not start it under `{wanted.policy.id}`"
        yield Problem("permission", message, where.get(name), "look whether `absent` names it, too")


def _wider(wanted: Wanted, judgement: Judgement, where: dict[str, Where | None]) -> Iterator[Problem]:
    """Examples of what else would run."""
    title = wanted.row.title
    for item in judgement.wider:
        shown = item.runs.url or " ".join(item.runs.command)
        beside = f" because `{item.server}` may" if item.server else ""
        message = f"{title} would also run `{shown}`, as `{item.runs.name}`{beside}: it {wanted.policy.tells}"
        approved = [server.launched for server in wanted.approved if server.launched.name == item.server]
        yield Problem("permission", message, where.get(item.server), _hint(item.runs, approved))


def _hint(runs: Launched, approved: Sequence[Launched]) -> str:
    """What closes the door, where something does."""
    own = approved[0] if approved else Launched("")
    if runs.url and urlsplit(runs.url).netloc == urlsplit(own.url).netloc:
        return "give the address a path of its own, or write the policy all the same with `--allow-wider`"
    if runs.command and runs.command[:1] == own.command[:1]:
        return "only a program that heeds no arguments can be held so; `--allow-wider` writes the policy all the same"
    return "this host has no policy that keeps it out; `--allow-wider` writes it all the same"


def _unasked(wanted: Wanted, where: dict[str, Where | None]) -> Iterator[Problem]:
    for server in wanted.approved if wanted.policy.auto else ():
        if server.asks:
            name = server.launched.name
            message = (
                f"every tool of `{name}` would act without asking, because it is on the list of {wanted.row.title}"
            )
            hint = f'say so with `permissions.tools.auto: ["{EVERY}"]`, or write it all the same with `--allow-wider`'
            yield Problem("permission", message, where.get(name), hint)


def _approved(row: HostRow, desired: DesiredEntry) -> Approved:
    entry = desired.entry
    server = launched(row, desired.address.server, desired.encoded)
    return Approved(server, desired.encoded, _is_open(entry), EVERY not in (entry.auto or ()))


def _is_open(entry: Entry) -> bool:
    return any(value.references for value in (*entry.argv, entry.url))


def _taken(server: Approved, names: dict[str, Launched]) -> bool:
    first = names.setdefault(server.launched.name, server.launched)
    return first.thing != server.launched.thing


def _personal(server: Approved, facts: Facts) -> bool:
    """Only what the policy compares or brings counts."""
    return any(facts.home in word for word in (*server.launched.command, server.launched.url))


def _absent(absent: Sequence[Absent], *, packages: bool = True) -> Iterator[Launched]:
    """What is forbidden, as somebody would start it; what the machine fills in cannot be tried out."""
    for number, item in enumerate(absent):
        name = f"absent-{number + 1}"
        if item.url is not None:
            if item.url.text:
                yield Launched(name, (), item.url.text)
        elif item.package is None:
            words = [word.text for word in item.command]
            if all(words):
                yield Launched(name, tuple(word or "" for word in words))
        elif packages:
            yield Launched(name, launch(item.package, _EXAMPLE))
