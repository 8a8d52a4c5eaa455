"""How a bundle is started: by its own files alone, whatever its manifest would have a host run."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from mcpconf.artifacts.environment import reopening
from mcpconf.artifacts.mcpb_manifest import PLATFORMS, Bundle, refused
from mcpconf.errors import Problem
from mcpconf.model.manifest import Server
from mcpconf.ports import OperatingSystem

HERE = "${__dirname}"
HOME = "${HOME}"
_ASKED = re.compile(r"\$\{user_config\.([^}]*)\}")
_HOLE = re.compile(r"\$\{[^}]*\}")
_SEPARATOR = re.compile(r"\$\{(?:/|pathSeparator)\}")
_LEADS_OUT = re.compile(r"\.\.(?:/|\Z)|/|[A-Za-z]:")

_RUNTIMES = {"node": re.compile(r"node(?:\.exe)?"), "python": re.compile(r"python(?:3(?:\.[0-9]+)?)?(?:\.exe)?")}
_PLAIN_PYTHON = frozenset({"-u", "-B", "-I", "-E", "-s", "-P"})
"""Options that take nothing away when they are left out: all of them hold anyway, or only hasten output."""

_IMPLIED = re.compile(r"PYTHON(?:UNBUFFERED|DONTWRITEBYTECODE|NOUSERSITE|SAFEPATH|UTF8|IOENCODING)")


@dataclass(frozen=True, slots=True)
class Start:
    """How a bundle is started on one kind of system.

    `program` is the path in the bundle of a script or program, or else `module` what `python -m` would be given; `folders`
    hold its packages. `args` and `env` are the bundle's own, with `${__dirname}` and `${HOME}` in them. `open_args` are
    those from the first on that an answer of the user goes into, with the option before it: the manifest's `args` stand
    in their place. `open_env`
    are variables that the manifest must give, with the question behind each.
    """

    program: str = ""
    module: str = ""
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    open_args: tuple[str, ...] = ()
    open_env: Mapping[str, str] = field(default_factory=dict)


def start_of(bundle: Bundle, system: OperatingSystem) -> Start | Problem:
    platforms = bundle.compatibility.platforms
    if platforms and PLATFORMS[system] not in platforms:
        return Problem("invalid", f"`{bundle.name}` is not made for {system}", None, "leave it out there, by `groups`")
    kind = bundle.server.type
    if kind == "uv":
        hint = "pin the package by `pypi:`, if it is published there"
        return refused("it is of the type `uv`, which downloads its packages when it starts", hint)
    config = bundle.config(system)
    command = _slashes(config.command)
    args = tuple(_slashes(word) for word in config.args)
    entry = _slashes(bundle.server.entry_point)
    if kind == "binary":
        found = _program(command or entry, entry, args)
    elif command and not _RUNTIMES[kind].fullmatch(command):
        return refused(f"it starts `{command}`, not what is in it", "pin what it starts by `npm:` or `pypi:` instead")
    else:
        found = _script(kind, args or (entry,), entry)
    return found if isinstance(found, Problem) else _with_environment(found, bundle, config.env)


def unanswered(start: Start, bundle: Bundle, server: Server) -> Iterator[Problem]:
    """What the bundle must be told by the manifest, and is not."""
    for name, question in start.open_env.items():
        if name not in server.env:
            hint = f"give the server `env: {{{name}: ...}}`, a secret as `{{secret: NAME}}`"
            yield Problem("invalid", f"the bundle asks for `{question}`, which nothing answers", None, hint)
    asked = (name for word in start.open_args for name in _ASKED.findall(word))
    needed = next((name for name in asked if _is_required(bundle, name)), None)
    if needed is not None and not server.args:
        words = ", ".join(start.open_args)
        hint = f"give the server `args`; the bundle would run with `{words}`"
        yield Problem("invalid", f"the bundle asks for `{needed}`, which nothing answers", None, hint)


def filled(text: str, folder: str, home: str) -> str:
    return text.replace(HERE, folder).replace(HOME, home)


def _slashes(word: str) -> str:
    return _SEPARATOR.sub("/", word)


def _path(word: str, entry: str) -> str | None:
    """The path in the bundle that a word names; None if it may name something else."""
    inner = word.removeprefix(f"{HERE}/")
    if inner == word and word != entry and "/" not in word:
        return None
    inner = posixpath.normpath(inner.replace("\\", "/"))
    return None if _LEADS_OUT.match(inner) or "${" in inner or inner == "." else inner


def _program(command: str, entry: str, args: tuple[str, ...]) -> Start | Problem:
    path = _path(command, entry)
    if path is None:
        return refused(f"it starts `{command}`, which is not in it")
    return _with_arguments(Start(program=path), args)


def _script(kind: str, args: tuple[str, ...], entry: str) -> Start | Problem:
    at = 0
    while kind == "python" and at < len(args) and args[at] in _PLAIN_PYTHON:
        at += 1
    if kind == "python" and args[at : at + 1] == ("-m",) and at + 1 < len(args):
        return _with_arguments(Start(module=args[at + 1]), args[at + 2 :])
    path = _path(args[at], entry) if at < len(args) and not args[at].startswith("-") else None
    if path is None:
        return refused(f"it starts `{kind}` with `{' '.join(args)}`, and no script of its own")
    return _with_arguments(Start(program=path), args[at + 1 :])


def _with_arguments(start: Start, args: tuple[str, ...]) -> Start | Problem:
    cut = next((index for index, word in enumerate(args) if _ASKED.search(word)), len(args))
    if 0 < cut < len(args) and args[cut - 1].startswith("-"):
        cut -= 1  # an option, and the answer is its value
    strange = _strange(args[:cut])
    return strange or replace(start, args=args[:cut], open_args=args[cut:])


def _with_environment(start: Start, bundle: Bundle, stated: Mapping[str, str]) -> Start | Problem:
    env: dict[str, str] = {}
    asked: dict[str, str] = {}
    folders: tuple[str, ...] = ()
    for name, value in sorted((name, _slashes(text)) for name, text in stated.items()):
        if bundle.server.type == "python" and name == "PYTHONPATH":
            found = _folders(value)
            if isinstance(found, Problem):
                return found
            folders = found
        elif bundle.server.type == "python" and _IMPLIED.fullmatch(name):
            continue
        elif name.upper() == "PATH" or reopening([name], "windows"):  # in whatever letters
            return refused(f"it sets `{name}`, by which other code than its own may run")
        else:
            text = _ASKED.sub(lambda match: _default(bundle, match), value)
            question = _ASKED.search(text)
            if question is None:
                env[name] = text
            elif _is_required(bundle, question[1]):
                asked[name] = question[1]
    return _strange(env.values()) or replace(start, env=env, open_env=asked, folders=folders)


def _folders(value: str) -> tuple[str, ...] | Problem:
    found = ["" if part == HERE else _path(part, "") for part in re.split("[:;]", value) if part]
    inside = tuple(path for path in found if path is not None)
    return inside if len(inside) == len(found) else refused("its `PYTHONPATH` leads out of it")


def _default(bundle: Bundle, match: re.Match[str]) -> str:
    question = bundle.user_config.get(match[1])
    return match[0] if question is None or question.default is None else question.default


def _is_required(bundle: Bundle, name: str) -> bool:
    question = bundle.user_config.get(name)
    return question is None or question.required


def _strange(words: Iterable[str]) -> Problem | None:
    for word in words:
        hole = next((hole for hole in _HOLE.findall(word) if hole not in (HERE, HOME)), None)
        if hole is not None:
            return refused(f"it is started with `{hole}`, which is not known here")
    return None
