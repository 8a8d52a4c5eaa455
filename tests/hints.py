"""Commands in texts, read by the real command line: a hint that names a wrong option must fail a test."""

from __future__ import annotations

import re
import shlex

import typer

from mcpconf.cli.app import app

_COMMAND = re.compile(r"`mcpconf ([^`]*)`")


def commands(text: str) -> list[list[str]]:
    """The words of every command in backticks. Raises TyperException for one that mcpconf would refuse to read."""
    found = [shlex.split(match) for match in _COMMAND.findall(text)]
    group = typer.main.get_command(app)
    for words in found:
        context = group.make_context("mcpconf", list(words))
        name, command, rest = group.resolve_command(context, list(words))
        command.make_context(name, rest, parent=context)
    return found
