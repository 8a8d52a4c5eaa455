"""What a server is let do, told three times and never mixed: declared, granted, effective.

*Declared* is what the manifest says. *Granted* is what the files of the host hand out: paths on the command line, names of
variables, lists of tools, approvals, scopes. *Effective* is what really bounds it. A program that is started as it is can
do what its user can, whatever the other columns say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mcpconf.errors import Where
from mcpconf.model.entry import Entry
from mcpconf.model.manifest import Server
from mcpconf.model.tools import EVERY
from mcpconf.permissions.allowances import Allowance, Named
from mcpconf.permissions.arguments import container_options, is_container, mounts
from mcpconf.permissions.building import MACHINE, Ground, files, rules_engine, scopes, tools, variables
from mcpconf.permissions.commandline import program
from mcpconf.permissions.extent import EVERYTHING, NOTHING, Bound, Extent
from mcpconf.permissions.holdings import Holdings
from mcpconf.permissions.shutting import served
from mcpconf.permissions.walls import Walls
from mcpconf.secrets.names import word_set

Barrier = Literal["none", "sandbox", "container", "elsewhere"]
"""What a server runs behind: nothing, walls of bubblewrap or a container, or the network, for it runs on another machine."""

_ELEVATING = ("sudo", "doas")
_UNWALLED = word_set("--pid --ipc --device --volumes-from --userns --cgroupns")
"""Options of containers that let out of one, with what they are given where they count as a power."""

_HOLDING = word_set("--unshare-pid --new-session")
"""Without them a process inside bubblewrap can take over others of its user, or type into their terminal."""

_LOOPBACK = ("127.0.0.1:", "[::1]:", "localhost:")


@dataclass(frozen=True, slots=True)
class Columns:
    """A dimension that a column has no bound for is one that it says nothing about."""

    declared: Extent
    granted: Mapping[str, Bound]
    effective: Mapping[str, Bound]
    barrier: Barrier

    def granted_beyond(self) -> dict[str, Bound]:
        """What the host hands out although the manifest bounds it more narrowly."""
        found = {name: bound.beyond(self.declared[name]) for name, bound in self.granted.items()}
        return {name: Bound(allowed) for name, allowed in found.items() if allowed != frozenset()}

    def unenforced(self) -> tuple[str, ...]:
        """Dimensions that the manifest bounds and nothing holds the server to."""
        return tuple(
            name
            for name, bound in self.declared.items()
            if not bound.is_everything and name in self.effective and self.effective[name].beyond(bound) != frozenset()
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a host has the server, and what it may do there."""

    address: str
    where: Where
    columns: Columns


@dataclass(frozen=True, slots=True)
class Shown:
    """`declared` is what the manifest says without regard to a host, `where` where it says it.

    `locked` tells whether the lock lists the tools of the server.
    """

    name: str
    server: Server
    where: Where
    declared: Extent
    locked: bool
    places: tuple[Place, ...]


def granted(held: Holdings, known: Iterable[str] | None, approved: Sequence[str], ground: Ground) -> dict[str, Bound]:
    """`known` are the tools of the lock, `approved` those that another file lets act unasked."""
    entry, names = held.entry, None if known is None else tuple(known)
    found = {**_tools(entry, names, approved), "fs": Bound(_paths(held, ground)), "env": _variables(held)}
    if barrier(held) == "elsewhere":
        oauth = entry.oauth
        return {
            **found,
            "env": NOTHING,
            "fs": NOTHING,
            "oauth": scopes(oauth.resource, oauth.issuer, oauth.scopes) if oauth is not None else EVERYTHING,
        }
    if barrier(held) == "container":
        found |= _network(held)
    if held.walls is not None:
        found |= _let_in(held, held.walls, ground)
    return {**found, "run_as": Bound.of(_identity(held))}


def effective(held: Holdings, handed_out: Mapping[str, Bound], ground: Ground) -> dict[str, Bound]:
    """What bounds the server, given what the host hands out: the host itself keeps lists of tools and scopes."""
    kept = {name: handed_out[name] for name in ("tools.call", "tools.auto", "oauth") if name in handed_out}
    match barrier(held):
        case "elsewhere":
            return {**kept, **dict.fromkeys(MACHINE, NOTHING)}
        case "container":
            return {**kept, **_contained(held, handed_out, ground), "oauth": NOTHING}
        case "sandbox":
            return {**kept, **_walled(held, handed_out), "oauth": NOTHING}
        case "none":
            unbounded = dict.fromkeys(MACHINE, EVERYTHING)
            return {**kept, **unbounded, "run_as": Bound.of(_identity(held)), "oauth": NOTHING}


