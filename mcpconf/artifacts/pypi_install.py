"""Build a virtual environment from locked wheels alone, each checked against its hash before it is unpacked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from mcpconf.artifacts import pypi_check
from mcpconf.artifacts.belonging import ANEW, contradicts_itself
from mcpconf.artifacts.found import replaceable
from mcpconf.artifacts.pypi_pylock import wheels
from mcpconf.artifacts.pypi_uv import Uv, unbuilt
from mcpconf.errors import Problem
from mcpconf.model.lock import Component, LockedServer
from mcpconf.packages.pypi import LAUNCHER, PYTHON, PYTHON_ON_WINDOWS, STARTED, is_exact
from mcpconf.ports import Files
from mcpconf.workshop import Call

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_LONGEST_MARKER = 8192
_LONGEST_SHOWN = 200
_ENVIRONMENT = """
import json, os, platform, sys
version = sys.implementation.version
full = "%d.%d.%d" % version[:3]
if version.releaselevel != "final":
    full += version.releaselevel[0] + str(version.serial)
print(json.dumps({
    "implementation_name": sys.implementation.name,
    "implementation_version": full,
    "os_name": os.name,
    "platform_machine": platform.machine(),
    "platform_python_implementation": platform.python_implementation(),
    "platform_release": platform.release(),
    "platform_system": platform.system(),
    "platform_version": platform.version(),
    "python_full_version": platform.python_version(),
    "python_version": ".".join(platform.python_version_tuple()[:2]),
    "sys_platform": sys.platform,
}))
"""
"""https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers (2026-11)."""

_LAUNCHER = """import sys

from {module} import {name}

if __name__ == "__main__":
    sys.argv[0] = {title!r}
    sys.exit({function}())
