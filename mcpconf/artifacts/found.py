"""Programs of the machine that lock, install or start packages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from mcpconf.errors import Problem
from mcpconf.ports import Machine

_CHOOSING = frozenset({"shims", ".volta"})
"""Folders of version managers whose programs are links to one that looks for the version in the current directory."""

_MANAGERS = frozenset({"nvm", "asdf", "nodenv", "pyenv", "rbenv", "nodebrew", "fnm", "volta", "homebrew", "linuxbrew"})
"""Folders that hold `.git` because what is in them was installed by it."""

_STICKY, _OTHERS_WRITE = 0o1000, 0o002
_OF_ONE_SHELL = "fnm_multishells"
_ENDINGS = {"windows": (".exe", ".cmd", ".bat")}


def on_path(name: str, machine: Machine) -> str:
    """The full path of a program on the user's PATH; "" if there is none. Folders that are no full paths are left out."""
    return next(every_on_path(name, machine), "")


def runtime(names: Sequence[str], machine: Machine) -> str | Problem:
    """The full path of the first of these programs that is the same wherever it is started: what a host entry may name.

    One that a project brings is passed by, and one that every user may replace; and so is what chooses by the folder it is
    started in: a script in a program's place, or a link to a version manager.
    """
    refused: Problem | None = None
    for name in names:
        for path in every_on_path(name, machine):
            why = _why_not(path, machine)
            if not why:
                return _outlasting(path, machine)
            refused = refused or Problem(
                "invalid", f"`{path}` {why}", None, f"put the folder of the real `{name}` on PATH"
            )
    missing = Problem(
        "missing", f"`{names[0]}` is not on this machine", None, "install it, or put its folder on `PATH`"
    )
    return refused or missing


def replaceable(path: str, machine: Machine) -> Problem | None:
    """Why a program may not be used that something else has named: it, or what it is a link to, may change at any time."""
    try:
        ends = dict.fromkeys((path, machine.files.resolve(path)))
    except OSError:
        ends = {path: None}
    why = next(filter(None, (_why_not(end, machine) for end in ends)), "")
    return (
        Problem("invalid", f"`{path}` {why}", None, "use one that is installed for the whole machine") if why else None
    )


def _why_not(path: str, machine: Machine) -> str:
    """What is said against a program; "" if it is the same wherever it is started."""
    if _is_script(path, machine) or _CHOOSING & {*path.split("/")}:
        return "may start something else in another folder"
    if in_project(path, machine):
        return "belongs to a project, which can replace it"
    place = open_to_all(path, machine)
    return f"can be replaced by every user of the machine, who may write to `{place}`" if place else ""


def open_to_all(path: str, machine: Machine) -> str:
    """The first of a path and the folders to it that every user of the machine may write to; "" if there is none.

    Also the folders of links on the way: who may write there decides where they lead.
    """
    if machine.facts.os == "windows":
        return ""
    ends = [path]
    with suppress(OSError):
        ends.append(machine.files.resolve(path))
    for end in ends:
        steps = end.split("/")
        for number in range(len(steps), 0, -1):
            place = "/".join(steps[:number]) or "/"
            mode = machine.files.mode(place) or 0
            if mode & _OTHERS_WRITE and not (number < len(steps) and mode & _STICKY):
                return place
    return ""


def in_project(path: str, machine: Machine) -> bool:
    """Whether a program lies in a git repository or among its packages. The home may be a repository of its own."""
    home, folder = machine.facts.home.rstrip("/"), path.rpartition("/")[0]
    if "node_modules" in folder.split("/"):
        return True
    while folder.count("/") > 1 and folder != home:
        name = folder.rpartition("/")[2].lstrip(".").lower()
        if name not in _MANAGERS and machine.files.exists(f"{folder}/.git"):
            return True
        folder = folder.rpartition("/")[0]
    return False


def _outlasting(path: str, machine: Machine) -> str:
    """The link that fnm makes for one shell is gone with it."""
    return machine.files.resolve(path) if _OF_ONE_SHELL in path.split("/") else path


def every_on_path(name: str, machine: Machine) -> Iterator[str]:
    """The full paths of all programs of this name, the one that is started first."""
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
