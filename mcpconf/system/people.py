"""Other users of this machine, and commands that run as one of them.

An administrator never opens what lies in another's home: a process becomes that user first, for good, and can read and write
what the user can and nothing else. No link and no name that somebody planted there leads further.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress

from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.model.person import Answered, Person
from mcpconf.system.programs import Pipe, end

_BOOT = (
    "import sys; count = int(sys.argv[1]); words = sys.argv[2 : 2 + count]; "
    "sys.path += sys.argv[2 + count :]; "
    "sys.argv = ['mcpconf', *words]; from mcpconf.__main__ import main; sys.exit(main())"
)
"""Isolated, but with the same code as here: nothing in the folder of a user brings other."""

_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
"""A user's own variables are known to the user's own programs alone."""

_MOST = 4 * 1024 * 1024
_HOMES = ("/home", "/Users")
_LIMITS = "/etc/login.defs"
"""https://man7.org/linux/man-pages/man5/login.defs.5.html, read 2026-11-27."""

_LIMIT = re.compile(r"[ \t]*(UID_MIN|UID_MAX)[ \t]+([0-9]{1,10})[ \t]*")
_USUAL = {"darwin": (501, 60_000)}


def person(name: str) -> Person:
    """Raises McpconfError (exit 64) for a user that the system does not know."""
    _for_the_administrator()
    import pwd

    try:
        known = pwd.getpwnam(name)
    except KeyError:
        problem = Problem("usage", f"there is no user `{name}` on this machine", None, "`getent passwd` lists them")
        raise McpconfError(ExitCode.USAGE, problem) from None
    return Person(known.pw_name, known.pw_uid, known.pw_gid, known.pw_dir)


def people() -> tuple[Person, ...]:
    """Everybody with a home of their own: root, those that the system lists, and owners of folders where homes are.

    Users of a directory service need not be listed; their homes are. Raises McpconfError (exit 64).
    """
    _for_the_administrator()
    import pwd

    least, most = _limits()
    known = {item.pw_uid: item for item in pwd.getpwall() if item.pw_uid == 0 or least <= item.pw_uid <= most}
    for uid in _owners():
        if uid not in known:
            try:
                known[uid] = pwd.getpwuid(uid)
            except KeyError:
                continue
    found = (Person(item.pw_name, item.pw_uid, item.pw_gid, item.pw_dir) for item in known.values())
    return tuple(sorted(item for item in found if _owns(item.home, item.uid)))


def run_as(person: Person, words: Sequence[str], seconds: float, program: str = "") -> Answered:
    """Run a command of mcpconf as somebody, who it then cannot stop being."""
    program = program or sys.executable
    paths = [path for path in sys.path if os.path.isabs(path)]
    try:
        started = subprocess.Popen(  # noqa: S603  argv of ours, no shell
            [program, "-I", "-c", _BOOT, str(len(words)), *words, *paths],
            env=_ENVIRONMENT | {"HOME": person.home, "USER": person.name, "LOGNAME": person.name},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
            user=person.uid,
            group=person.gid,
            extra_groups=os.getgrouplist(person.name, person.gid),
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Answered(person, None, why=f"`{program}` cannot be started by them ({error}): install mcpconf for all")
    out = Pipe(started.stdout, _MOST)
    try:
        code: int | None = started.wait(seconds)
        why = ""
    except subprocess.TimeoutExpired:
        code, why = None, f"it did not end within {seconds:g} s"
    finally:
        end(started)
        said = out.close()
    return Answered(person, code, said, why)


def _for_the_administrator() -> None:
    if not hasattr(os, "geteuid"):
        message, hint = "other users are not reached on this system", "run it as each of them"
    elif os.geteuid() != 0:
        message, hint = "only the administrator reaches other users", "run it with `sudo`, or leave the option out"
    else:
        return
    raise McpconfError(ExitCode.USAGE, Problem("usage", message, None, hint))


def _limits() -> tuple[int, int]:
    found = dict(zip(("UID_MIN", "UID_MAX"), _USUAL.get(sys.platform, (1000, 60_000)), strict=True))
    try:
        with open(_LIMITS, encoding="utf-8", errors="replace") as file:
            for line in file.read(_MOST).splitlines():
                if match := _LIMIT.fullmatch(line):
                    found[match[1]] = int(match[2])
    except OSError:
        pass
    return found["UID_MIN"], found["UID_MAX"]


def _owners() -> Iterator[int]:
    """One home that cannot be looked at hides none of the others."""
    for folder in _HOMES:
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        for name in names:
            with suppress(OSError):
                yield os.lstat(f"{folder}/{name}").st_uid


def _owns(home: str, uid: int) -> bool:
    """A home that root may not look at, as on some file servers, is there: its user can."""
    try:
        found = os.stat(home)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return stat.S_ISDIR(found.st_mode) and found.st_uid == uid
