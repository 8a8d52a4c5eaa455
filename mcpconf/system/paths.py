"""From a machine's path to a real one: links followed by hand, inside the root and the folders that are allowed."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass

MAXIMUM_LINKS = 40


class EscapeError(OSError):
    """A symbolic link leads in a circle, or to where mcpconf must not go."""


@dataclass(frozen=True, slots=True)
class Resolver:
    """`root` is "" for the real machine, else the folder that stands for it.

    `fold` makes names case-insensitive, as Windows has them, on trees that lie on other systems. `homes` are machine
    folders: a path that starts in one of them must still be in one of them after its links are followed, so that a
    planted link cannot make mcpconf write to `/etc` or to another user's home.
    """

    root: str
    fold: bool = False
    homes: tuple[str, ...] = ()

    def real(self, path: str) -> str:
        """Where a machine path lies on this system, links left alone."""
        return self.root + ("/" if self.root and not path.startswith("/") else "") + path

    def resolve(self, path: str) -> str:
        """The machine path after links. Parts that do not exist are kept as they are. Raises OSError."""
        drive, pending = _split(path)
        done: list[str] = []
        links = 0
        while pending:
            name = pending.pop(0)
            if name == "..":
                done[-1:] = []
                continue
            if self.fold:
                name = self._spelled(drive, done, name)
            target = self._link(drive, [*done, name])
            if target is None:
                done.append(name)
                continue
            links += 1
            if links > MAXIMUM_LINKS:
                raise EscapeError(f"the links of `{path}` lead in a circle")
            drive, done, pending = self._follow(target, drive, done, pending)
        resolved = _join(drive, done)
        self._contain(path, resolved)
        return resolved

    def _link(self, drive: str, parts: Sequence[str]) -> str | None:
        real = self.real(_join(drive, parts))
        try:
            if not stat.S_ISLNK(os.lstat(real).st_mode):
                return None
            return os.readlink(real).replace("\\", "/") if os.sep == "\\" else os.readlink(real)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _follow(self, target: str, drive: str, done: list[str], pending: list[str]) -> tuple[str, list[str], list[str]]:
        if self.root and target.startswith(self.root + "/"):
            raise EscapeError(f"a link names `{target}` by its place outside the machine")
        target_drive, parts = _split(target)
        if target.startswith("/") or target_drive:
            return target_drive or drive, [], [*parts, *pending]
        if target.count("..") > len(done):
            raise EscapeError(f"a link to `{target}` leaves the machine")
        return drive, done, [*parts, *pending]

    def _spelled(self, drive: str, done: Sequence[str], name: str) -> str:
        real = self.real(_join(drive, done))
        if os.path.lexists(f"{real}/{name}"):
            return name
        try:
            names = os.listdir(real)
        except OSError:
            return name
        return next((other for other in sorted(names) if other.casefold() == name.casefold()), name)

    def _contain(self, path: str, resolved: str) -> None:
        if any(inside(path, home) for home in self.homes) and not any(inside(resolved, h) for h in self.homes):
            raise EscapeError(f"`{path}` is a link that leaves the home folder, to `{resolved}`")


def inside(path: str, folder: str) -> bool:
    """Whether a machine path is a folder or lies below it, by spelling alone."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _split(path: str) -> tuple[str, list[str]]:
    drive = ""
    if path[1:2] == ":":
        drive, path = path[:2], path[2:]
    return drive, [part for part in path.split("/") if part not in ("", ".")]


def _join(drive: str, parts: Sequence[str]) -> str:
    return f"{drive}/{'/'.join(parts)}"
