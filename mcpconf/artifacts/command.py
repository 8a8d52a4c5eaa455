"""Programs of the machine: locked by the digest of their bytes, run from where they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mcpconf.artifacts import UNSET, Copy, Wish
from mcpconf.artifacts.found import open_to_all
from mcpconf.errors import Problem, Where
from mcpconf.hosts.places import absolute
from mcpconf.model.entry import Reference, Value
from mcpconf.model.lock import Artifact, LockedServer
from mcpconf.ports import Facts, Machine
from mcpconf.workshop import Workshop

_HINT = 'write its full path, and its `hash: "sha256:..."`'
_ENV = re.compile(r"(?:/[^\s]*/)?env(?:\s+-S)?\s+(?:[A-Za-z_][A-Za-z0-9_]*=\S*\s+)*(\S+)")
_EXECUTE = 0o111


class Program(NamedTuple):
    """A program as it is on one machine.

    `interpreter` is what a script has itself run by, which its digest says nothing of. `writable` is the first of the
    program and the folders to it that every user of the machine may write to.
    """

    path: str
    digest: str
    interpreter: str = ""
    writable: str = ""


def lock(wish: Wish, workshop: Workshop) -> LockedServer | Problem:
    """The hash in the manifest holds everywhere; without one, the bytes on this machine hold on its kind of system."""
    if wish.server.hash:
        return LockedServer(input_digest=UNSET, artifacts={"": Artifact(digest=wish.server.hash[0])})
    system = workshop.machine.facts.os
    others = {} if wish.known is None else {name: item for name, item in wish.known.artifacts.items() if name}
    found = program(wish.server.command[0], workshop.machine)
    if isinstance(found, Problem):
        return found
    return LockedServer(input_digest=UNSET, artifacts={**others, system: Artifact(digest=found.digest)})


def install(locked: LockedServer, folder: str, workshop: Workshop) -> Problem | None:  # noqa: ARG001
    return None


def launch(locked: LockedServer, folder: str, machine: Machine) -> tuple[str, ...] | Problem:  # noqa: ARG001
    return Problem("invalid", "a program is run from where it is")


def copies(locked: LockedServer, machine: Machine) -> Iterator[Copy]:  # noqa: ARG001
    return iter(())


def program(word: Value, machine: Machine) -> Program | Problem:
    """What is run, behind all links, if a command line begins with this word."""
    path = full_path(word, machine.facts)
    if isinstance(path, Problem):
        return path
    first = machine.files.begins(path)
    digest = machine.files.digest(path)
    if first is None or digest is None:
        return Problem(
            "missing", f"`{path}` is not on this machine", Where(path), "install it there, or correct the path"
        )
    if isinstance(first, Problem) or isinstance(digest, Problem):
        return first if isinstance(first, Problem) else digest  # type: ignore[return-value]  # one of them is
    mode = machine.files.mode(path)
    if machine.facts.os != "windows" and mode is not None and not mode & _EXECUTE:
        return Problem(
            "invalid", f"`{path}` cannot be executed", Where(path), f"`chmod +x {path}`, if it is the program"
        )
    return Program(path, digest, interpreter(first), open_to_all(path, machine))


def differs(locked: LockedServer, found: Program, machine: Machine) -> Problem | None:
    """Whether a program is another one than was locked, or none was locked for this kind of system."""
    system = machine.facts.os
    wanted = locked.artifacts.get("") or locked.artifacts.get(system)
    if wanted is None:
        message = f"the lock does not tell the bytes of `{found.path}` on {system}"
        return Problem("stale", message, Where(found.path), f"`mcpconf lock` on {system}, or write its `hash`")
    if wanted.digest == found.digest:
        return None
    message = f"`{found.path}` is {found.digest}, and the lock says {wanted.digest}"
    hint = "find out who changed it; `mcpconf lock --upgrade` takes it as it is"
    return Problem("hash", message, Where(found.path), hint)


def another(hashes: Sequence[str], found: Program) -> Problem | None:
    """Whether a program has none of the hashes that the manifest asks for. Without any, each will do."""
    if not hashes or found.digest in hashes:
        return None
    message = f"`{found.path}` is {found.digest}, and the manifest says {' or '.join(hashes)}"
    hint = "find out who changed it; correct `hash` only if it is meant to be as it is"
    return Problem("hash", message, Where(found.path), hint)


def full_path(word: Value, facts: Facts) -> str | Problem:
    """The machine's own path of a program. What hosts or shells would make of another word differs from host to host."""
    strange = next((item for item in word.references if item.kind != "home"), None)
    if strange is not None:
        return Problem("invalid", f"`{strange}` in the path of a program leads elsewhere on each machine", None, _HINT)
    text = "".join(facts.home if isinstance(part, Reference) else part for part in word.parts)
    if text.startswith("~"):
        return Problem("invalid", f"`{text}` is not found by hosts, which know no `~`", None, "write `${home}`")
    drive = re.match(r"[A-Za-z]:[/\\]|\\\\|//", text)
    if facts.os == "windows" and drive is None and text.startswith("/"):
        return Problem("invalid", f"`{text}` is no path of Windows", None, "leave it out there, by `groups`")
    if facts.os != "windows" and drive is not None and not text.startswith("/"):
        return Problem("invalid", f"`{text}` is a path of Windows", None, "leave it out here, by `groups`")
    if not text.startswith("/") and drive is None:
        return Problem("invalid", f"`{text}` is looked up on each machine's own PATH", None, _HINT)
    return absolute(text, facts)


def interpreter(first: bytes) -> str:
    """What the first line of a script names: `node` for `#!/usr/bin/env node`, else a path; "" for what is no script."""
    if not first.startswith(b"#!"):
        return ""
    line = first[2:].split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    found = _ENV.match(line)
    return found[1] if found else line.split(maxsplit=1)[0] if line else ""
