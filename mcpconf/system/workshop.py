"""What locking and installing need, put together for the real machine."""

from __future__ import annotations

import os

from mcpconf.ports import Machine
from mcpconf.system.paths import Resolver
from mcpconf.system.programs import SystemPrograms
from mcpconf.system.trees import SystemTrees
from mcpconf.system.web import SystemWeb
from mcpconf.workshop import Workshop


def workshop(machine: Machine, *, offline: bool = False) -> Workshop:
    resolver = Resolver("", homes=(machine.facts.home,))
    return Workshop(machine, SystemPrograms(resolver), SystemWeb(), trees_of(machine), offline)


def trees_of(machine: Machine, root: str = "") -> SystemTrees:
    """Of the real machine, or of the folder that stands for one."""
    top = os.path.realpath(root) if root else ""
    resolver = Resolver(top, fold=bool(root) and machine.facts.os == "windows", homes=(machine.facts.home,))
    return SystemTrees(resolver, f"{machine.facts.data_folder}/building")
