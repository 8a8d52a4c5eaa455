"""The folders that `projects` names on one machine: a path is itself, a pattern is what it matches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mcpconf.errors import Problem, Where
from mcpconf.hosts.places import absolute, project_files
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.glob import fits
from mcpconf.model.manifest import Manifest, Project, is_pattern
from mcpconf.ports import Facts, Files

MAXIMUM_MATCHES = 5000
MAXIMUM_LOOKED_AT = 100_000
"""Folders of one pattern, whether they match or not."""

_REPOSITORY = ".git"


@dataclass(frozen=True, slots=True)
class Located:
    """A manifest whose projects are folders of this machine, each of them once for each host."""

    manifest: Manifest
    problems: tuple[Problem, ...] = ()


def located(manifest: Manifest, rows: Mapping[str, HostRow], facts: Facts, files: Files) -> Located:
    """Match the patterns of `projects`. The first project of a folder and host counts.

    A pattern matches folders that hold a git repository or a project file of some host. `*` and `?` stay within one step
    of the path and, as in shells, begin no hidden name; links are not followed.
    """
    search = _Search(
        files, facts, frozenset(path for row in rows.values() for path in project_files(row, facts) if path)
    )
    projects = tuple(search.projects(manifest))
    return Located(manifest.model_copy(update={"projects": projects}), tuple(search.problems.values()))


@dataclass
class _Search:
    files: Files
    facts: Facts
    marks: frozenset[str]
    problems: dict[str, Problem] = field(default_factory=dict)
    _found: set[str] = field(default_factory=set)
    _looked_at: int = 0

    def projects(self, manifest: Manifest) -> Iterator[Project]:
        claimed: set[tuple[str, str]] = set()
        for project in manifest.projects:
            hosts = project.hosts if project.hosts is not None else tuple(manifest.hosts)
            for folder in self._folders(project.path):
                key = self._folded(folder)
                left = tuple(host for host in hosts if (key, host) not in claimed)
                claimed.update((key, host) for host in left)
                if left or not hosts:
                    yield project.model_copy(update={"path": folder, "hosts": left})

    def _folders(self, path: str) -> Iterator[str]:
        folder = absolute(path, self.facts)
        for match in self._matches(folder) if is_pattern(path) else (folder,):
            if len(self._found) >= MAXIMUM_MATCHES and match not in self._found:
                message = f"`projects` matches more than {MAXIMUM_MATCHES:,} folders; the others were not looked at"
                self._tell(path, Problem("oversized", message, Where(path), "name fewer folders"))
                return
            self._found.add(match)
            yield match

    def _matches(self, pattern: str) -> Iterator[str]:
        steps = pattern.split("/")
        first = next(index for index, step in enumerate(steps) if is_pattern(step))
        level = iter(["/".join(steps[:first]) or "/"])
        self._looked_at = 0
        for step in steps[first:]:
            level = self._below(level, step, pattern)
        return (folder for folder in level if self._is_project(folder))

    def _below(self, level: Iterator[str], step: str, pattern: str) -> Iterator[str]:
        wanted = self._folded(step)
        for folder in level:
            names = self.files.folders(folder)
            if isinstance(names, Problem):
                self._tell(folder, names)
                continue
            for name in names:
                if not fits(wanted, self._folded(name)) or (name.startswith(".") and not step.startswith(".")):
                    continue
                self._looked_at += 1
                if self._looked_at > MAXIMUM_LOOKED_AT:
                    message = (
                        f"`{pattern}` leads to more than {MAXIMUM_LOOKED_AT:,} folders; the others were not looked at"
                    )
                    self._tell(pattern, Problem("oversized", message, Where(folder), "name fewer folders"))
                    return
                yield f"{folder.rstrip('/')}/{name}"

    def _is_project(self, folder: str) -> bool:
        names = self.files.names(folder)
        if isinstance(names, Problem):
            self._tell(folder, names)
            return False
        held = set(names)
        if _REPOSITORY in held:
            return True
        beginnings = (mark for mark in self.marks if mark.partition("/")[0] in held)
        return any("/" not in mark or self.files.exists(f"{folder}/{mark}") for mark in beginnings)

    def _folded(self, text: str) -> str:
        return text.casefold() if self.facts.os == "windows" else text

    def _tell(self, place: str, problem: Problem) -> None:
        self.problems.setdefault(place, problem)
