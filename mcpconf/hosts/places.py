"""From a row and the facts of a machine to the files that may hold servers or approvals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, takewhile
from typing import NamedTuple

from mcpconf.hosts.filling import MARK, Names, called, filled
from mcpconf.hosts.patterns import steps
from mcpconf.hosts.plugins import newest
from mcpconf.hosts.stores.place import Keeper
from mcpconf.hosts.vocabulary import HostFile, HostRow, PerSystem, Place
from mcpconf.model.address import NAMED, PLUGIN
from mcpconf.model.base import KeyPath
from mcpconf.model.observed import Location
from mcpconf.ports import Facts

_BASES: Mapping[str, Mapping[str, str]] = {
    "config": {
        "linux": "${XDG_CONFIG_HOME:-{home}/.config}",
        "macos": "${XDG_CONFIG_HOME:-{home}/.config}",
        "windows": "{appdata}",
    },
    "data": {
        "linux": "${XDG_DATA_HOME:-{home}/.local/share}",
        "macos": "${XDG_DATA_HOME:-{home}/.local/share}",
        "windows": "${LOCALAPPDATA:-{home}/AppData/Local}",
    },
    "appconfig": {
        "linux": "{config}",
        "macos": "{home}/Library/Application Support",
        "windows": "{appdata}",
    },
    "appdata": {"windows": "${APPDATA:-{home}/AppData/Roaming}"},
    "programdata": {"windows": "${ProgramData:-C:/ProgramData}"},
    "programfiles": {"windows": "${ProgramFiles:-C:/Program Files}"},
}
"""Folders that operating systems have names for. `appconfig`: where desktop applications keep their settings."""

_TOKEN = re.compile(
    r"\$\{(?P<variable>[A-Za-z_][A-Za-z0-9_]*)(?P<below>(?:/[a-z-]+)*)(?P<default>:-)?|\{(?P<hole>[a-z-]+)\}|\}"
)
"""`${NAME/below:-default}`: the folder of that name in the one that the variable tells, or else the default."""

_PER_PROJECT = ("{up}/", "{project}/")
_FOLDER = "\x01"
"""Stands for the folder of a project, where one path serves for many of them."""


class Destination(NamedTuple):
    """Where a new server of a scope is written."""

    location: Location
    place: Place

    def key_path(self, server: str, folder: str = "") -> KeyPath:
        """`folder`: the absolute folder, for places that hold servers per project."""
        return steps(self.place.at, {"server": server, "project": folder})


def locations(row: HostRow, facts: Facts, projects: Sequence[str], names: Names) -> tuple[Location, ...]:
    """Every file of the row on this machine, in the row's order, each path once per file id; they need not exist.

    `projects` are folders, absolute or `~/...`. A location's project is spelled as in addresses: `~/...` below home. For a
    file of the scope `profile` it is the profile's name. A folder above a project that is not itself a project is read
    only. A path that does not depend on the project comes before one that does and wins over it.
    """
    folders = tuple(dict.fromkeys(absolute(project, facts) for project in projects))
    known = frozenset(folders)
    found: dict[tuple[str, str], Location] = {}
    fixed = {
        path
        for file in row.files.values()
        if not _per_project(file, facts)
        for path, _ in _paths(row, file, facts, "", names)
    }
    for file in row.files.values():
        for folder, path, value in _candidates(row, file, facts, folders, _with_new(file, names)):
            if (folder and path in fixed) or (file.id, path) in found:
                continue
            project = _name(file, spelled(folder, facts), value) if file.scope in NAMED else spelled(folder, facts)
            write = file.write and (not folder or folder in known)
            found[file.id, path] = Location(
                row.id, file.id, file.scope, project, path, file.format, write, file.unasked
            )
    return tuple(newest(found.values()))


def present(row: HostRow, facts: Facts, names: Names = lambda _folder: ()) -> tuple[str, ...]:
    """Paths of which any one that exists means: the host is installed. A pattern with a hole stands for what is there."""
    paths = (_expand(pattern, row, facts, "") for pattern in row.present)
    return tuple(dict.fromkeys(path for pattern in paths if pattern for path, _ in _filled(pattern, facts, names)))


def fixed_path(row: HostRow, paths: PerSystem, facts: Facts) -> str | None:
    pattern = paths.get(facts.os)
    return _expand(pattern, row, facts, "") if pattern else None  # None on a system that has no such file


def version_files(row: HostRow, facts: Facts, names: Names) -> tuple[str, ...]:
    """Files that may tell the host's version."""
    path = _expand(row.version.file.get(facts.os, ""), row, facts, "")
    return tuple(found for found, _ in _filled(path, facts, names)) if path else ()


