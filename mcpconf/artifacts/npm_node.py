"""Node.js on a machine: the program itself, never one that a project brings or chooses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mcpconf.errors import Problem
from mcpconf.ports import Facts, Machine

_ABSOLUTE = re.compile(r"(?:/|[A-Za-z]:/)")
_SHIMS = frozenset({"shims", ".volta"})
"""Folders of version managers (asdf, mise, nodenv, volta) whose `node` picks a version by the current directory."""

_SHELL_BOUND = "fnm_multishells"
_MANAGERS = frozenset({"nvm", "asdf", "nodenv", "nodebrew", "fnm", "volta", "n", "homebrew", "linuxbrew"})
"""Folders that hold `.git` because their owners were installed by it."""

_HINT = "install Node.js, or put the folder of the real one on PATH"


def find_node(machine: Machine) -> str | Problem:
    """The absolute path of the first `node` on PATH that starts the same program wherever it is called from."""
    refused: Problem | None = None
    for path in _named("node.exe" if machine.facts.os == "windows" else "node", machine):
        if isinstance(path, Problem):
            return path
        steps = {step.lower() for step in path.split("/")}
        if not steps & _SHIMS:
            return _real(path, machine) if _SHELL_BOUND in steps else path
        refused = refused or _no(path, "picks its version by the current directory")
    return refused or Problem("missing", "there is no `node` on PATH", None, _HINT)


def npm(machine: Machine) -> tuple[str, ...] | Problem:
    """The words that start npm: Node and npm's script, so that nothing else is looked up on PATH.

    On Windows `npm` is a batch file, and `cmd` would read its words once more.
    """
    node = find_node(machine)
    missing = Problem("missing", "there is no `npm` on PATH", None, "install Node.js, which brings `npm`")
    if machine.facts.os == "windows":
        if isinstance(node, Problem):
            return node
        script = f"{node.rpartition('/')[0]}/node_modules/npm/bin/npm-cli.js"
        return (node, script) if machine.files.exists(script) else missing
    path = next(_named("npm", machine), missing)
    if isinstance(path, Problem):
        return path
    real = _real(path, machine)
    if isinstance(node, str) and isinstance(real, str) and real.endswith("/npm-cli.js"):
        return (node, real)
    return (path,)


def _named(name: str, machine: Machine) -> Iterator[str | Problem]:
    for folder in _folders(machine.facts):
        path = f"{folder}/{name}"
        if machine.files.exists(path):
            in_project = "node_modules" in folder.lower().split("/") or _in_project(folder, machine)
            yield _no(path, "belongs to a project, which can replace it") if in_project else path


def _no(path: str, why: str) -> Problem:
    return Problem("invalid", f"`{path}` {why}", None, _HINT)


def _folders(facts: Facts) -> Iterator[str]:
    """A relative folder, or none at all, would mean the current directory."""
    windows = facts.os == "windows"
    for entry in facts.env.get("PATH", facts.env.get("Path", "")).split(";" if windows else ":"):
        folder = entry.strip('"').replace("\\", "/") if windows else entry
        if _ABSOLUTE.match(folder) and ".." not in folder.split("/"):
            yield folder.rstrip("/")


def _in_project(folder: str, machine: Machine) -> bool:
    """Whether a folder of the path is a git repository; the home itself may be one, and a version manager's is none."""
    home = machine.facts.home.rstrip("/")
    while folder.count("/") > 1 and folder != home:
        name = folder.rpartition("/")[2].lstrip(".").lower()
        if name not in _MANAGERS and machine.files.exists(f"{folder}/.git"):
            return True
        folder = folder.rpartition("/")[0]
    return False


def _real(path: str, machine: Machine) -> str | Problem:
    """The link that fnm makes for one shell is gone with it."""
    try:
        return machine.files.resolve(path)
    except OSError:
        return _no(path, "leads nowhere")