"""


@dataclass(frozen=True, slots=True)
class _Python:
    path: str
    version: str


def install(locked: LockedServer, folder: str, uv: Uv) -> Problem | None:
    """Tries one Python after the other, as wheels may be missing for the newest. Raises OSError."""
    if not STARTED.fullmatch(locked.program):
        return _malformed(f"`{locked.program}` is nothing to start")
    if contradicts_itself(locked):
        return _malformed(f"{locked.package} is one thing, and in its closure another")
    pythons = _pythons(locked.requires.get("python", ""), uv)
    if isinstance(pythons, Problem):
        return pythons
    problem: Problem | None = None
    for python in pythons:
        problem = _build(locked, folder, python, uv)
        if problem is None or problem.kind != "not-supported":
            return problem
        uv.workshop.trees.remove(folder)
    return problem


def _pythons(requires: str, uv: Uv) -> list[_Python] | Problem:
    """Those that are installed for all and do, the newest first, and last what is not released yet."""
    try:
        wanted = SpecifierSet(requires)
    except InvalidSpecifier:
        return _malformed(f"`{requires}` is no range of versions of Python")
    listed = uv.run("python", "list", "--only-installed", "--output-format", "json")
    if isinstance(listed, Problem):
        return listed
    found: dict[str, _Python] = {}
    refused: Problem | None = None
    for item in json.loads(listed):
        if item.get("implementation") == "cpython" and item.get("variant", "default") == "default":
            why = replaceable(item["path"], uv.workshop.machine)
            refused = refused or why
            if why is None:
                found.setdefault(item["version"], _Python(item["path"], item["version"]))
    fitting = [python for version, python in found.items() if wanted.contains(Version(version), prereleases=True)]
    if not found and refused is not None:
        return refused
    if not fitting:
        has = ", ".join(sorted(found)) or "none"
        return Problem(
            "missing", f"there is no Python {requires} on this machine, but {has}", None, "install one that does"
        )
    return sorted(fitting, key=_newest, reverse=True)


def _newest(python: _Python) -> tuple[bool, Version]:
    version = Version(python.version)
    return not version.is_prerelease, version


def _build(locked: LockedServer, folder: str, python: _Python, uv: Uv) -> Problem | None:
    made = uv.run("venv", folder, "--python", python.path, "--no-project", "--relocatable")
    if isinstance(made, Problem):
        return made
    bare = pypi_check.bare(folder, uv.workshop.machine.files)
    environment = bare if isinstance(bare, Problem) else _environment(folder, uv)
    needed = environment if isinstance(environment, Problem) else _needed(locked, environment)
    wanted = needed if isinstance(needed, Problem) else _requirements(needed)
    if isinstance(wanted, Problem) or isinstance(needed, Problem) or isinstance(bare, Problem):
        return cast("Problem", wanted)
    uv.write("wheels.txt", wanted)
    fault = _unpacked(_interpreter(folder, uv), uv)
    if fault is not None:
        return fault
    expected = {item.name: item.version for item in needed}
    files = uv.workshop.machine.files
    fault = pypi_check.cleared_and_checked(folder, bare, expected, files)
    if fault is None:
        _write_launcher(locked, folder, files)
    return fault


def _unpacked(python: str, uv: Uv) -> Problem | None:
    """Fetched into the cache of the room, and unpacked from there without an index.

    One that forbids to keep what it gives (`Cache-Control: no-store`) is asked once more: the hashes hold all the same.
    """
    fetched = f"{uv.room}/fetched"
    uv.workshop.trees.remove(fetched)
    got = uv.wheels("wheels.txt", "--python", python, "--target", fetched, "--link-mode", "hardlink")
    if isinstance(got, Problem):
        return got
    done = uv.wheels("wheels.txt", "--python", python, "--offline")
    if isinstance(done, Problem) and done.kind == "missing" and not uv.workshop.offline:
        done = uv.wheels("wheels.txt", "--python", python)
    return done if isinstance(done, Problem) else None


def _interpreter(folder: str, uv: Uv) -> str:
    windows = uv.workshop.machine.facts.os == "windows"
    return f"{folder}/{PYTHON_ON_WINDOWS if windows else PYTHON}"


def _environment(folder: str, uv: Uv) -> dict[str, str] | Problem:
    """What markers are judged by. Asked before anything is installed, so that no code of a package runs."""
    argv = (_interpreter(folder, uv), "-I", "-S", "-B", "-c", _ENVIRONMENT)
    ran = uv.workshop.programs.run(Call(argv, uv.room))
    if isinstance(ran, Problem):
        return ran
    try:
        found = json.loads(ran.out)
    except ValueError:
        found = None
    if ran.code != 0 or not isinstance(found, dict):
        return Problem("unreadable", f"`{argv[0]}` does not run", None, "repair this Python, or install another")
    return {str(name): str(value) for name, value in found.items()}


def _needed(locked: LockedServer, environment: Mapping[str, str]) -> list[Component] | Problem:
    """The part of the closure that this interpreter runs."""
    found: dict[str, Component] = {}
    for key, item in sorted(locked.closure.items()):
        wanted = _wanted(item.marker, environment)
        if wanted is None:
            return _malformed(f"`{key}` has a marker that is none: `{item.marker[:_LONGEST_SHOWN]}`")
        if not wanted:
            continue
        if item.name in found:
            return _malformed(f"two versions of `{item.name}` are for the same machine")
        found[item.name] = item
    own = locked.package.partition(":")[2]
    if own not in found:
        return _malformed(f"`{own}` itself is missing in its closure")
    return [*found.values()]


def _wanted(marker: str, environment: Mapping[str, str]) -> bool | None:
    """None if the marker is none that can be judged here."""
    if len(marker) > _LONGEST_MARKER:
        return None
    try:
        return not marker or Marker(marker).evaluate(dict(environment))
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName, RecursionError):
        return None


def _requirements(needed: list[Component]) -> str | Problem:
    lines = []
    for item in needed:
        hashes = " ".join(f"--hash={digest}" for digest in wheels(item))
        if not _NAME.fullmatch(item.name) or not is_exact(item.version):
            return _malformed(f"`{item.name}` {item.version} is no package with a version")
        if not hashes:
            return unbuilt(item.name)
        lines.append(f"{item.name}=={Version(item.version)} {hashes}\n")
    return "".join(lines)


def _malformed(message: str) -> Problem:
    return Problem("malformed", f"in the lock, {message}", None, ANEW)


def _write_launcher(locked: LockedServer, folder: str, files: Files) -> None:
    module, colon, function = locked.program.partition(":")
    if not colon:
        return
    title = locked.package.partition(":")[2]
    text = _LAUNCHER.format(module=module, name=function.partition(".")[0], function=function, title=title)
    files.commit(files.stage(f"{folder}/{LAUNCHER}", text.encode(), 0o644, None))
