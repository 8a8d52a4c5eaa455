"""Command lines that hand on only some variables of the environment that a host starts a server with.

bubblewrap can clear the environment, but not keep a part of it; and what it was started with can be read inside the
sandbox at `/proc/1/environ`. So the environment is made small before bubblewrap starts. A value that a host fills in
when it starts the server, such as a secret, goes from process to process and stands in no command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

ENV = "/usr/bin/env"
PYTHON = "/usr/bin/python3"

KEEPER = (
    "import os,sys;a=sys.argv;n=a.index('--');"
    "os.execve(a[n+1],a[n+1:],dict((k,os.environ[k])for k in a[1:n]if k in os.environ))"
)
"""Replaces itself by the command behind `--`, with the variables that are named before it and no others."""

_SWITCHES = ("-I", "-S", "-c")
"""Without variables of Python, files of the current folder, or packages: only what this text says."""


def keeping(names: Iterable[str], argv: Sequence[str], python: str = PYTHON) -> tuple[str, ...]:
    """The command line that starts `argv`, whose first word is a full path, with these variables alone."""
    kept = sorted(set(names))
    return (python, *_SWITCHES, KEEPER, *kept, "--", *argv) if kept else (ENV, "-i", *argv)


def kept_by(argv: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The names that such a command line keeps, and what it starts; None for any other that runs Python."""
    start = len(_SWITCHES) + 2
    if tuple(argv[1:start]) != (*_SWITCHES, KEEPER) or "--" not in argv[start:]:
        return None
    end = list(argv).index("--", start)
    return tuple(argv[start:end]), tuple(argv[end + 1 :])