def barrier(held: Holdings) -> Barrier:
    if held.entry.transport in ("http", "sse"):
        return "elsewhere"
    if is_container(held.launched):
        return "container"
    return "none" if held.walls is None or _HOLDING - held.walls.flags else "sandbox"


def _tools(entry: Entry, known: Sequence[str] | None, approved: Sequence[str]) -> dict[str, Bound]:
    if entry.without is None or entry.auto is None:
        return {"tools.call": EVERYTHING, "tools.auto": EVERYTHING}
    auto = (*entry.auto, *approved)
    weight: Literal["critical", "high"] = "critical" if EVERY in auto else "high"
    return {
        "tools.call": tools(entry.call, entry.without, known),
        "tools.auto": tools(auto, entry.without if EVERY not in auto else (), known, weight),
    }


def _paths(held: Holdings, ground: Ground) -> frozenset[Allowance]:
    writable = set(held.writable)
    return frozenset(files(((path, path in writable) for path in held.paths), ground))


def _variables(held: Holdings) -> Bound:
    return variables(held.env, held.secrets)


def _identity(held: Holdings) -> list[Named]:
    """Who the server is on this machine. In a container nobody, but for what is let through its walls."""
    powers = [Named(power.replace("--cap-add ", "CAP_"), "critical") for power in sorted(held.powers)]
    if barrier(held) == "container":
        return powers
    raised = any(program(word) in _ELEVATING for word in held.launched.wrapper)
    return [Named("self", "medium"), *([Named("root", "critical")] if raised else []), *powers]


def _let_in(held: Holdings, walls: Walls, ground: Ground) -> dict[str, Bound]:
    """What the walls of bubblewrap let in. What they hold back is no smaller for what the arguments name."""
    written = set(walls.writes)
    paths = served(held, (*walls.reads, *walls.writes), ground.home, ground.os)
    network = EVERYTHING if walls.network else NOTHING
    return {
        "fs": Bound(frozenset(files(((path, path in written) for path in paths), ground))),
        "net.out": network,
        "net.listen": network,
        "env": EVERYTHING if walls.names is None else variables({*walls.names, *held.env}, held.secrets),
    }


def _walled(held: Holdings, handed_out: Mapping[str, Bound]) -> dict[str, Bound]:
    told = "--clearenv" in held.launched.wrapper
    return {
        **{name: handed_out[name] for name in ("fs", "net.out", "net.listen", "run_as")},
        "env": Bound(None, "`--clearenv` alone leaves them to be read at /proc/1/environ")
        if told
        else handed_out["env"],
        "exec": Bound(frozenset(), "what it starts is inside with it"),
    }


def _network(held: Holdings) -> dict[str, Bound]:
    """A container has the network of its engine unless it has none; others reach it where a port is published."""
    networks = [value for name, value in container_options(held.launched) if name in ("--network", "--net")]
    ports = [value for name, value in container_options(held.launched) if name in ("--publish", "--publish-all")]
    shut = networks[-1:] == ["none"]
    if networks[-1:] == ["host"] or any(not port.startswith(_LOOPBACK) for port in ports):
        listen = EVERYTHING
    else:
        listen = Bound.of([Named("loopback", "medium")]) if ports else NOTHING
    return {"net.out": NOTHING if shut else EVERYTHING, "net.listen": NOTHING if shut else listen}


def _contained(held: Holdings, handed_out: Mapping[str, Bound], ground: Ground) -> dict[str, Bound]:
    engine = rules_engine(files(mounts(held.launched), ground), ground)
    out = next((power for power in sorted(held.powers) if _lets_out(power)), "")
    if engine or out:
        note = f"{engine} controls the container engine" if engine else f"{out} lets it out of the container"
        return dict.fromkeys(MACHINE, Bound(None, note))
    from_file = any(name == "--env-file" for name, _ in container_options(held.launched))
    return {
        **{name: handed_out[name] for name in ("fs", "net.out", "net.listen", "run_as")},
        "env": Bound(None, "a file of variables is handed on") if from_file else handed_out["env"],
        "exec": Bound(frozenset(), "only what is in the image"),
    }


def _lets_out(power: str) -> bool:
    name, _, value = power.partition(" ")
    if name == "--cap-add":
        return value.removeprefix("CAP_") in ("ALL", "SYS_ADMIN")
    if name == "--security-opt":
        return "unconfined" in value or "disable" in value
    return name == "--privileged" or name in _UNWALLED
