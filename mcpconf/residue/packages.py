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
from mcpconf.ports import Files
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.looking import Leftover, Looked, Surroundings

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
                what = "cache of" if cached else "installed for"
                message = f"`{item.identity}` {kept.copy.version} is still in the {what} `{kept.copy.started_by}`"
                if not cached:
                    message = f"`{item.identity}` {kept.copy.version} is still installed, and starts as `{kept.copy.started_by}`"
                yield Leftover(item, kept.copy.path, message, kept.instruction, severity)


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
    elif ecosystem == "pypi":
        for copy in pypi_copies.copies(name, machine.facts, machine.files):
            yield _of_python(copy, name)


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
