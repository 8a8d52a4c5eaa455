"""Which version of a package a machine has in its caches: what `npx` and `uvx` would start today, without the network."""

from __future__ import annotations

import hashlib
import re

from mcpconf.artifacts.npm_places import npm_cache, read_document
from mcpconf.errors import Problem
from mcpconf.importer.found import Found
from mcpconf.model.package import Package
from mcpconf.packages import npm, pypi
from mcpconf.ports import Facts, Files

_WHEELS = re.compile(r"wheels-v([0-9]{1,4})")
_WHEEL = re.compile(r"([0-9][A-Za-z0-9.!+_]*)-[A-Za-z0-9_.]+-[A-Za-z0-9_.]+-[A-Za-z0-9_.]+")
_PYTHON_RUNNERS = frozenset({"uvx", "uv"})


def cached_version(found: Found, package: Package, facts: Facts, files: Files) -> str:
    """The one version that is there, or "" where there is none, or where several could be meant."""
    if found.launched.floating is not True:
        return ""
    words = found.launched.argv
    if package.ecosystem == "npm" and words[:1] == ("npx",):
        return _npx(words, package, facts, files)
    if package.ecosystem == "pypi" and words and words[0] in _PYTHON_RUNNERS:
        return _uv(package, facts, files)
    return ""


def _npx(words: tuple[str, ...], package: Package, facts: Facts, files: Files) -> str:
    """Npx keeps each request in a folder named by the digest of its words (npm 10 and 11, libnpmexec, 2026-11)."""
    requests = [word for word in words[1:] if (asked := npm.specification(word)) and asked[0] == package]
    if len(requests) != 1 or "-c" in words:
        return ""
    name = hashlib.sha512(requests[0].encode()).hexdigest()[:16]
    folder = f"{npm_cache(facts, files)}/_npx/{name}"
    if read_document(f"{folder}/package.json", files).get("_npx") != {"packages": requests}:
        return ""
    installed = read_document(f"{folder}/node_modules/{package.name}/package.json", files)
    version = installed.get("version")
    right = installed.get("name") == package.name and isinstance(version, str) and npm.is_exact(version)
    return str(version) if right else ""


def _uv(package: Package, facts: Facts, files: Files) -> str:
    """Uv names wheels in its cache by their versions (uv 0.13, 2026-11); of several it cannot be told which one runs."""
    cache = _uv_cache(facts)
    names = files.names(cache)
    kinds = [] if isinstance(names, Problem) else [match for name in names if (match := _WHEELS.fullmatch(name))]
    if not kinds:
        return ""
    newest = max(kinds, key=lambda match: int(match[1]))[0]
    wheels = files.names(f"{cache}/{newest}/pypi/{package.name}")
    if isinstance(wheels, Problem):
        return ""
    stems = (re.sub(r"\.(?:http|msgpack|lock|rev|whl)\Z", "", wheel) for wheel in wheels)
    versions = {match[1] for stem in stems if (match := _WHEEL.fullmatch(stem))}
    version = versions.pop() if len(versions) == 1 else ""
    return version if version and pypi.is_exact(version) else ""


def _uv_cache(facts: Facts) -> str:
    if facts.os == "windows":
        usual = f"{facts.env.get('LOCALAPPDATA', f'{facts.home}/AppData/Local')}/uv/cache"
    else:
        usual = f"{facts.env.get('XDG_CACHE_HOME', f'{facts.home}/.cache')}/uv"
    return facts.env.get("UV_CACHE_DIR", usual).replace("\\", "/").rstrip("/")
