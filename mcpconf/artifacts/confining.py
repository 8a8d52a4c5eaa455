"""Servers that the manifest shuts in: `permissions.enforce`, in the command line that every host gets.

A host starts what its file says. So the walls are words of the command line: where hosts write it they stand in the
plan, are compared like the rest of the entry, and hold whichever host starts it, without a program of mcpconf in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from mcpconf.artifacts import kind_of
from mcpconf.artifacts.boxing import NOBODY, boxed
from mcpconf.artifacts.command import full_path
from mcpconf.artifacts.environment import reopening
from mcpconf.artifacts.found import runtime
from mcpconf.errors import Problem
from mcpconf.hosts.places import locations
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.entry import Value
from mcpconf.model.limits import Permissions
from mcpconf.model.lock import LockedServer
from mcpconf.model.manifest import Server
from mcpconf.packages import launch as started_by_name
from mcpconf.permissions.walls import GROUND, inside
from mcpconf.ports import Machine
from mcpconf.sandbox import Bind, Confinement, Reach
from mcpconf.sandbox import folders as letting
from mcpconf.sandbox.bwrap import BWRAP, confined
from mcpconf.sandbox.folders import Guarded, UnheldError, let_in
from mcpconf.sandbox.ground import least
from mcpconf.sandbox.keeping import PYTHON, keeping

_BY = {"bwrap": "bubblewrap", "docker": "a container"}


HostFiles = Callable[[Sequence[str]], Mapping[str, str]]
"""The files from which hosts read what to start, also in these folders as projects, with what each is."""


def no_files(_folders: Sequence[str]) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Launch:
    """A server that is to be shut in. `folder` is its installation in the store, "" if it has none.

    `hosts` gives the files that tell hosts what to start, with what each is.
    """

    name: str
    server: Server
    locked: LockedServer | None = None
    folder: str = ""
    hosts: HostFiles = no_files

    @property
    def permissions(self) -> Permissions:
        return self.server.permissions or Permissions()

    def refused(self, reason: str, hint: str) -> Problem:
        by = _BY.get(self.permissions.enforce or "", "")
        message = f"{by} cannot hold `{self.name}` to its permissions: {reason}"
        return Problem("permission", message, None, hint)


def host_files(rows: Iterable[HostRow], machine: Machine) -> HostFiles:
    """Those of all known hosts, installed or not, each under its first reader; of those in projects the ones that are there."""

    def found(folders: Sequence[str]) -> dict[str, str]:
        return {
            item.path: f"{row.title} reads from it what to start"
            for row in reversed([*rows])
            for item in locations(row, machine.facts, folders, partial(_named, machine))
            if item.scope not in ("project", "local") or machine.files.exists(item.path)
        }

    return found


def _named(machine: Machine, folder: str) -> Sequence[str]:
    names = machine.files.names(folder)
    return () if isinstance(names, Problem) else names


def unheld(launch: Launch, *, from_store: bool) -> Problem | None:
    """Why the manifest asks for what no machine can do; None if one could."""
    reason, hint = next(_against(launch, from_store=from_store), ("", ""))
    return launch.refused(reason, hint) if reason else None


def shut_in(launch: Launch, machine: Machine) -> Server | Problem:
    """The server with the command line that holds it to its permissions on this machine."""
    by = {"bwrap": _by_bwrap, "docker": _by_engine}.get(launch.permissions.enforce or "")
    try:
        return launch.server if by is None else by(launch, machine)
    except UnheldError as refused:
        return launch.refused(refused.reason, refused.hint)
    except OSError as error:
        return launch.refused(f"a link on this machine leads nowhere: {error}", "correct the link")


def started(server: Server) -> Value:
    """The program of a command line, behind the walls that were put around it."""
    words = [str(word) for word in server.command]
    is_shut_in = server.permissions is not None and server.permissions.enforce == "bwrap"
    return server.command[len(words) - len(inside(words)) if is_shut_in else 0]


def _against(launch: Launch, *, from_store: bool) -> Iterator[tuple[str, str]]:
    server, permissions, kind = launch.server, launch.permissions, kind_of(launch.server)
    if permissions.enforce == "host":
        return
    if permissions.enforce == "docker":
        if kind != "oci":
            yield "it is no image", "write `enforce: bwrap`"
        elif not (server.hash or (launch.locked and "index" in launch.locked.artifacts)):
            yield "nothing tells the digest of the image", "`mcpconf lock`, and commit it"
    elif kind == "oci":
        yield "an image is started by its engine", "write `enforce: docker`"
    elif kind == "command" and not (server.hash or (launch.locked and launch.locked.artifacts)):
        yield "nothing tells which program it is", 'write its full path, and its `hash: "sha256:..."`'
    elif kind not in ("command", "url") and not from_store:
        yield "started by its name it needs the network, and a cache that it writes to", "write `launch: locked` for it"
    yield from _beyond(permissions)


def _beyond(permissions: Permissions) -> Iterator[tuple[str, str]]:
    """What a sandbox has no measure for: it lets in all of a thing, or nothing of it."""
    net, run_as = permissions.net, permissions.run_as
    if net is not None and net.out not in (None, (), "any"):
        hosts = ", ".join(map(str, net.out))
        yield f"it lets in the whole network or none, and not {hosts} alone", "write `out: none` or `out: any`"
    open_to = "any" if net is not None and net.out == "any" else "none"
    if net is not None and net.listen is not None and net.listen != open_to:
        yield f"`listen: {net.listen}` beside `out: {net.out or 'none'}`", f"write `listen: {open_to}`"
    if permissions.exec not in (None, "any"):
        yield "what is started inside is held like the server, but not kept from starting", "leave `exec` out"
    if run_as is not None and (run_as.user != "self" or run_as.privileged or run_as.caps or run_as.sockets):
        yield "`run_as`: it runs as the user who starts the host, without capabilities and sockets", "leave it out"


def _by_engine(launch: Launch, machine: Machine) -> Server:
    server, user = launch.server, machine.facts.uid or NOBODY
    assert server.package is not None
    if machine.facts.os == "windows":
        raise UnheldError(
            "its folders and users are those of another system there", "leave the server out, by `groups`"
        )
    if server.cwd is not None:
        raise UnheldError("`cwd` is a folder of this machine, and not of the image", "leave it out")
    words = tuple(word.text or "" for word in server.command) or started_by_name(
        server.package, server.version or "", digest="".join(server.hash[:1]), bin=server.bin or ""
    )
    served = let_in(launch.permissions.fs or (), _guarded(launch, Confinement(), machine), machine)
    for bind in served:
        if ":" in bind.source + bind.target:
            raise UnheldError(f"an engine takes `{bind.target}` apart at its colon", "name another folder")
        if bind.writable and user == NOBODY:
            raise UnheldError(f"it runs as nobody, who may not write to `{bind.target}`", "run mcpconf as a user")
    command = boxed(words, served, _reach(launch.permissions), sorted(_names(server)), user)
    return server.model_copy(update={"command": tuple(map(Value.literal, command))})


def _by_bwrap(launch: Launch, machine: Machine) -> Server:
    server, facts = launch.server, machine.facts
    if facts.os != "linux":
        raise UnheldError("it is there for Linux alone", "leave the server out on other systems, by `groups`")
    bwrap = _found(BWRAP, "bwrap", "it is not on this machine", "install bubblewrap", machine)
    program, names = _program(launch, machine), _names(server)
    place = least(program, launch.folder, machine.files, _reach(launch.permissions))
    guarded = _guarded(launch, place, machine)
    _clear(place.binds, guarded, machine)
    served = let_in(launch.permissions.fs or (), guarded, machine)
    place = replace(
        place,
        binds=(*place.binds, *served),
        variables={name: value for name, value in place.variables.items() if name not in names},
        folder=_folder(server, (*served, *place.binds), machine) or place.folder,
    )
    words = confined((), place, bwrap)
    if names:
        keeper = _found(PYTHON, "python3", "variables are handed on by Python", "install `python3`", machine)
        words = keeping(names, words, keeper)
    else:
        words = keeping(names, words)
    command = (*map(Value.literal, words), Value.literal(program), *server.command[1:])
    return server.model_copy(update={"command": command, "cwd": None})


def _reach(permissions: Permissions) -> Reach:
    return "any" if permissions.net is not None and permissions.net.out == "any" else "none"


def _found(usual: str, name: str, missing: str, hint: str, machine: Machine) -> str:
    """The usual path of a program of the system, the same on most machines, or else what PATH says."""
    if machine.files.exists(usual):
        return usual
    found = runtime((name,), machine)
    if isinstance(found, Problem):
        raise UnheldError(missing if found.kind == "missing" else found.message, hint)
    return found


def _program(launch: Launch, machine: Machine) -> str:
    found = full_path(launch.server.command[0], machine.facts)
    if isinstance(found, Problem):
        raise UnheldError(found.message, found.hint)
    if not launch.folder and not machine.files.exists(found):
        raise UnheldError(f"`{found}` is not on this machine", "install it there, or correct the path")
    return found


def _names(server: Server) -> frozenset[str]:
    """Variables that reach the server: what any host sets, and what the manifest lets it have of the host's own.

    What puts up the walls is started with them: one by which other code is loaded opens them. Raises UnheldError.
    """
    stated = server.permissions.env if server.permissions is not None else None
    names = {*server.env, *(stated or ()), *(name for one in server.hosts.values() for name in one.env or {})}
    for name, opening in reopening(names, "linux").items():
        raise UnheldError(f"`{name}` {opening.reason}, outside of the sandbox too", "leave the variable out")
    return frozenset(names)


def _guarded(launch: Launch, place: Confinement, machine: Machine) -> Guarded:
    facts = machine.facts
    folders = [letting.full_path(folder.path, machine) for folder in launch.permissions.fs or ()]
    kept = {
        facts.data_folder: "mcpconf keeps its store there",
        facts.state_folder: "mcpconf keeps its key and state there",
    }
    places = (folder for folder in facts.env.get("PATH", "").split(":") if folder.startswith("/"))
    steering = {folder.rstrip("/") or "/": "programs are looked up there" for folder in places}
    steering |= {bind.source: "the server starts from it" for bind in place.binds if bind.source not in GROUND}
    return Guarded({**kept, **launch.hosts(folders)}, steering)


def _clear(binds: Iterable[Bind], guarded: Guarded, machine: Machine) -> None:
    """What a program is installed with must not bring along what nobody is let in to. Raises UnheldError."""
    for bind in binds:
        for path in (machine.facts.home, *guarded.kept):
            if f"{path}/".startswith(f"{bind.source}/"):
                raise UnheldError(f"it starts from `{bind.source}`, which holds `{path}` too", "install it elsewhere")


def _folder(server: Server, seen: Sequence[Bind], machine: Machine) -> str:
    if server.cwd is None:
        return ""
    folder = letting.full_path(server.cwd, machine)
    if not any(f"{folder}/".startswith(f"{bind.target}/") for bind in seen):
        raise UnheldError(f"it is to start in `{folder}`, which it may not see", "name the folder in `permissions.fs`")
    return folder
