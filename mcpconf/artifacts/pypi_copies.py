"""Where `uvx`, `pipx` and `python` would find a PyPI package on a machine, and in which versions. Looks at names alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from mcpconf.artifacts import Copy
from mcpconf.errors import Problem
from mcpconf.packages.pypi import is_exact, normal_name
from mcpconf.ports import Facts, Files

_WHEELS = re.compile(r"wheels-v([0-9]{1,4})")
_ENVIRONMENTS = re.compile(r"environments-v[0-9]{1,4}")
_WHEEL = re.compile(r"([0-9][A-Za-z0-9.!+_]*)-[A-Za-z0-9_.]+-[A-Za-z0-9_.]+-[A-Za-z0-9_.]+")
_INSTALLED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)-([0-9][A-Za-z0-9.!+_]*)\.dist-info")
_PYTHON = re.compile(r"python3(?:\.[0-9]+t?)?|Python3[0-9]*|3\.[0-9]+")
_MOST = 2000


def copies(name: str, facts: Facts, files: Files) -> Iterator[Copy]:
    for version, path in cached_wheels(name, facts, files):
        yield Copy(path, version, "uvx")
    for started_by, environment in (*_uv(name, facts, files), *_pipx(name, facts, files)):
        for version in _in_environment(name, environment, files):
            yield Copy(environment, version, started_by)
    for site in _of_user(facts, files):
        for version in _in_site(name, site, files):
            yield Copy(site, version, "python")


def cached_wheels(name: str, facts: Facts, files: Files) -> Iterator[tuple[str, str]]:
    """Version and path of each wheel in the cache of uv, from whichever index (uv 0.13, 2026-11)."""
    cache = uv_cache(facts)
    kinds = [match for folder in _names(cache, files) if (match := _WHEELS.fullmatch(folder))]
    if not kinds:
        return
    newest = f"{cache}/{max(kinds, key=lambda match: int(match[1]))[0]}"
    indexes = [f"{newest}/pypi", *(f"{newest}/index/{index}" for index in _names(f"{newest}/index", files))]
    seen = set()
    for index in indexes:
        for wheel in _names(f"{index}/{name}", files):
            stem = re.sub(r"\.(?:http|msgpack|lock|rev|whl)\Z", "", wheel)
            match = _WHEEL.fullmatch(stem)
            if match and is_exact(match[1]) and (path := f"{index}/{name}/{stem}") not in seen:
                seen.add(path)
                yield match[1], path


def uv_cache(facts: Facts) -> str:
    if facts.os == "windows":
        usual = f"{facts.folder('LOCALAPPDATA', f'{facts.home}/AppData/Local')}/uv/cache"
    else:
        usual = f"{facts.folder('XDG_CACHE_HOME', f'{facts.home}/.cache')}/uv"
    return _plain(facts.env.get("UV_CACHE_DIR") or usual)


def _uv(name: str, facts: Facts, files: Files) -> Iterator[tuple[str, str]]:
    """Tools that are installed, and the environments that `uvx` keeps."""
    data = facts.folder("XDG_DATA_HOME", f"{facts.home}/.local/share")
    if facts.os == "windows":
        data = f"{facts.folder('APPDATA', f'{facts.home}/AppData/Roaming')}/uv/data"
    tools = facts.env.get("UV_TOOL_DIR") or (f"{data}/tools" if facts.os == "windows" else f"{data}/uv/tools")
    yield "uvx", f"{_plain(tools)}/{name}"
    cache = uv_cache(facts)
    for kind in filter(_ENVIRONMENTS.fullmatch, _names(cache, files)):
        for group in _names(f"{cache}/{kind}", files):
            for environment in _names(f"{cache}/{kind}/{group}", files):
                if not environment.endswith(".lock"):
                    yield "uvx", f"{cache}/{kind}/{group}/{environment}"


def _pipx(name: str, facts: Facts, files: Files) -> Iterator[tuple[str, str]]:
    """Of pipx 1.8 and before (2026-11): what is installed, and what `pipx run` keeps."""
    data = facts.folder("XDG_DATA_HOME", f"{facts.home}/.local/share")
    local = facts.folder("LOCALAPPDATA", f"{facts.home}/AppData/Local")
    usual = {
        "linux": (f"{data}/pipx", f"{facts.home}/.local/pipx"),
        "macos": (f"{facts.home}/.local/pipx", f"{facts.home}/Library/Application Support/pipx"),
        "windows": (f"{facts.home}/pipx", f"{local}/pipx/pipx"),
    }[facts.os]
    homes = [facts.env["PIPX_HOME"]] if facts.env.get("PIPX_HOME") else usual
    cache = facts.folder("XDG_CACHE_HOME", f"{facts.home}/.cache")
    kept = [f"{home}/.cache" for home in homes] + [f"{cache}/pipx", f"{facts.home}/Library/Caches/pipx"]
    yield from (("pipx", f"{_plain(home)}/venvs/{name}") for home in homes)
    for folder in map(_plain, kept):
        yield from (("pipx", f"{folder}/{environment}") for environment in _names(folder, files))


def _of_user(facts: Facts, files: Files) -> Iterator[str]:
    """Folders of `pip install --user` (https://docs.python.org/3/library/site.html#site.USER_SITE, 2026-11)."""
    roaming = f"{facts.folder('APPDATA', f'{facts.home}/AppData/Roaming')}/Python"
    base = _plain(facts.env.get("PYTHONUSERBASE") or (roaming if facts.os == "windows" else f"{facts.home}/.local"))
    middle = "" if facts.os == "windows" else "/lib"
    for version in filter(_PYTHON.fullmatch, _names(f"{base}{middle}", files)):
        yield f"{base}{middle}/{version}/site-packages"
    if facts.os == "macos":
        for version in filter(_PYTHON.fullmatch, _names(f"{facts.home}/Library/Python", files)):
            yield f"{facts.home}/Library/Python/{version}/lib/python/site-packages"


def versions(name: str, environment: str, files: Files) -> Iterator[str]:
    """The versions of a package that are in an environment."""
    return _in_environment(name, environment, files)


def has(name: str, environment: str, files: Files) -> bool:
    """Whether a package is in an environment."""
    return any(True for _ in _in_environment(name, environment, files))


def _in_environment(name: str, environment: str, files: Files) -> Iterator[str]:
    for version in filter(_PYTHON.fullmatch, _names(f"{environment}/lib", files)):
        yield from _in_site(name, f"{environment}/lib/{version}/site-packages", files)
    yield from _in_site(name, f"{environment}/Lib/site-packages", files)


def _in_site(name: str, site: str, files: Files) -> Iterator[str]:
    for folder in _names(site, files):
        match = _INSTALLED.fullmatch(folder)
        if match and normal_name(match[1]) == name:
            yield match[2]


def _names(folder: str, files: Files) -> Iterator[str]:
    found = files.names(folder)
    return iter(()) if isinstance(found, Problem) else islice(found, _MOST)


def _plain(path: str) -> str:
    return path.replace("\\", "/").rstrip("/")
