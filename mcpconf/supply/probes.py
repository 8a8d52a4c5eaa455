"""Make a server ready to be asked: whether it may be, its command line, and the empty home that it gets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Literal

from mcpconf.artifacts import installation, kind_of
from mcpconf.artifacts.command import another, differs, program
from mcpconf.artifacts.environment import reopening
from mcpconf.artifacts.observing import WITHOUT_TREE
from mcpconf.artifacts.pinning import pinned
from mcpconf.artifacts.records import Installed, Missing, state_of
from mcpconf.errors import Problem
from mcpconf.model.entry import Reference, Value
from mcpconf.model.lock import Lock, LockedServer
from mcpconf.model.manifest import Server
from mcpconf.model.probe import Limits, Probe
from mcpconf.ports import Facts
from mcpconf.sandbox import HOME, PATH, Bind, Reach
from mcpconf.sandbox.bwrap import BWRAP, confined
from mcpconf.sandbox.ground import in_system, least
from mcpconf.supply.checking import Checked
from mcpconf.surface.snapshot import Asking
from mcpconf.workshop import Call, Ran, Workshop

FAKE = "mcpconf-probe-"
"""Begins what stands for a value that is not known here: a secret, or what the user has in the environment."""

SANDBOX = "bubblewrap"

_WORKSPACE = "/tmp/workspace"  # noqa: S108  inside the sandbox
_ITS_OWN = re.compile(rf"/tmp|{HOME}|{_WORKSPACE}|/proc(/.*)?|/dev(?!/shm/)(/.*)?")  # noqa: S108
"""What a sandbox has of its own in these places."""

_TRIAL_SECONDS = 20.0
_WINDOWS = ("SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT")
"""Without these hardly a program of Windows starts, and they tell nothing of the user."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How servers are asked. `network` lets confined ones reach it, whatever their permissions say.

    `headers` are sent to a remote server; nothing else of the user is ever sent.
    """

    network: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Ask:
    """`key` is the machine's, without which no installation is believed. `confined`: bubblewrap works here."""

    checked: Checked
    workshop: Workshop
    terms: Terms
    key: bytes | None
    confined: bool


@dataclass(frozen=True, slots=True)
class Ready:
    probe: Probe
    asking: Asking

    def masked(self, text: str) -> str:
        """Without what of this machine and this run is in it, and without the headers that were sent."""
        for place in sorted(self.asking.places, key=len, reverse=True):
            text = text.replace(place, self.asking.places[place])
        return text


def works(workshop: Workshop) -> bool:
    """Whether bubblewrap can confine anything here, which takes more than that it is installed: it is tried."""
    files = workshop.machine.files
    if workshop.machine.facts.os != "linux" or not files.exists(BWRAP):
        return False
    try:
        trial = confined(("/usr/bin/true",), replace(least("/usr/bin/true", "", files, "none"), variables={}))
    except OSError:
        return False
    ran = workshop.programs.run(Call(trial, "/", {}, _TRIAL_SECONDS))
    return isinstance(ran, Ran) and ran.code == 0


def prepared(name: str, ask: Ask, rooms: ExitStack) -> Ready | Problem:
    """Its rooms are there as long as `rooms` is open. A Problem tells why it is not asked."""
    server = ask.checked.manifest.manifest.servers[name]
    lock = ask.checked.lock or Lock()
    locked = lock.servers.get(name)
    stale = next((item for item in ask.checked.stale if item.server == name), None)
    if locked is None or stale is not None:
        message = "it is not in the lock" if stale is None else stale.message
        return Problem("stale", message, None, "`mcpconf lock`, and look at what it changes")
    if server.url is not None:
        return _remote(name, server, ask)
    if kind_of(server) == "oci":
        return Problem("not-supported", "it is an image, which this version does not start", None, "probe it by hand")
    if kind_of(server) == "command":
        return _program(name, server, locked, ask, rooms)
    return _installed(name, server, locked, ask, rooms)


