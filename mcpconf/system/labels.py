"""What the real machine is told of itself, its labels and whom it believes: by its administrator, else by its user."""

from __future__ import annotations

import os
import stat
from dataclasses import replace

from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.ports import Facts
from mcpconf.system.sources import read_document

_FOR_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def told(facts: Facts, system: str = "") -> Facts:
    """With what `system` tells, the administrator's file, if there is one; else the user's own. Raises McpconfError (exit 1)."""
    system = system or _administrators(facts)
    _, own = label_files(facts)
    if not os.path.lexists(system) and not os.path.lexists(own):
        return facts
    from mcpconf.documents.machine import load_labels

    if os.path.lexists(system):
        _must_be_roots(system, facts)
    path = system if os.path.lexists(system) else own
    found = load_labels(read_document(path, "file of labels"), path)
    return replace(facts, labels=found.labels, trust=found.trust)


def label_files(facts: Facts) -> tuple[str, str]:
    """The administrator's, and the user's own."""
    return _administrators(facts), f"{_configuration(facts)}/mcpconf/machine.yaml"


def _administrators(facts: Facts) -> str:
    if facts.os == "windows":
        return facts.env.get("PROGRAMDATA", "C:/ProgramData").replace("\\", "/") + "/mcpconf/machine.yaml"
    return "/etc/mcpconf/machine.yaml"


def _configuration(facts: Facts) -> str:
    match facts.os:
        case "windows":
            return facts.env.get("APPDATA", "").replace("\\", "/") or f"{facts.home}/AppData/Roaming"
        case "macos":
            return f"{facts.home}/Library/Application Support"
        case _:
            return facts.env.get("XDG_CONFIG_HOME") or f"{facts.home}/.config"


def _must_be_roots(path: str, facts: Facts) -> None:
    """Labels decide what a machine gets: only root may say so for everybody. Windows guards its own folder."""
    if facts.os == "windows":
        return
    found = os.stat(path) if os.path.exists(path) else os.lstat(path)
    if found.st_uid != 0 or found.st_mode & _FOR_OTHERS:
        message, hint = "others than root may write it, so it is not believed", f"`chown root {path}; chmod 644 {path}`"
        raise McpconfError(ExitCode.NO_PLAN, Problem("invalid", message, Where(path), hint))
