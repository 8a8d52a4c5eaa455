"""From a machine's path to a real one: links followed by hand, inside the root and the folders that are allowed."""

from __future__ import annotations

import errno
import os
import stat
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

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
        """Where a machine path lies on this system, links left alone. In a tree a drive is a folder: `C:/x` is `C/x`."""
        if self.root and path[1:2] == ":":
            path = path[0].upper() + path[2:]
        return self.root + ("/" if self.root and not path.startswith("/") else "") + path

    def resolve(self, path: str) -> str:
        """The machine path after links. Parts that do not exist are kept as they are. Raises OSError."""
        _encodable(path)
        resolved = self.follow(path)
        self._contain(path, resolved)
        return resolved

    def follow(self, path: str) -> str:
        drive, parts = self._split(path)
        if self.fold and drive:
            drive = drive.upper()
        pending, links = deque(parts), 0
        done: list[str] = []
        while pending:
            name = pending.popleft()
            if name == "..":
                if self.root and not done:
                    raise EscapeError(f"`{path}` leaves the machine")
                done[-1:] = []
                continue
            if self.fold:
                name = _spelled(self.real(_join(drive, done)), name)
            target = self._link(_join(drive, [*done, name]))
            if target is None:
                done.append(name)
                continue
            links += 1
            if links > MAXIMUM_LINKS:
                raise EscapeError(f"the links of `{path}` lead in a circle")
            if self.root and target.startswith(self.root + "/"):
                raise EscapeError(f"a link names `{target}` by its place outside the machine")
            target_drive, parts = self._split(target)
            if target.startswith("/") or target_drive:
                drive, done = target_drive or drive, []
            pending.extendleft(reversed(parts))
        return _join(drive, done)

    def _link(self, path: str) -> str | None:
        real = self.real(path)
        try:
            if not stat.S_ISLNK(os.lstat(real).st_mode):
                return None
            target = os.readlink(real)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return target.replace("\\", "/") if self._windows else target

    @property
    def _windows(self) -> bool:
        return self.fold or os.sep == "\\"

    def _split(self, path: str) -> tuple[str, list[str]]:
        drive = ""
        if self._windows and path[1:2] == ":":
            drive, path = path[:2], path[2:]
        return drive, [part for part in path.split("/") if part not in ("", ".")]

    def _contain(self, path: str, resolved: str) -> None:
        """The home may itself be a link, or lie behind one."""
        if not any(self._within(path, home) for home in self.homes):
            return
        if any(self._within(resolved, home) or self._within(resolved, self.follow(home)) for home in self.homes):
            return
        raise EscapeError(f"`{path}` is a link that leaves the home folder, to `{resolved}`")

    def _within(self, path: str, folder: str) -> bool:
        return inside(path.casefold(), folder.casefold()) if self._windows else inside(path, folder)


@dataclass(frozen=True, slots=True)
class StillResolver(Resolver):
    """Follows the links of a folder once: for one pass of reading, in which folders are taken to stay where they are."""

    followed: dict[str, str] = field(default_factory=dict)

    def follow(self, path: str) -> str:
        if (known := self.followed.get(path)) is not None:
            return known
        folder, slash, name = path.rpartition("/")
        if self._windows or not slash or name in ("", ".", ".."):
            return Resolver.follow(self, path)
        if folder not in self.followed:
            self.followed[folder] = self.follow(folder) if folder else "/"
        place = f"{self.followed[folder].rstrip('/')}/{name}"
        return place if self._link(place) is None else Resolver.follow(self, path)


def _spelled(folder: str, name: str) -> str:
    """The name as the folder has it, if it is there in other letters."""
    if os.path.lexists(f"{folder}/{name}"):
        return name
    try:
        names = os.listdir(folder)
    except OSError:
        return name
    return next((other for other in sorted(names) if other.casefold() == name.casefold()), name)


def _encodable(path: str) -> None:
    """Paths come from files that anybody may write. Raises OSError for text that can be no path."""
    try:
        possible = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        possible = False
    if not possible:
        raise OSError(errno.EINVAL, "the text is no path", path)


def inside(path: str, folder: str) -> bool:
    """Whether a machine path is a folder or lies below it, by spelling alone."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _join(drive: str, parts: Sequence[str]) -> str:
    return f"{drive}/{'/'.join(parts)}"
