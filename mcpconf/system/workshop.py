"""What locking and installing need, put together for the real machine."""

from __future__ import annotations

from mcpconf.artifacts import data_folder
from mcpconf.ports import Machine, Workshop
from mcpconf.system.paths import Resolver
from mcpconf.system.programs import SystemPrograms
from mcpconf.system.trees import SystemTrees
from mcpconf.system.web import SystemWeb


def workshop(machine: Machine, *, offline: bool = False) -> Workshop:
    resolver = Resolver("", homes=(machine.facts.home,))
    trees = SystemTrees(resolver, f"{data_folder(machine.facts)}/building")
    return Workshop(machine, SystemPrograms(resolver), SystemWeb(), trees, offline)