def stored(paths: PerSystem, owner: HostRow | Keeper, facts: Facts, names: Names) -> tuple[tuple[str, str], ...]:
    """The paths that a pattern of a store finds, each with what its last hole stands for."""
    path = _expand(paths.get(facts.os, ""), owner, facts, "")
    return tuple(_filled(path, facts, names)) if path else ()


class Disk(NamedTuple):
    """What can be asked of a machine's folders."""

    exists: Callable[[str], bool]
    names: Names


def destination(row: HostRow, facts: Facts, scope: str, project: str, disk: Disk) -> Destination | None:
    """Where to write a server for `user` or `project` scope.

    The first writable candidate that exists, else the first that may be made; before all others one that would rule alone,
    or that the row keeps for new servers.
    """
    folder, candidates = absolute(project, facts) if project else "", list[Destination]()
    for place in row.places:
        for file in (row.files[name] for name in place.files):
            if (place.scope or file.scope) != scope or not file.write:
                continue
            names = _with_new(file, lambda _folder: ()) if file.new else disk.names
            for path, _ in _paths(row, file, facts, folder, names):
                at = spelled(folder, facts)
                location = Location(row.id, file.id, scope, at, path, file.format, write=True, unasked=file.unasked)
                candidates.append(Destination(location, place))
    made = [item for item in candidates if row.files[item.location.file].create]
    ruling = [item for item in made if row.files[item.location.file].exclusive or row.files[item.location.file].new]
    there = (item for item in candidates if disk.exists(item.location.path))
    return next(chain(ruling, there, made), None)


def variables(row: HostRow) -> frozenset[str]:
    """Names of environment variables that may have a say in where the host's files are."""
    patterns = [*row.present, *(path for file in row.files.values() for path in file.path.values())]
    patterns += [path for bases in (row.base, _BASES) for base in bases.values() for path in base.values()]
    return frozenset(match["variable"] for text in patterns for match in _TOKEN.finditer(text) if match["variable"])


def project_files(row: HostRow, facts: Facts) -> Iterator[str]:
    """Paths, below a project's folder, of the files that the host has in projects, or of the folders that hold them."""
    for file in row.files.values():
        path = file.path.get(facts.os, "")
        if file.scope == "project" and path.startswith(_PER_PROJECT):
            steps = takewhile(lambda step: "{" not in step, path.split("/")[1:])
            yield "/".join(steps)


def spelled(folder: str, facts: Facts) -> str:
    """A folder as addresses spell it: `~` and `~/...` in the home, else absolute."""
    if folder == facts.home:
        return "~"
    return f"~/{folder[len(facts.home) + 1 :]}" if folder.startswith(facts.home + "/") else folder


def absolute(folder: str, facts: Facts) -> str:
    """The machine's own spelling of a folder, with `/` and without one at the end."""
    folder = _slashes(folder, facts)
    if folder == "~" or folder.startswith("~/"):
        folder = facts.home + folder[1:]
    return folder.rstrip("/") or "/"


def above(folder: str, facts: Facts) -> Iterator[str]:
    """The folder and those above it, nearest first, without the home, its parents, and the root."""
    yield folder
    while (
        (folder := folder.rpartition("/")[0])
        and not folder.endswith(":")
        and not f"{facts.home}/".startswith(f"{folder}/")
    ):
        yield folder


