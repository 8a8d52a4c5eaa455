"""The standard streams, whatever they are: closed, full, a pipe nobody reads, a terminal of few characters."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

from mcpconf.cli.progress import progress
from mcpconf.errors import ExitCode, McpconfError, Problem


class NoReaderError(Exception):
    """Nobody reads the pipe any more. No OSError: typer makes an exit of its own of those."""


def prepare() -> None:
    """A closed stream takes text and drops it; one that cannot spell a character spells it out."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123  open until the end
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def emit(text: str) -> None:
    """Write a result and see it off. Raises McpconfError if there is no room for it, NoReaderError if no reader."""
    progress.end()
    if text:
        from mcpconf.secrets import cleaned

        text = cleaned(text)
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise NoReaderError from None
    except OSError as error:
        silence(sys.stdout)
        message = f"the output could not be written ({error.strerror})"
        raise McpconfError(ExitCode.NO_PLAN, Problem("write", message)) from None


def silence(*streams: TextIO) -> None:
    """What is still buffered must not fail once more at exit."""
    for stream in streams:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
