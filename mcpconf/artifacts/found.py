"""Programs of the machine that lock, install or start packages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.errors import Problem
from mcpconf.ports import Machine

_ENDINGS = {"windows": (".exe", ".cmd", ".bat")}


def on_path(name: str, machine: Machine) -> str:
    """The full path of a program on the user's PATH; "" if there is none. Folders that are no full paths are left out."""
    return next(_found(name, machine), "")


def runtime(names: Sequence[str], machine: Machine) -> str | Problem:
    """The full path of the first of these programs that is one itself: what a host entry may name.

    A script in a program's place chooses what it starts by the folder it is started in, and is passed by.
    """
    for name in names:
        for path in _found(name, machine):
            if not _is_script(path, machine):
                return path
    return Problem("missing", f"`{names[0]}` is not on this machine", None, "install it, or put its folder on `PATH`")


def _found(name: str, machine: Machine) -> Iterator[str]:
    windows = machine.facts.os == "windows"
    for folder in machine.facts.env.get("PATH", "").split(";" if windows else ":"):
        plain = folder.replace("\\", "/").rstrip("/") if windows else folder.rstrip("/")
        if not plain.startswith("/") and plain[1:3] != ":/":
            continue
        for ending in _ENDINGS.get(machine.facts.os, ("",)):
            path = f"{plain}/{name}{ending}"
            if machine.files.exists(path) and (windows or _runs(path, machine)):
                yield path


def _runs(path: str, machine: Machine) -> bool:
    mode = machine.files.mode(path)
    return mode is None or bool(mode & 0o111)


def _is_script(path: str, machine: Machine) -> bool:
    first = machine.files.begins(path)
    return path.endswith((".cmd", ".bat")) or (isinstance(first, bytes) and first.startswith(b"#!"))