def _slashes(path: str, facts: Facts) -> str:
    if facts.os != "windows":
        return path
    path = path.replace("\\", "/")
    return path[0].upper() + path[1:] if path[1:2] == ":" else path


def _name(file: HostFile, folder: str, value: str) -> str:
    """What lies in a project is not what has the same name elsewhere."""
    return f"{folder}/{value}" if folder and file.scope != PLUGIN else value


def _per_project(file: HostFile, facts: Facts) -> bool:
    path = file.path.get(facts.os, "")
    return "{up}" in path or "{project}" in path


def _candidates(
    row: HostRow, file: HostFile, facts: Facts, folders: Sequence[str], names: Names
) -> Iterator[tuple[str, str, str]]:
    if not _per_project(file, facts):
        yield from (("", path, value) for path, value in _paths(row, file, facts, "", names))
        return
    template = _expand(file.path[facts.os], row, facts, _FOLDER)
    for folder in folders if template is not None else ():
        for near in above(folder, facts) if "{up}" in file.path[facts.os] else (folder,):
            inside = (template or "").replace(_FOLDER, near.rstrip("/"))
            yield from ((near, path, value) for path, value in _filled(inside, facts, names))


def _with_new(file: HostFile, names: Names) -> Names:
    """The names in a folder and that of a file that may be made there."""
    return (lambda folder: sorted({*names(folder), file.new})) if file.new else names


def _paths(row: HostRow, file: HostFile, facts: Facts, folder: str, names: Names) -> Iterator[tuple[str, str]]:
    """Paths with what one of several is called."""
    pattern = file.path.get(facts.os)
    path = _expand(pattern, row, facts, folder) if pattern else None
    if path is not None:
        yield from _filled(path, facts, names)


def _filled(path: str, facts: Facts, names: Names) -> Iterator[tuple[str, str]]:
    found = filled(path, names, fold=facts.os == "windows")
    yield from ((there, called(bindings)) for there, bindings in found)


def _expand(pattern: str, row: HostRow | Keeper, facts: Facts, folder: str) -> str | None:
    """The path, with marks where a hole is left; None where a variable without a default is not set.

    The stack holds the open `${VAR:-` brackets: the text before them, and the variable's value.
    """
    text: str | None = ""
    stack: list[tuple[str | None, str | None]] = []
    position = 0
    for match in _TOKEN.finditer(pattern):
        text = _joined(text, pattern[position : match.start()])
        position = match.end()
        if match["variable"]:
            value = _joined(_variable(match["variable"], facts), match["below"])
            stack.append((text, value))
            text = "" if match["default"] else None
        elif match["hole"]:
            text = _joined(text, _hole(match["hole"], row, facts, folder))
        elif stack:
            before, value = stack.pop()
            text = _joined(before, text if value is None else value)
        else:
            text = _joined(text, "}")
    return _joined(text, pattern[position:])


def _joined(text: str | None, more: str | None) -> str | None:
    return None if text is None or more is None else text + more


def _variable(name: str, facts: Facts) -> str | None:
    """The folder that a variable names; one that is not absolute counts as not set."""
    value = facts.env.get(name)
    if value is None and facts.os == "windows":
        value = next((text for key, text in facts.env.items() if key.upper() == name.upper()), None)
    folder = _slashes(value or "", facts).rstrip("/")
    return folder if folder.startswith("/") or folder[1:3] == ":/" else None


def _hole(name: str, row: HostRow | Keeper, facts: Facts, folder: str) -> str | None:
    if name == "home":
        return facts.home
    if name in ("up", "project"):
        return folder.rstrip("/") if folder else None
    for bases in (row.base, _BASES):
        if name in bases:
            pattern = bases[name].get(facts.os)
            return None if pattern is None else _expand(pattern, row, facts, folder)
    return f"{MARK}{name}{MARK}"
