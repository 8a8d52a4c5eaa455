"""Rules about what servers are called: a name that a host refuses, and one that stands for different things."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from mcpconf.errors import Where
from mcpconf.hosts.names import CANNOT_NAME, another_name, one_name_for_two
from mcpconf.model.address import Address
from mcpconf.model.finding import Severity, Subject
from mcpconf.model.manifest import Manifest
from mcpconf.reconcile.places import line_of
from mcpconf.rules.frame import Evidence, Hit, Rule

_NAMED = 3
"""Things of one name that a message tells one by one."""


class _Place(NamedTuple):
    """Where the manifest puts servers. `named`: it names these very servers."""

    host: str
    project: str
    servers: Sequence[str]
    named: bool

    def address(self, name: str) -> str:
        return str(Address(self.host, "project" if self.project else "user", self.project, name))


def _places(manifest: Manifest) -> Iterator[_Place]:
    every = manifest.offered
    for host, selection in manifest.hosts.items():
        yield _Place(host, "", every if selection.servers is None else selection.servers, selection.servers is not None)
    for project in manifest.projects:
        servers, named = every if project.servers is None else project.servers, project.servers is not None
        for host in manifest.hosts if project.hosts is None else project.hosts:
            yield _Place(host, project.path, servers, named)


def _misnamed(evidence: Evidence) -> Iterator[Hit]:
    """Of documents alone. Where a machine is looked at, that is told of the hosts that are there."""
    told: set[str] = set()
    for place in _places(evidence.manifest) if evidence.misnamed is not None else ():
        for hit in _misnamed_in(place, evidence):
            if hit.message not in told:
                told.add(hit.message)
                yield hit


def _misnamed_in(place: _Place, evidence: Evidence) -> Iterator[Hit]:
    assert evidence.misnamed is not None
    first: dict[str, str] = {}
    for server in place.servers:
        override = evidence.manifest.servers[server].hosts.get(place.host)
        name = (override.name if override else None) or server
        severity: Severity = "error" if place.named else "warning"
        message = evidence.misnamed(place.host, server, name)
        if not message and first.setdefault(name, server) != server:
            message, severity = one_name_for_two(place.host, (first[name], server), name), "error"
        if message:
            own = ("hosts", place.host, "name") if name != server else ()
            where = evidence.where("servers", server, *own)
            hint = another_name(place.host, server)
            yield Hit("desired", place.address(name), message, hint, where, severity=severity)


class _Thing(NamedTuple):
    """What a name stands for in one place, once the plan is carried out."""

    address: Address
    identity: str
    subject: Subject
    where: Where | None


def _things(evidence: Evidence) -> Iterator[_Thing]:
    """Not what is off, and not what hides, or stands in the way of, an entry that the manifest has there: that is drift."""
    situation = evidence.situation
    written = {change.address for change in evidence.draft.changes if change.writes}
    desired = {(entry.address.host, entry.address.server) for entry in situation.desired.entries}
    for wanted in situation.desired.entries:
        if wanted.entry.enabled is not False:
            yield _Thing(wanted.address, wanted.identity, "desired", wanted.where)
    for found in situation.observed.entries:
        address = found.address
        theirs = (address.host, address.server) not in desired and str(address) not in written
        if theirs and found.entry.enabled is not False:
            place = Where(found.file.location.path, line_of(found), pointer=str(address))
            yield _Thing(address, found.identity, "observed", place)


def _different(evidence: Evidence) -> Iterator[Hit]:
    by_name: dict[str, list[_Thing]] = defaultdict(list)
    for thing in _things(evidence):
        if thing.identity:
            by_name[thing.address.server].append(thing)
    for name, things in sorted(by_name.items()):
        meeting = _meeting(things)
        if meeting:
            odd = meeting[1]
            yield Hit(odd.subject, str(odd.address), f"`{name}` is {_listed(meeting)}", where=odd.where)


def _meeting(things: Sequence[_Thing]) -> list[_Thing]:
    """The first of each kind, if somebody who works in one folder may take one for another; the manifest's own first."""
    by_project: Mapping[str, dict[str, _Thing]] = defaultdict(dict)
    for thing in sorted(things, key=lambda item: (item.subject, item.address)):
        by_project[thing.address.project].setdefault(thing.identity, thing)
    everywhere = by_project[""]
    met: dict[str, _Thing] = {}
    for project in sorted(by_project):
        here = {**by_project[project], **everywhere}
        if len(here) > 1:
            met = {**here, **met}
    return sorted(met.values(), key=lambda item: (item.subject, item.address))


def _listed(things: Sequence[_Thing]) -> str:
    more = f", and {len(things) - _NAMED} other things elsewhere" if len(things) > _NAMED else ""
    return ", and ".join(f"{item.identity} in `{_home(item.address)}`" for item in things[:_NAMED]) + more


def _home(address: Address) -> str:
    return str(address).rpartition("/")[0]


RULES = (
    Rule(
        id="MCP005",
        title="one name for different servers",
        severity="warning",
        threat="name collision, privilege persistence",
        owasp="MCP04:2025",
        check=_different,
        what="One name under which a host, or a scope, has another package, program or address than another one, as it will be after the plan. Versions may differ, and so may servers of two projects that share no folder; what is off is not looked at.",
        why="People, and the approvals that hosts keep by name, take one for the other: what was allowed to the first is then done by the second.",
        example="github is npm:@acme/github in Cursor and https://mcp.example.org/mcp in Claude Code",
        fix="rename one of them, or let both be the same",
    ),
    Rule(
        id=CANNOT_NAME,
        title="name that a host refuses",
        severity="warning",
        threat="name collision, configuration drift",
        owasp="MCP09:2025",
        check=_misnamed,
        what="A server of the manifest whose name a host does not take, or keeps for itself, or that another server of the manifest has there already. It is left out for that host; an error where the manifest names this very server for it, and where two have one name.",
        why="Some hosts drop such an entry without a word, others read nothing of the whole file.",
        example='hosts: {claude-code: {name: "git hub"}}',
        fix="give it another name for that host, with `hosts.HOST.name` of the server",
    ),
)
