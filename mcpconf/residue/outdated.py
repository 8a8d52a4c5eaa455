"""Servers of the manifest that still run as they were before mcpconf wrote their entries once more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.model.process import Outdated, Process
from mcpconf.reconcile.gone import Gone
from mcpconf.reconcile.written import Written
from mcpconf.residue.looking import Surroundings
from mcpconf.residue.processes import is_it


def outdated(around: Surroundings, servers: Sequence[Written], running: Sequence[Process]) -> Iterator[Outdated]:
    """Only what is older than every entry of its server: a process does not tell which host started it."""
    for server in servers:
        sought = Gone(server.identity, server.address, frozenset(), frozenset(), server.arguments)
        old = [process for process in running if process.started < server.since and is_it(around, process, sought)]
        if old:
            pids, started = tuple(process.pid for process in old), min(process.started for process in old)
            yield Outdated(server.server, server.address, server.file, pids, started, server.since)
