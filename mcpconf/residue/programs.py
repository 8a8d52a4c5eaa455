"""Programs that were a server and nothing else, and are still there: at the path that was written, or wherever their name leads.

A name alone makes a program a server only if it says so itself; what the system brings along is its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mcpconf.artifacts.command import full_path
from mcpconf.artifacts.found import every_on_path
from mcpconf.errors import Problem, Where
from mcpconf.model.commands import typed
from mcpconf.model.entry import Value
from mcpconf.packages import own_program
from mcpconf.ports import Machine
from mcpconf.reconcile.gone import Gone
from mcpconf.reconcile.situation import Situation
from mcpconf.residue.looking import Leftover, Looked, Surroundings, read

_OF_SYSTEM = re.compile(r"(?:/usr)?/s?bin/.*|/snap/.*|[A-Za-z]:/Windows/.*|.*\.app/.*", re.IGNORECASE)
"""Also what lies in an application of macOS, which goes with that."""

_INSTALLED_BY = (
    (re.compile(r".*/Cellar/(?P<name>[^/]+)/.*"), ("brew", "uninstall")),
    (re.compile(r".*/Caskroom/(?P<name>[^/]+)/.*"), ("brew", "uninstall", "--cask")),
    (re.compile(r".*/uv/tools/(?P<name>[^/]+)/.*"), ("uv", "tool", "uninstall")),
    (re.compile(r".*/pipx/venvs/(?P<name>[^/]+)/.*"), ("pipx", "uninstall")),
    (re.compile(r".*/lib/node_modules/(?P<name>(?:@[^/]+/)?[^/]+)/.*"), ("npm", "uninstall", "--global")),
)
"""By where a program lies behind its links (Homebrew 4, uv 0.9, pipx 1.8, npm 11; 2026-11)."""

_CRATE = re.compile(r"(?P<name>[A-Za-z0-9_-]+) \S+ \(.*")


class _There(NamedTuple):
    path: str
    how: str


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    problems: list[Problem] = []
    found: list[Leftover] = []
    for item, there in ((each, there) for each in gone for there in _there(around, each)):
        if around.machine.files.mode(there.path) is None:
            problems.append(Problem("unreadable", f"`{there.path}` cannot be looked at", Where(there.path)))
        else:
            message = f"`{there.path}` is still there, {there.how} `{item.title}`"
            found.append(Leftover(item, there.path, message, _removal(around, there.path, problems), "medium"))
    return Looked(tuple(found), tuple(problems))


def _there(around: Surroundings, item: Gone) -> Iterator[_There]:
    """Each file once, under the name by which it would be started first; none that another server starts."""
    seen = {*around.programs}
    for program in sorted(item.programs):
        for there in _places(around.machine, program):
            behind = _behind(around.machine, there.path)
            if behind not in seen and (_is_named_so(there.path) or not _OF_SYSTEM.fullmatch(behind)):
                seen.add(behind)
                yield there


def _places(machine: Machine, program: str) -> Iterator[_There]:
    path = _written(machine, program)
    if path:
        if machine.files.exists(path):
            yield _There(path, "and was the program of")
    elif _is_named_so(program) and "/" not in program:
        first = f"and is what `{program}` starts, the program of"
        behind = f"and is what `{program}` starts where none comes before it on PATH, the program of"
        yield from (
            _There(path, behind if number else first) for number, path in enumerate(every_on_path(program, machine))
        )
        ending = ".exe" * (machine.facts.os == "windows")
        for folder in _folders(machine):
            if machine.files.exists(f"{folder}/{program}{ending}"):
                yield _There(
                    f"{folder}/{program}{ending}",
                    f"and is what `{program}` starts with its folder on PATH, the program of",
                )


def _behind(machine: Machine, path: str) -> str:
    try:
        return machine.files.resolve(path)
    except OSError:
        return path


def _written(machine: Machine, program: str) -> str:
    """The full path that was written; "" for a name that is looked up."""
    try:
        path = full_path(Value.parse(program), machine.facts)
    except ValueError:
        return ""
    return "" if isinstance(path, Problem) else path


def _is_named_so(path: str) -> bool:
    return "mcp" in path.replace("\\", "/").rpartition("/")[2].casefold()


def _folders(machine: Machine) -> Iterator[str]:
    """Where installers put programs of a user, whether or not a shell, or a host, looks there."""
    facts = machine.facts
    yield facts.folder("GOBIN", f"{facts.folder('GOPATH', f'{facts.home}/go')}/bin")
    yield f"{_cargo(machine)}/bin"
    yield f"{facts.home}/.local/bin"
    if facts.os != "windows":
        yield from ("/opt/homebrew/bin", "/home/linuxbrew/.linuxbrew/bin", "/usr/local/bin")


def _cargo(machine: Machine) -> str:
    return machine.facts.folder("CARGO_HOME", f"{machine.facts.home}/.cargo")


def _removal(around: Surroundings, path: str, problems: list[Problem]) -> str:
    behind = _behind(around.machine, path)
    for pattern, words in _INSTALLED_BY:
        if match := pattern.fullmatch(behind):
            return typed(*words, match["name"])
    crate = _crate(around, path, problems) if path.startswith(f"{_cargo(around.machine)}/bin/") else ""
    return typed("cargo", "uninstall", crate) if crate else f"delete `{path}`"


def _crate(around: Surroundings, path: str, problems: list[Problem]) -> str:
    """What cargo installed a program from (https://doc.rust-lang.org/cargo/commands/cargo-install.html, 2026-11); "" for nothing."""
    text = read(around, f"{_cargo(around.machine)}/.crates2.json")
    if isinstance(text, Problem):
        problems.append(text)
    try:
        installs = json.loads(text)["installs"] if isinstance(text, str) else {}
        of = next((crate for crate, kept in installs.items() if path.rpartition("/")[2] in kept["bins"]), "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""
    match = _CRATE.fullmatch(of)
    return match["name"] if match else ""


def in_use(situation: Situation, gone: Sequence[Gone], machine: Machine) -> frozenset[str]:
    """Programs, behind their links, that other servers start, on the machine or in the manifest."""
    left = {item.identity for item in gone}
    known = [(found.identity, found.entry) for found in situation.observed.entries]
    known += [(found.identity, found.said or found.entry) for found in situation.desired.entries]
    started = {own_program(entry) for identity, entry in known if identity not in left} - {""}
    return frozenset(_behind(machine, there.path) for program in started for there in _places(machine, program))