def _remote(name: str, server: Server, ask: Ask) -> Ready | Problem:
    if ask.workshop.offline:
        return Problem("missing", "it is an address, and `--offline` asks nothing of the network", None, "")
    transport: Literal["http", "sse"] = "sse" if server.effective_transport == "sse" else "http"
    if server.url is None or server.url.text is None:
        return Problem("not-supported", "its address depends on variables", None, "probe it by hand")
    headers = ask.terms.headers
    probe = Probe(name, transport, url=server.url.text, headers=headers, limits=ask.terms.limits)
    places = {text: f"${{header:{key}}}" for key, text in headers.items() if text}
    identity = f"header {', '.join(sorted(headers))}" if headers else "anonymous"
    return Ready(probe, replace(Asking.of(server, places), identity=identity))


def _program(name: str, server: Server, locked: LockedServer, ask: Ask, rooms: ExitStack) -> Ready | Problem:
    machine = ask.workshop.machine
    found = program(server.command[0], machine)
    if isinstance(found, Problem):
        return found
    if not locked.artifacts:
        return Problem("hash", f"the lock does not tell the bytes of `{found.path}`", None, "write its `hash`")
    problem = another(server.hash, found) or differs(locked, found, machine)
    if problem is not None:
        return problem
    command = (Value.literal(found.path), *server.command[1:])
    return _started(name, server.model_copy(update={"command": command}), "", ask, rooms)


def _installed(name: str, server: Server, locked: LockedServer, ask: Ask, rooms: ExitStack) -> Ready | Problem:
    machine = ask.workshop.machine
    if kind_of(server) in WITHOUT_TREE or not (locked.artifacts or locked.closure):
        return Problem("hash", "the lock does not say what it is to the byte", None, "write its exact version")
    state = state_of(locked, machine, ask.key)
    if isinstance(state, Problem):
        return state
    if not isinstance(state, Installed):
        missing = isinstance(state, Missing)
        message = "it is not in the store" if missing else "what the store has of it was changed"
        return Problem("missing" if missing else "hash", message, None, f"`mcpconf install {name}`, then again")
    only = ask.checked.manifest.manifest.model_copy(
        update={"servers": {name: server.model_copy(update={"launch": "locked"})}, "groups": {}, "projects": ()}
    )
    pins = pinned(only, ask.checked.lock, machine)
    if name in pins.unmet:
        return pins.unmet[name]
    return _started(name, pins.manifest.servers[name], installation(locked, machine.facts), ask, rooms)


@dataclass(frozen=True, slots=True)
class _Ground:
    """Where a server runs: its home and workspace as it sees them, and where they really are."""

    home: str
    workspace: str
    room: str

    def text(self, value: Value) -> str:
        """Nothing of the user is filled in: what is not known gets a value that shows what it stands for."""
        return "".join(part if isinstance(part, str) else self._of(part) for part in value.parts)

    def _of(self, reference: Reference) -> str:
        match reference.kind:
            case "home":
                return self.home
            case "workspace":
                return self.workspace
            case "env" if reference.default is not None:
                return reference.default
            case _:
                return f"{FAKE}{reference.name}"

    @property
    def places(self) -> dict[str, str]:
        real = {f"{self.room}/home": "${home}", f"{self.room}/workspace": "${workspace}"}
        fixed = {HOME: "${home}", _WORKSPACE: "${workspace}"}  # in the sandbox, and so everywhere
        return {**real, **fixed, self.home: "${home}", self.workspace: "${workspace}"}


def _started(name: str, server: Server, folder: str, ask: Ask, rooms: ExitStack) -> Ready | Problem:
    workshop, machine = ask.workshop, ask.workshop.machine
    for variable, opening in reopening(server.env, machine.facts.os).items():
        return Problem("invalid", f"its variable `{variable}` {opening.reason}", None, "take it out of `env`")
    room = rooms.enter_context(workshop.trees.room())
    real = machine.files.resolve(room)
    ground = _Ground(HOME, _WORKSPACE, real) if ask.confined else _Ground(f"{real}/home", f"{real}/workspace", real)
    words = tuple(map(ground.text, (*server.command, *server.args)))
    for path in _folders((*server.args, *([server.cwd] if server.cwd is not None else [])), ground):
        machine.files.make_folder(path, 0o700)
    env = {**_environment(ground, machine.facts), "PWD": _folder(server, ground)}
    env |= {key: ground.text(value) for key, value in server.env.items()}
    argv = words
    if ask.confined:
        try:
            argv = _confined(words, server, folder, ground, ask)
        except OSError as error:
            return Problem("unreadable", f"it cannot be confined ({error.strerror or error})")
    places = {**ground.places, **({folder: "${store}", machine.files.resolve(folder): "${store}"} if folder else {})}
    if room != real:
        places |= {f"{room}/home": "${home}", f"{room}/workspace": "${workspace}"}
    asking = Asking.of(server, places)
    started = f"{real}/home" if ask.confined else _folder(server, ground)
    sandboxed = SANDBOX if ask.confined else ""
    probe = Probe(name, "stdio", argv, env=env, folder=started, sandboxed=sandboxed, limits=ask.terms.limits)
    return Ready(probe, asking)


