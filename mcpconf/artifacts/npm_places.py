"""Where npm and its relatives keep packages on a machine: what a host runs that starts a package by its name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from mcpconf.artifacts import Copy
from mcpconf.artifacts.npm_node import find_node
from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.packages.npm import is_exact
from mcpconf.ports import Facts, Files, Machine

LARGEST_DOCUMENT = 1024 * 1024
_LARGEST_SETTINGS = 256 * 1024
_MOST_FOLDERS = 2000
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def copies(package: str, machine: Machine) -> Iterator[Copy]:
    """Every copy of a package in the places that are known (npm 8 to 11, pnpm 10, bun 1; 2026-11)."""
    files = machine.files.still()
    for folder in _each(f"{npm_cache(machine.facts, files)}/_npx", "node_modules", files):
        yield from _copy(folder, package, "npx", files)
    for cache in _pnpm_caches(machine.facts):
        for folder in _each(f"{cache}/dlx", "pkg/node_modules", files):
            yield from _copy(folder, package, "pnpm dlx", files)
    yield from installed(package, machine)


def installed(package: str, machine: Machine) -> Iterator[Copy]:
    """Copies that npm installed for all."""
    files = machine.files.still()
    for folder in dict.fromkeys(_global_folders(machine, files)):
        yield from _copy(folder, package, "", files)


def in_folder(folder: str, package: str, files: Files) -> Iterator[Copy]:
    """A copy of a package in a folder of packages that were installed for all."""
    return _copy(folder, package, "", files)


def npm_cache(facts: Facts, files: Files) -> str:
    local = facts.env.get("LOCALAPPDATA", f"{facts.home}/AppData/Local").replace("\\", "/")
    usual = f"{local}/npm-cache" if facts.os == "windows" else f"{facts.home}/.npm"
    return setting("cache", facts, files) or usual


def setting(name: str, facts: Facts, files: Files) -> str:
    """A folder that the user configured for npm: by variable, or in `~/.npmrc`; "" if there is none."""
    stated = next((value for key, value in facts.env.items() if key.lower() == f"npm_config_{name}" and value), "")
    return _folder(stated or _configured(name, facts, files), facts)


def _configured(name: str, facts: Facts, files: Files) -> str:
    snapshot = files.read(f"{facts.home}/.npmrc")
    if snapshot is None or isinstance(snapshot, Problem) or len(snapshot.data) > _LARGEST_SETTINGS:
        return ""
    found = ""
    for line in snapshot.data.decode("utf-8", "replace").splitlines():
        key, equals, value = line.partition("=")
        if equals and key.strip() == name:
            found = value.strip().strip("\"'")
    return _VARIABLE.sub(lambda match: facts.env.get(match[1], match[0]), found)


def _folder(text: str, facts: Facts) -> str:
    path = text.replace("\\", "/") if facts.os == "windows" else text
    path = f"{facts.home}{path[1:]}" if path.startswith("~/") else path
    return path.rstrip("/") if path.startswith("/") or path[1:3] == ":/" else ""


def _each(folder: str, inner: str, files: Files) -> Iterator[str]:
    names = files.folders(folder)
    if not isinstance(names, Problem):
        yield from (f"{folder}/{name}/{inner}" for name in names[:_MOST_FOLDERS])


def _global_folders(machine: Machine, files: Files) -> Iterator[str]:
    """Npm installs beside its Node (`PREFIX/lib/node_modules`, on Windows `PREFIX/node_modules`) or where it is told."""
    facts = machine.facts
    prefix = setting("prefix", facts, files)
    if facts.os == "windows":
        roaming = facts.folder("APPDATA", f"{facts.home}/AppData/Roaming")
        yield from (f"{base}/node_modules" for base in (prefix, f"{roaming}/npm") if base)
        return
    node = find_node(machine)
    beside = node.rpartition("/bin/")[0] if isinstance(node, str) else ""
    for base in (prefix, beside, "/usr", "/usr/local", "/opt/homebrew"):
        if base:
            yield f"{base}/lib/node_modules"
    for versions, inner in _managed(facts):
        yield from _each(versions, f"{inner}lib/node_modules", files)


def _managed(facts: Facts) -> Iterator[tuple[str, str]]:
    """Folders in which version managers keep one Node each, and where in it that is."""
    data = facts.folder("XDG_DATA_HOME", f"{facts.home}/.local/share")
    nvm = _folder(facts.env.get("NVM_DIR", ""), facts) or f"{facts.home}/.nvm"
    yield f"{nvm}/versions/node", ""
    yield f"{data}/fnm/node-versions", "installation/"
    yield f"{data}/mise/installs/node", ""
    yield f"{facts.home}/.asdf/installs/nodejs", ""


def _pnpm_caches(facts: Facts) -> Iterator[str]:
    """`pnpm dlx` keeps each request under its cache (pnpm 9 and later, `dlx/DIGEST/pkg`)."""
    if cache := facts.folder("XDG_CACHE_HOME", ""):
        yield f"{cache}/pnpm"
    elif facts.os == "macos":
        yield f"{facts.home}/Library/Caches/pnpm"
    elif facts.os == "windows":
        yield f"{facts.folder('LOCALAPPDATA', f'{facts.home}/AppData/Local')}/pnpm-cache"
    else:
        yield f"{facts.home}/.cache/pnpm"


def _copy(folder: str, package: str, started_by: str, files: Files) -> Iterator[Copy]:
    """A package installed for all is started by the name of its program."""
    document = read_document(f"{folder}/{package}/package.json", files)
    version = document.get("version")
    if document.get("name") == package and isinstance(version, str) and is_exact(version):
        yield Copy(f"{folder}/{package}", version, started_by or _program(package, document.get("bin")))


def _program(package: str, programs: Json) -> str:
    own = package.rpartition("/")[2]
    names = sorted(name for name in programs if isinstance(name, str)) if isinstance(programs, dict) else []
    return own if own in names or not names else names[0]


def read_document(path: str, files: Files) -> dict[str, object]:
    """A small JSON document; empty if it is none. What a cache holds is only ever a hint."""
    snapshot = files.read(path)
    if snapshot is None or isinstance(snapshot, Problem) or len(snapshot.data) > LARGEST_DOCUMENT:
        return {}
    try:
        value = json.loads(snapshot.data)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
