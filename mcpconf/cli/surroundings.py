"""Where a command runs: before a person, in a pipe, or in a build that nobody watches."""

from __future__ import annotations

import os
import re
import shlex
import sys
from typing import TextIO

_BUILDS = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "JENKINS_URL", "TEAMCITY_VERSION", "BUILDKITE")
_NOT_SET = ("", "0", "false")
_PLAIN_TERMINALS = ("dumb", "")
_PAGER = "less -FRX"
_NO_PAGERS = ("", "cat")
_PAINT = re.compile(r"\x1b\[[0-9;]*m")


def in_build() -> bool:
    """Continuous integration: nobody answers, nobody scrolls, whatever the streams look like."""
    return any(os.environ.get(name, "").lower() not in _NOT_SET for name in _BUILDS)


def is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def attended() -> bool:
    """Whether there is a person to ask: a terminal to read from and to write to, and no build."""
    return is_terminal(sys.stdin) and is_terminal(sys.stdout) and not in_build()


def capable() -> bool:
    """Whether the terminal can do more than print lines."""
    return os.environ.get("TERM", "dumb") not in _PLAIN_TERMINALS


def pager() -> list[str]:
    """The words of the command that pages, of MCPCONF_PAGER, PAGER or by default; none if there shall be no pager."""
    own, common = os.environ.get("MCPCONF_PAGER"), os.environ.get("PAGER")
    said = own if own is not None else common if common is not None else _PAGER
    try:
        return [] if said.strip() in _NO_PAGERS else shlex.split(said)
    except ValueError:  # a quote without its end
        return []


def fits_the_screen(text: str) -> bool:
    """Whether all of a text is to be seen at once, with a line for the prompt below it."""
    try:
        columns, rows = os.get_terminal_size(sys.stdout.fileno())
    except (OSError, ValueError):
        return True
    lines = _PAINT.sub("", text).splitlines()
    return sum(max(1, -(-len(line) // max(columns, 1))) for line in lines) < rows
