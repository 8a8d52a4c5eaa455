"""Processes of this user that are what is gone: started before it went, or by somebody since."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mcpconf.artifacts import pypi_copies
from mcpconf.errors import Problem
from mcpconf.model.commands import command
from mcpconf.model.process import Process
from mcpconf.model.residue import Running
from mcpconf.packages import recognise
from mcpconf.packages.pypi import normal_name
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.looking import Leftover, Looked, Surroundings

_SCRIPTS = 3
"""Words in front of which an interpreter and its options may stand: `sh -e /opt/server`."""

_MODULE = re.compile(r"/node_modules/((?:@[^/]+/)?[^/]+)(?=/)")
_PROGRAM = re.compile(r"(?P<environment>/.+)/bin/[^/]+")


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    running = around.machine.processes.own()
    if running is None:
        return Looked(skipped="nothing runs in a folder that stands for a machine")
    if isinstance(running, Problem):
        return Looked(problems=(running,))
    found = [(process, item) for process in running for item in gone if is_it(around, process, item)]
    return Looked(tuple(_told(around, process, item) for process, item in found))


def _told(around: Surroundings, process: Process, item: Gone) -> Leftover:
    where = f"process {process.pid}"
    message = f"`{item.identity}` is still running, since {process.started}"
    if listens := around.machine.processes.listens(process.pid):
        message += f", and answers at {', '.join(listens)}"
    if names := sorted(process.variables & item.environment):
        message += f", with {', '.join(f'`{name}`' for name in names)}"
    instruction = (
        f"end process {process.pid}, or the host that started it; {command('apply', '--stop-processes')} ends it"
    )
    running = Running(pid=process.pid, started=process.started, arguments=around.digest_of(process.argv))
    return Leftover(item, where, message, instruction, "high", running)


def is_it(around: Surroundings, process: Process, item: Gone) -> bool:
    """By its command line, or by the package that its program lies in."""
    argv = _words(process.argv)
    if not argv:
        return False
    readings = [argv[start:] for start in range(min(_SCRIPTS, len(argv)))]
    if item.is_vague:
        return any(around.digest_of(words) in item.arguments for words in (process.argv, *readings))
    if any(recognise(words).identity == item.identity for words in readings):
        return True
    ecosystem, _, name = item.identity.partition(":")
    return name in _packages(around, argv) if ecosystem == "npm" else _is_of_python(around, argv, item)


def _words(argv: tuple[str, ...]) -> tuple[str, ...]:
    """Split where a program wrote one line over its words, as npm does, or where the system tells no more than a line."""
    return tuple(argv[0].split()) if len(argv) == 1 and " " in argv[0] else argv


def _packages(around: Surroundings, argv: Sequence[str]) -> set[str]:
    """Of npm: those in whose folders the first words lie, behind their links."""
    found: set[str] = set()
    on_windows = around.machine.facts.os == "windows"
    for word in (item.replace("\\", "/") if on_windows else item for item in argv[:_SCRIPTS]):
        if "/node_modules/" in word:
            try:
                found.update(_MODULE.findall(around.machine.files.resolve(word))[-1:])
            except OSError:
                continue
    return found


def _is_of_python(around: Surroundings, argv: Sequence[str], item: Gone) -> bool:
    """Whether a program of an environment was started that has its name there from the package, as `uvx` and `pipx` do."""
    ecosystem, _, name = item.identity.partition(":")
    if ecosystem != "pypi":
        return False
    for word in argv[:_SCRIPTS]:
        program = _PROGRAM.fullmatch(word)
        base = normal_name(word.rpartition("/")[2])
        if program and base == name and pypi_copies.has(name, program["environment"], around.machine.files):
            return True
    return False
