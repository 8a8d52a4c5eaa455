"""Copies of a package that programs of the machine keep: what would run if somebody named it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from mcpconf.artifacts import Copy, npm_places, pypi_copies
from mcpconf.errors import Problem
from mcpconf.model.commands import typed
from mcpconf.model.residue import Severity
from mcpconf.ports import Files, Snapshot
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.looking import MOST, Leftover, Looked, Surroundings

_NPX = re.compile(r"(?P<request>.*/_npx/[^/]+)/node_modules/.*")
_UV_CACHE = re.compile(r".*/(?:wheels|environments)-v[0-9]{1,4}/.*")


class _Kept(NamedTuple):
    copy: Copy
    cached: bool
    instruction: str


def cached(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    return _looked(around, gone, "low", cached=True)


def installed(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    return _looked(around, gone, "medium", cached=False)


class _Watched:
    """The files of a machine, and what of them could not be read: whoever looks for copies takes that for nothing."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.problems: dict[str, Problem] = {}

    def still(self) -> _Watched:
        return self

    def __getattr__(self, name: str) -> Any:
        def ask(*arguments: str) -> Any:
            answer = getattr(self._files, name)(*arguments)
            if isinstance(answer, Problem):
                self.problems[answer.message + str(answer.where)] = answer
            return answer

        return ask


def _looked(around: Surroundings, gone: Sequence[Gone], severity: Severity, *, cached: bool) -> Looked:
    watched: Any = _Watched(around.machine.files)
    around = replace(around, machine=replace(around.machine, files=watched))
    return Looked(tuple(_left(around, gone, severity, cached=cached)), tuple(watched.problems.values()))


def _left(around: Surroundings, gone: Sequence[Gone], severity: Severity, *, cached: bool) -> Iterator[Leftover]:
    for item in gone:
        for kept in _kept(around, item.identity):
            if kept.cached == cached:
                what = "in the cache of" if cached else _INSTALLED[item.identity.partition(":")[0]]
                message = f"`{item.identity}` {kept.copy.version} is still {what} `{kept.copy.started_by}`"
                yield Leftover(item, kept.copy.path, message, kept.instruction, severity)


_INSTALLED = {"npm": "installed, and starts as", "pypi": "installed for"}
"""npm puts a program of its own name on PATH; of Python it is told who keeps it."""


def _kept(around: Surroundings, identity: str) -> Iterator[_Kept]:
    ecosystem, _, name = identity.partition(":")
    machine = around.machine
    if ecosystem == "npm":
        for copy in npm_places.copies(name, machine):
            request = _NPX.fullmatch(copy.path)
            if request is None and copy.started_by != "pnpm dlx":
                yield _Kept(copy, cached=False, instruction=typed("npm", "uninstall", "--global", name))
            elif request is None or _asked_for(around, request["request"], name):
                folder = request["request"] if request is not None else copy.path.partition("/node_modules/")[0]
                yield _Kept(copy, cached=True, instruction=f"delete `{folder}`")
        yield from _of_others(around, name)
    elif ecosystem == "pypi":
        for copy in pypi_copies.copies(name, machine.facts, machine.files):
            yield _of_python(copy, name)
        for copy in _of_conda(around, name):
            yield _Kept(copy, cached=False, instruction=typed("conda", "remove", "--prefix", copy.path, name))


def _of_others(around: Surroundings, name: str) -> Iterator[_Kept]:
    """Packages that programs beside npm installed for all, and what `bunx` keeps."""
    home = around.machine.facts.home
    data = around.machine.facts.folder("XDG_DATA_HOME", f"{home}/.local/share")
    pnpm = (f"{base}/pnpm/global" for base in (data, f"{home}/Library"))
    folders = [(f"{base}/{number}/node_modules", "pnpm") for base in pnpm for number in around.names(base)]
    folders += [
        (f"{home}/.bun/install/global/node_modules", "bun"),
        (f"{home}/.config/yarn/global/node_modules", "yarn"),
    ]
    for folder, program in folders:
        for copy in npm_places.in_folder(folder, name, around.machine.files):
            yield _Kept(copy, cached=False, instruction=typed(*_REMOVES[program], name))
    cache, _, own = f"{home}/.bun/install/cache/{name}".rpartition("/")
    for kept in around.names(cache):
        if kept.startswith(f"{own}@") and (version := kept[len(own) + 1 :].partition("@")[0]):
            yield _Kept(Copy(f"{cache}/{kept}", version, "bunx"), cached=True, instruction=f"delete `{cache}/{kept}`")


_REMOVES = {
    "pnpm": ("pnpm", "remove", "--global"),
    "bun": ("bun", "remove", "--global"),
    "yarn": ("yarn", "global", "remove"),
}
_CONDAS = ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", ".conda")
"""Folders in a home in which conda and its relatives keep environments (conda 25, mamba 2; 2026-11)."""


def _of_conda(around: Surroundings, name: str) -> Iterator[Copy]:
    home = around.machine.facts.home
    roots = [f"{home}/{each}" for each in _CONDAS]
    below = (f"{root}/envs/{each}" for root in roots for each in around.names(f"{root}/envs"))
    for environment in dict.fromkeys((*roots, *below, *_listed_by_conda(around))):
        for version in pypi_copies.versions(name, environment, around.machine.files):
            yield Copy(environment, version, "conda")


def _listed_by_conda(around: Surroundings) -> list[str]:
    """Environments anywhere, one a line."""
    snapshot = around.machine.files.read(f"{around.machine.facts.home}/.conda/environments.txt")
    text = snapshot.data.decode("utf-8", "replace").replace("\\", "/") if isinstance(snapshot, Snapshot) else ""
    lines = (line.rstrip("/") for line in text.splitlines()[:MOST])
    return [line for line in lines if line.startswith("/") or line[1:3] == ":/"]


def _asked_for(around: Surroundings, request: str, name: str) -> bool:
    """Whether `npx` was asked for the package itself, and did not only get it along with another one."""
    wanted = npm_places.read_document(f"{request}/package.json", around.machine.files).get("dependencies")
    return not isinstance(wanted, dict) or name in wanted


def _of_python(copy: Copy, name: str) -> _Kept:
    if _UV_CACHE.fullmatch(copy.path):
        return _Kept(copy, cached=True, instruction=typed("uv", "cache", "clean", name))
    words = {
        "uvx": ("uv", "tool", "uninstall", name),
        "pipx": ("pipx", "uninstall", name),
        "python": ("python", "-m", "pip", "uninstall", name),
    }[copy.started_by]
    if copy.started_by == "pipx" and "/venvs/" not in copy.path:
        return _Kept(copy, cached=True, instruction=f"delete `{copy.path}`")
    return _Kept(copy, cached=False, instruction=typed(*words))
