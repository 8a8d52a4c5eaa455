"""Paths that a command line hands to a server."""

from __future__ import annotations

from collections.abc import Sequence

from mcpconf.packages import recognise
from mcpconf.permissions import arguments


def paths_in(argv: Sequence[str]) -> tuple[str, ...]:
    """Paths among the server's arguments, each once; for a container the host's side of what is mounted.

    `argv` begins with the program: without it a container's own paths could not be told from the host's.
    """
    return arguments.paths_in(recognise(argv))
