"""Where the files of a report lie, as a reader elsewhere can follow: below the repository, below the home, or anywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

_POSITION = re.compile(r"(?P<file>.*?)(?::(?P<line>[0-9]{1,9}))?(?::(?P<column>[0-9]{1,9}))?(?:#.*)?", re.DOTALL)
_ABSOLUTE = re.compile(r"/|[A-Za-z]:/")


@dataclass(frozen=True, slots=True)
class Place:
    """`path` is relative to the top of the repository where `inside`, else absolute, or `~/...` in the home."""

    path: str
    inside: bool
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        line = f":{self.line}" if self.line is not None else ""
        return self.path + line + (f":{self.column}" if line and self.column is not None else "")

    @property
    def uri(self) -> str:
        """A relative reference, or one of the scheme `file`."""
        path = quote(self.path, safe="/~", encoding="utf-8", errors="backslashreplace")
        return f"file://{'' if path.startswith('/') else '/'}{path}" if _ABSOLUTE.match(self.path) else path


@dataclass(frozen=True, slots=True)
class Ground:
    """`home` is that of the machine, `folder` where mcpconf runs, `top` the repository that results are shown for.

    `document` is the file that results without a place are shown at: the manifest.
    """

    home: str = ""
    folder: str = ""
    top: str = ""
    document: str = ""

    def place(self, where: str) -> Place | None:
        """The place that `file:line:column` names; nothing for "".

        A path of the home is told without it: it says who the user is, and is another one on each machine.
        """
        found = _POSITION.fullmatch(where)
        if found is None or not found["file"]:
            return None
        path, line, column = found["file"].replace("\\", "/"), found["line"], found["column"]
        position = (int(line) or None if line else None, int(column) or None if column else None)
        relative = _below(path if _ABSOLUTE.match(path) else _joined(self.folder, path), self.top)
        if relative is not None:
            return Place(relative, True, *position)
        short = _below(path, self.home)
        return Place(path if short is None else f"~/{short}", False, *position)


def _below(path: str, folder: str) -> str | None:
    folder = folder.rstrip("/")
    return path[len(folder) + 1 :] if folder and path.startswith(f"{folder}/") and path != f"{folder}/" else None


def _joined(folder: str, path: str) -> str:
    done = folder.rstrip("/").split("/")
    for part in path.split("/"):
        if part == ".." and len(done) > 1:
            done.pop()
        elif part not in ("", ".", ".."):
            done.append(part)
    return "/".join(done)
