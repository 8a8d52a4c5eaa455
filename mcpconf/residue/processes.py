"""Processes of this user that are what is gone: started before it went, or by somebody since."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mcpconf.artifacts import pypi_copies
from mcpconf.errors import Problem
from mcpconf.model.process import Process
from mcpconf.packages import recognise
from mcpconf.packages.pypi import normal_name
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.looking import Leftover, Looked, Surroundings

_SCRIPTS = 3
"""Words in front of which an interpreter and its options may stand: `sh -e /opt/server`."""

_MODULE = re.compile(r"/node_modules/((?:@[^/]+/)?[^/]+)/")
_PROGRAM = re.compile(r"(?P<environment>/.+)/bin/[^/]+")


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    running = around.machine.processes.own()
    if running is None:
        return Looked(skipped="nothing runs in a folder that stands for a machine")
    if isinstance(running, Problem):
        return Looked(problems=(running,))
    found = [(process, item) for process in running for item in gone if _is_it(around, process, item)]
    return Looked(tuple(_told(around, process, item) for process, item in found))


def _told(around: Surroundings, process: Process, item: Gone) -> Leftover:
    where = f"process {process.pid}"
    message = f"`{item.identity}` is still running, since {process.started}"
    if listens := around.machine.processes.listens(process.pid):
        message += f", and answers at {', '.join(listens)}"
    if names := sorted(process.variables & item.environment):
        message += f", with {', '.join(f'`{name}`' for name in names)}"
    return Leftover(item, where, message, f"end process {process.pid}, or the host that started it", "high")


def _is_it(around: Surroundings, process: Process, item: Gone) -> bool:
    """By its command line, or by the package that its program lies in."""
    if not process.argv:
        return False
    if item.is_vague:
        return any(around.digest_of(words) in item.arguments for words in _readings(process.argv))
    if any(recognise(words).identity == item.identity for words in _readings(process.argv)):
        return True
    ecosystem, _, name = item.identity.partition(":")
    return name in _packages(around, process.argv) if ecosystem == "npm" else _is_of_python(around, process, item)


def _readings(argv: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """As it is, behind an interpreter, and split where a program wrote one line over its words, as npm does."""
    yield from (argv[start:] for start in range(min(_SCRIPTS, len(argv))))
    if len(argv) == 1 and " " in argv[0]:
        yield tuple(argv[0].split())


def _packages(around: Surroundings, argv: Sequence[str]) -> set[str]:
    """Of npm: those in whose folders the first words lie, behind their links."""
    found: set[str] = set()
    for word in argv[:_SCRIPTS]:
        if "/node_modules/" in word:
            try:
                found.update(_MODULE.findall(around.machine.files.resolve(word))[-1:])
            except OSError:
                continue
    return found


def _is_of_python(around: Surroundings, process: Process, item: Gone) -> bool:
    """Whether a program of an environment was started that has its name there from the package, as `uvx` and `pipx` do."""
    ecosystem, _, name = item.identity.partition(":")
    if ecosystem != "pypi":
        return False
    for word in process.argv[:_SCRIPTS]:
        program = _PROGRAM.fullmatch(word)
        base = normal_name(word.rpartition("/")[2])
        if program and base == name and pypi_copies.has(name, program["environment"], around.machine.files):
            return True
    return False
