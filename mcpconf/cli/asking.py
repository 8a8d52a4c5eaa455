"""Asking a person before something is written."""

from __future__ import annotations

import sys

from mcpconf.cli.progress import progress
from mcpconf.cli.surroundings import attended
from mcpconf.errors import ExitCode, McpconfError, Problem


def answered_yes(question: str) -> bool:
    """Ask on stderr, for the result is on stdout. Only `yes` is yes."""
    progress.end()
    sys.stderr.write(f"\n{question} Only `yes` goes on: ")
    sys.stderr.flush()
    answer = sys.stdin.readline().strip()
    progress.begin("writing")
    return answer == "yes"


def refuse_without_terminal(hint: str, *, json: bool, quiet: bool = False) -> None:
    """Raises McpconfError (exit 64) where nobody can be asked."""
    if quiet:
        raise usage("`--quiet` shows nothing to decide on", hint)
    if json:
        raise usage("there is nowhere to ask where the result is JSON", hint)
    if not attended():
        raise usage("there is no terminal to ask on", hint)


def usage(message: str, hint: str) -> McpconfError:
    return McpconfError(ExitCode.USAGE, Problem("usage", message, None, hint))
