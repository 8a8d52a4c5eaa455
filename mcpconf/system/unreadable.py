"""Why a file or folder could not be read, as people are told."""

from __future__ import annotations

import errno
import stat

from mcpconf.errors import Problem, ProblemKind, Where
from mcpconf.ports import MAXIMUM_BYTES

_KINDS: dict[int, tuple[ProblemKind, str]] = {
    errno.EACCES: ("unreadable", "may not be read"),
    errno.EPERM: ("unreadable", "may not be read"),
    errno.ELOOP: ("symlink", "is a link that changed while it was read"),
    errno.ENXIO: ("not-a-file", "is a socket or pipe where a file is expected"),
}


def problem(path: str, error: OSError) -> Problem:
    kind, words = _KINDS.get(error.errno or 0, ("unreadable", f"could not be read ({error.strerror or error})"))
    return Problem(kind, f"`{path}` {words}", Where(path), "give yourself read permission, or exclude its host")


def no_file(path: str, mode: int) -> Problem:
    kind = "folder" if stat.S_ISDIR(mode) else "link" if stat.S_ISLNK(mode) else "pipe, socket or device"
    return Problem("not-a-file", f"a {kind} lies where a file is expected", Where(path), "move it away")


def oversized(path: str) -> Problem:
    limit = MAXIMUM_BYTES // (1024 * 1024)
    return Problem(
        "oversized", f"`{path}` is larger than {limit} MB", Where(path), "no host writes such a file; look into it"
    )
