"""Rules about servers that one host runs together: names that meet, and texts of one that name another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations_with_replacement
from typing import NamedTuple

from mcpconf.hosts.calls import Calls
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.finding import Severity
from mcpconf.model.surface import Surface
from mcpconf.model.tools import covers
from mcpconf.packages import recognise_entry
from mcpconf.rules.frame import Evidence, Hit, Rule
from mcpconf.surface.mentions import mentions, names_of

_NAMED = 3
"""Names that a message tells one by one."""


class Shown(NamedTuple):
    """A server as one host gets it, and what the lock says that it shows."""

    entry: DesiredEntry
    surface: Surface

    @property
    def name(self) -> str:
        return self.entry.address.server


class Together(NamedTuple):
    """Servers that a host runs at once: those of the user, and in a project its own with them."""

    host: str
    project: str
    servers: tuple[Shown, ...]

    def pairs(self) -> Iterator[tuple[Shown, Shown]]:
        """Each server with itself and with each other; in a project, only what is new there."""
        for one, other in combinations_with_replacement(self.servers, 2):
            here = {one.entry.address.project, other.entry.address.project}
            apart = one is not other and one.name == other.name  # the host runs one of them
            if (not self.project or self.project in here) and not apart:
                yield one, other


def together(evidence: Evidence) -> Iterator[Together]:
    """By host and project, in the order of the manifest. What is switched off is not run."""
    by_host: dict[str, dict[str, list[Shown]]] = defaultdict(lambda: defaultdict(list))
    for entry in evidence.situation.desired.entries if evidence.situation.rollback is None else ():
        locked = evidence.situation.supplied.locked(entry.server)
        if locked is not None and locked.surface is not None and entry.entry.enabled is not False:
            by_host[entry.address.host][entry.address.project].append(Shown(entry, locked.surface))
    for host, projects in by_host.items():
        for project, servers in projects.items():
            others = projects.get("", []) if project else []
            yield Together(host, project, (*others, *servers))


Named = Mapping[str, Sequence[str]]
"""What a host calls things, and the names that the server gives to them."""


def _called(shown: Shown, calls: Calls, names: Iterator[str]) -> Named:
    found: dict[str, list[str]] = defaultdict(list)
    for name in names:
        called = calls.name(shown.name, name)
        if called:
            found[called].append(name)
    return found


def callable_tools(shown: Shown) -> Iterator[str]:
    """What can be called there, also by clients that offer more."""
    entry = shown.entry.entry
    for name in sorted({*shown.surface.tools, *shown.surface.gated.tools}):
        allowed = entry.call is None or any(covers(pattern, name) for pattern in entry.call)
        if allowed and not any(covers(pattern, name) for pattern in entry.without or ()):
            yield name


def _prompts(shown: Shown) -> Iterator[str]:
    yield from sorted({*shown.surface.prompts, *shown.surface.gated.prompts})


def _meeting(
    group: Together, calls: Calls, names: Callable[[Shown], Iterator[str]]
) -> Iterator[tuple[Shown, Shown, list[str]]]:
    """Pairs of servers of which a host calls something alike, and what it calls it."""
    called = {id(shown): _called(shown, calls, names(shown)) for shown in group.servers}
    for one, other in group.pairs():
        first, second = called[id(one)], called[id(other)]
        if one is other:
            alike = [name for name, items in first.items() if len(items) > 1]
        else:
            alike = [name for name in second if name in first]
        if alike:
            yield one, other, sorted(alike)


def _alike(evidence: Evidence) -> Iterator[Hit]:
    for group in together(evidence):
        calls = evidence.situation.rules.naming(group.host).tool
        for one, other, names in _meeting(group, calls, callable_tools):
            yield _clash(evidence, (one, other), f"`{group.host}` calls {_of(one, other)} {_listed(names)}", calls)


def _of(one: Shown, other: Shown) -> str:
    if one is other:
        return f"several things of `{one.name}`"
    return f"something of `{one.name}` and of `{other.name}`"


def _clash(evidence: Evidence, pair: tuple[Shown, Shown], says: str, calls: Calls) -> Hit:
    renames = calls.clash == "renames"
    then = "and gives them other names for that" if renames else "so that one hides the other"
    severity: Severity | None = "info" if renames else None
    entry = pair[1].entry
    where = evidence.where("servers", entry.server)
    return Hit("desired", str(entry.address), f"{says}, {then}", where=where, severity=severity)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(f"`{name}`" for name in names[:_NAMED]) + more


def _overlapping(evidence: Evidence) -> Iterator[Hit]:
    for group in together(evidence):
        calls = evidence.situation.rules.naming(group.host).prompt
        for one, other, names in _meeting(group, calls, _prompts):
            commands = _listed([f"/{name}" for name in names])
            yield _clash(
                evidence, (one, other), f"`{group.host}` has prompts of {_both(one, other)} as {commands}", calls
            )
        for shown in group.servers if calls.taken else ():
            own = shown.entry.address.project == group.project
            taken = sorted(calls.taken & _called(shown, calls, _prompts(shown)).keys()) if own else []
            if taken:
                commands = _listed([f"/{name}" for name in taken])
                says = f"a prompt of `{shown.name}` is called like {commands}, a command of `{group.host}` itself"
                yield _clash(evidence, (shown, shown), says, calls)


def _both(one: Shown, other: Shown) -> str:
    return f"`{one.name}`" if one is other else f"`{one.name}` and of `{other.name}`"


def _named(evidence: Evidence) -> Iterator[Hit]:
    """Once for each pair of servers, however many hosts run both."""
    neighbours: dict[str, dict[str, Shown]] = defaultdict(dict)
    for group in together(evidence):
        for one, other in group.pairs():
            if one.entry.server != other.entry.server:
                neighbours[one.entry.server][other.entry.server] = other
                neighbours[other.entry.server][one.entry.server] = one
    surfaces = {shown.entry.server: shown.surface for others in neighbours.values() for shown in others.values()}
    names = {name: {*_names(evidence, name, surface)} for name, surface in surfaces.items()}
    for server, others in neighbours.items():
        said = mentions(surfaces[server])
        for neighbour in sorted(others):
            found = sorted((names[neighbour] - names[server]) & said.keys())
            if found:
                message = f"a text of `{server}` names {_listed(found)} of `{neighbour}`"
                where = evidence.where("servers", server)
                yield Hit("desired", f"server:{server}", message, where=where, evidence=said[found[0]])


def _names(evidence: Evidence, server: str, surface: Surface) -> Iterator[str]:
    entries = evidence.situation.desired.entries
    own = next(entry for entry in entries if entry.server == server)
    package = recognise_entry(own.said or own.entry).package
    hosts = {entry.address.server for entry in entries if entry.server == server}
    for name in sorted({server, *hosts}):
        yield from names_of(name, surface, package.name if package is not None else "")


RULES = (
    Rule(
        id="MCP307",
        title="tools that a host calls alike",
        severity="warning",
        threat="tool name conflict, cross-server shadowing",
        owasp="MCP03:2025",
        check=_alike,
        what="Two tools of the lock, on one host and in one scope, that have one name by that host's own way of making names: its prefix, its characters, its greatest length.",
        why="The model asks for one and gets the other, with all that it was going to say to the first.",
        example="`a.b` and `a_b` of one server, both called `mcp__notes__a_b`",
        fix="give one of them another name for that host, or leave out a tool by `permissions.tools`",
    ),
    Rule(
        id="MCP308",
        title="a text that names another server's tool",
        severity="warning",
        threat="cross-server shadowing, preference manipulation",
        owasp="MCP03:2025",
        check=_named,
        what="Instructions or a description of one server that name another server on the same host, or a tool of it, by a name of two words or more.",
        why="What one server says about another changes how the model uses that one: `before create_payment, ask me first` needs no tool of its own to be called.",
        example="the description of `get_fact` says how `send_message` of another server is to be used",
        fix="read that text; leave the server out where both run, or waive MCP308 for it with a reason",
    ),
    Rule(
        id="MCP313",
        title="prompts under one command",
        severity="warning",
        threat="slash command overlap",
        owasp="MCP03:2025",
        check=_overlapping,
        what="Prompts of two servers that a host offers as one command, or one that is called like a command of the host itself.",
        why="Whoever types the command gets something else than they are used to.",
        example="a prompt `help` on a host that has `/help`",
        fix="leave one of the servers out of that host, or waive MCP313 for it with a reason",
    ),
)
