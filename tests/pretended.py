"""A kind of server that is built without any client, to be put in the place of a real one.

What `program` of the lock says decides what becomes of it: `wrong-hash`, `no-network` and `bug` fail so, `says:TEXT` repeats
what a client said, `slow` runs a program for long, `link:TARGET` makes a link. Each build leaves a line in the file that the variable PRETENDED names.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from mcpconf.artifacts import KINDS, Wish, artifacts
from mcpconf.errors import Problem
from mcpconf.model.lock import LockedServer
from mcpconf.workshop import Call, Workshop

FILES = {"bin.js": b"run me", "lib/a.js": b"a" * 3000, "lib/b.js": b"b", "package.json": b"{}"}


def take_the_place() -> None:
    """Of npm, for the rest of this process; and let root write to a home that the test made."""
    from mcpconf.system import facts

    KINDS["npm"] = "tests.pretended"
    artifacts.cache_clear()
    facts.refuse_foreign_home = lambda: None


def lock(wish: Wish, workshop: Workshop) -> LockedServer | Problem:
    """What the manifest's `bin` says decides."""
    if wish.server.bin == "slow":
        with workshop.trees.room() as room:
            workshop.programs.run(Call((sys.executable, "-c", _SLOW, os.environ["PRETENDED"]), room))
    return Problem("unreadable", f"the registry said {wish.server.bin}", None, "try again")


def install(locked: LockedServer, folder: str, workshop: Workshop) -> Problem | None:
    if "PRETENDED" in os.environ:
        with Path(os.environ["PRETENDED"]).open("a") as file:
            file.write(f"{locked.package}\n")
    assert not workshop.offline, "nothing may be asked of the network"
    files = workshop.machine.files
    assert files.names(folder) == ()
    for name, data in FILES.items():
        files.make_folder(f"{folder}/{name}".rpartition("/")[0], 0o755)
        files.commit(files.stage(f"{folder}/{name}", data + locked.version.encode(), 0o755, None))
    match locked.program.partition(":"):
        case ("wrong-hash", _, _):
            return Problem("hash", "`lib/a.js` is not what the lock says", None, "look into it")
        case ("no-network", _, _):
            return Problem("unreadable", "the registry did not answer", None, "try again")
        case ("says", _, text):
            return Problem("unreadable", text, None, f"try again without {text}")
        case ("bug", _, _):
            raise ZeroDivisionError
        case ("slow", _, _):
            workshop.programs.run(Call((sys.executable, "-c", _SLOW, os.environ["PRETENDED"]), folder))
            return Problem("unreadable", "it was ended", None, "try again")
        case ("link", _, target):
            Path(folder, "link").symlink_to(target)
    return None


_SLOW = "import os, sys, time; open(sys.argv[1] + '.pid', 'w').write(str(os.getpid())); time.sleep(60)"


if __name__ == "__main__":
    from mcpconf.cli.door import run

    take_the_place()
    sys.exit(run(sys.argv[1:]))
