"""The facts of a machine: asked of the system, or read from the `machine.yaml` of a folder that stands for one."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.ports import Facts, Machine, OperatingSystem, Processes
from mcpconf.system.clock import SystemClock, SystemEntropy
from mcpconf.system.files import MachineFiles
from mcpconf.system.history import GitHistory
from mcpconf.system.includes import SystemDocuments
from mcpconf.system.labels import label_files, told
from mcpconf.system.locks import KernelLocks
from mcpconf.system.paths import Resolver
from mcpconf.system.processes import OwnProcesses
from mcpconf.system.sources import read_document
from mcpconf.system.vulndb import SqliteIndex, index_file

if TYPE_CHECKING:
    from mcpconf.documents.machine import MachineFacts

_SYSTEMS: dict[str, OperatingSystem] = {"win32": "windows", "darwin": "macos"}
MACHINE_FILE = "machine.yaml"


def real_machine() -> Machine:
    facts = _real_facts()
    return _machine(facts, Resolver("", homes=(facts.home,)), {}, OwnProcesses())


def rooted_machine(root: str) -> Machine:
    """A folder that stands for a whole machine. Nothing outside it is read or written."""
    root = os.path.realpath(root)
    if not os.path.isdir(root):
        raise McpconfError(
            ExitCode.NO_PLAN, Problem("missing", "there is no such folder", Where(root), "check `--root`")
        )
    from mcpconf.documents.machine import load_machine
    from mcpconf.system.described import DescribedProcesses

    path = f"{root}/{MACHINE_FILE}"
    document = load_machine(
        read_document(path, f"`{MACHINE_FILE}`", "write it with `os`, `home` and `user` of the machine"), path
    )
    facts = _described(document)
    resolver = Resolver(root, fold=document.os == "windows", homes=(facts.home,))
    modes = {path: int(mode, 8) for path, mode in document.modes.items()}
    return _machine(facts, resolver, modes, DescribedProcesses(document))


def fact_files(facts: Facts, root: str) -> tuple[str, ...]:
    """Where the facts of a machine are read from, on this system."""
    return (f"{root}/{MACHINE_FILE}",) if root else label_files(facts)


STATE_OF_ALL = "/var/lib/mcpconf"
"""Where the state of what all users of a machine share lies."""


def described_facts(path: str) -> Facts:
    """The facts of some machine, by a document like the `machine.yaml` of a folder that stands for one."""
    from mcpconf.documents.machine import load_machine

    hint = "write `os`, `home` and `user` of the machine into it"
    return _described(load_machine(read_document(path, "file of facts", hint), path))


def _described(document: MachineFacts) -> Facts:
    return Facts(
        os=document.os,
        home=document.home,
        user=document.user,
        id=_opaque("rooted", document.os, document.home, document.user),
        env=dict(document.env),
        labels=tuple(document.labels),
        administers=True,
        trust=document.trust,
    )


def _machine(facts: Facts, resolver: Resolver, modes: dict[str, int], processes: Processes) -> Machine:
    return Machine(
        facts=facts,
        files=MachineFiles(resolver, modes),
        documents=SystemDocuments(),
        history=GitHistory(resolver),
        clock=SystemClock(),
        entropy=SystemEntropy(),
        locks=KernelLocks(resolver),
        advisories=SqliteIndex(resolver, index_file(facts)),
        processes=processes,
    )


def own_index() -> SqliteIndex:
    """What this user of the real machine has, for who looks at documents alone."""
    facts = _surroundings()
    return SqliteIndex(Resolver("", homes=(facts.home,)), index_file(facts))


def _surroundings() -> Facts:
    system = _SYSTEMS.get(sys.platform, "linux")
    home = os.path.expanduser("~").replace("\\", "/")
    environment = dict(os.environ)
    if system == "windows":
        environment |= _known_folders()
    return Facts(os=system, home=home, user="", id="", env=environment)


def _real_facts() -> Facts:
    facts = _surroundings()
    named = facts.env.get("USERNAME" if facts.os == "windows" else "USER")
    user = named or facts.env.get("LOGNAME") or _user_name()
    facts = replace(facts, user=user, id=_opaque(_installation(), facts.home, user))
    uid = os.getuid() if hasattr(os, "getuid") else None
    facts = replace(facts, uid=uid, administers=uid == 0)
    return told(facts)


def _known_folders() -> dict[str, str]:
    """Windows can move these folders; the system knows better than the environment."""
    import platformdirs

    return {
        "APPDATA": platformdirs.user_config_path(roaming=True, appauthor=False).as_posix(),
        "LOCALAPPDATA": platformdirs.user_data_path(appauthor=False).as_posix(),
    }


def _installation() -> str:
    """A text that differs between machines (https://www.freedesktop.org/software/systemd/man/machine-id.html)."""
    for path in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        try:
            with open(path, encoding="ascii") as file:
                return file.read(64).strip()
        except (OSError, UnicodeDecodeError):
            continue
    import platform

    return platform.node()


def _user_name() -> str:
    """As the system knows it; the number of a user that it does not know."""
    if not hasattr(os, "getuid"):
        return "0"
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _opaque(*parts: str) -> str:
    return hashlib.sha256("\0".join(("mcpconf", *parts)).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def refuse_foreign_home() -> None:
    """Root must not write into another user's home by accident, as `sudo mcpconf apply` would. Raises McpconfError (64)."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    import pwd

    own = pwd.getpwuid(0).pw_dir
    if os.environ.get("SUDO_USER") or os.path.realpath(os.path.expanduser("~")) != os.path.realpath(own):
        message = "root would write to a home that may be another user's"
        hint = "run it as that user, without `sudo`; `mcpconf apply --system` writes what all users share, `mcpconf revoke --user NAME` takes away"
        raise McpconfError(ExitCode.USAGE, Problem("usage", message, Where(os.path.expanduser("~")), hint))