def _folders(values: Iterable[Value], ground: _Ground) -> list[str]:
    """What the server is told of below its home and workspace is there for it, and empty. Where it really is."""
    found = [f"{ground.room}/home", f"{ground.room}/workspace"]
    for value in values:
        first = value.parts[0] if value.parts else ""
        if isinstance(first, Reference) and first.kind in ("home", "workspace") and len(value.references) == 1:
            below = "".join(value.literals)
            if ".." not in below.split("/") and (not below or below.startswith("/")):
                found.append(_lowest(f"{ground.room}/{first.kind}{below}"))
    return found


def _lowest(path: str) -> str:
    """The folder that is meant: the path itself, unless it looks like a file, which a server may want to make."""
    folder, _, name = path.rstrip("/").rpartition("/")
    return folder if "." in name.removeprefix(".") else f"{folder}/{name}"


def _folder(server: Server, ground: _Ground) -> str:
    """A folder of the machine is none of the scratch ones, and not where a probe starts."""
    told = server.cwd is not None and any(item.kind in ("home", "workspace") for item in server.cwd.references)
    return ground.text(server.cwd) if told and server.cwd is not None else ground.home


def _environment(ground: _Ground, facts: Facts) -> dict[str, str]:
    always = {"HOME": ground.home, "PATH": PATH, "TZ": "UTC", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    if facts.os != "windows":
        return always
    known = {name: facts.env[name] for name in _WINDOWS if name in facts.env}
    path = known.get("SYSTEMROOT", "") + r"\System32"
    return {**always, **known, "PATH": path, "USERPROFILE": ground.home, "APPDATA": ground.home, "TEMP": ground.home}


def _confined(words: tuple[str, ...], server: Server, folder: str, ground: _Ground, ask: Ask) -> tuple[str, ...]:
    """With its home and workspace, and with the network only where it is permitted. Raises OSError."""
    permitted = server.permissions.net.out if server.permissions is not None and server.permissions.net else None
    network: Reach = "any" if permitted or ask.terms.network else "none"
    ground_of_it = least(words[0], folder, ask.workshop.machine.files, network)
    own = [
        Bind(f"{ground.room}/home", ground.home, writable=True),
        Bind(f"{ground.room}/workspace", ground.workspace, writable=True),
        *_of_command_line(server, ground, ask),
    ]
    told = replace(ground_of_it, binds=(*ground_of_it.binds, *own), variables={}, folder=_folder(server, ground))
    return confined(words, told)


def _of_command_line(server: Server, ground: _Ground, ask: Ask) -> Iterator[Bind]:
    """Files that `command` names are what is started, and are there. For all else there is an empty folder.

    The server shall not see what is in the real one.
    """
    files = ask.workshop.machine.files
    for number, value in enumerate((*server.command[1:], *server.args)):
        path = (value.text or "").rstrip("/")
        if not path.startswith("/") or in_system(path) or _ITS_OWN.fullmatch(path):
            continue
        if number < len(server.command) - 1 and isinstance(files.begins(path), bytes):
            yield Bind.same(path)
            continue
        target, empty = _lowest(path), f"{ground.room}/stand-in/{number}"
        if target and not _ITS_OWN.fullmatch(target):
            files.make_folder(empty, 0o700)
            yield Bind(empty, target, writable=True)
