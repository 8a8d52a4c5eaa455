"""Asking a person before something is written."""

from __future__ import annotations

import sys
from typing import TextIO

from mcpconf.errors import ExitCode, McpconfError, Problem


def answered_yes(question: str) -> bool:
    """Ask on stderr, for the result is on stdout. Only `yes` is yes."""
    sys.stderr.write(f"\n{question} Only `yes` goes on: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() == "yes"


def refuse_without_terminal(hint: str, *, json: bool) -> None:
    """Raises McpconfError (exit 64) where nobody can be asked."""
    if json:
        raise usage("there is nowhere to ask where the result is JSON", hint)
    if not (_terminal(sys.stdin) and _terminal(sys.stdout)):
        raise usage("there is no terminal to ask on", hint)


def usage(message: str, hint: str) -> McpconfError:
    return McpconfError(ExitCode.USAGE, Problem("usage", message, None, hint))


def _terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()
