"""Command lines that hand on only some variables of the environment that a host starts a server with.

bubblewrap can clear the environment, but not keep a part of it; and what it was started with can be read inside the
sandbox at `/proc/1/environ`. So the environment is made small before bubblewrap starts. A value that a host fills in
when it starts the server, such as a secret, goes from process to process and stands in no command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mcpconf.permissions.walls import KEEPER, SWITCHES

ENV = "/usr/bin/env"
PYTHON = "/usr/bin/python3"


def keeping(names: Iterable[str], argv: Sequence[str], python: str = PYTHON) -> tuple[str, ...]:
    """The command line that starts `argv`, whose first word is a full path, with these variables alone."""
    kept = sorted(set(names))
    return (python, *SWITCHES, KEEPER, *kept, "--", *argv) if kept else (ENV, "-i", *argv)
