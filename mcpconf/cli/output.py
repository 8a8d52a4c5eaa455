"""What goes to the terminal: results to stdout, talk to stderr, all of it free of secrets and control characters."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.report.style import Style
from mcpconf.secrets import Scrubber
from mcpconf.secrets.escape import escape

_PLAIN_TERMINALS = ("dumb", "")


@dataclass(frozen=True, slots=True)
class Output:
    """One result: as JSON if asked for, else as text in a style."""

    json: bool
    style: Style

    def show(self, text: str, data: Json, scrubber: Scrubber | None = None) -> None:
        from mcpconf.report.data import render_json

        rendered = render_json(data) if self.json else text
        sys.stdout.write(scrubber.scrub(rendered) if scrubber is not None else rendered)


def style_for(color: str, home: str = "") -> Style:
    """Colour by `--color`, else by the conventions of NO_COLOR (https://no-color.org) and FORCE_COLOR."""
    if color == "auto":
        environment = os.environ
        forced = bool(environment.get("FORCE_COLOR") or environment.get("CLICOLOR_FORCE", "0") != "0")
        possible = sys.stdout.isatty() and environment.get("TERM", "dumb") not in _PLAIN_TERMINALS
        wanted = (forced or possible) and not environment.get("NO_COLOR")
        return Style(wanted, home)
    return Style(color == "always", home)


def error_text(problems: Iterable[Problem]) -> str:
    """Each problem as what, where, what to do."""
    lines: list[str] = []
    for problem in problems:
        lines.append(f"error: {escape(problem.message)}")
        if problem.where is not None:
            lines.append(f"  --> {escape(str(problem.where))}")
        if problem.hint:
            lines.append(f"  hint: {escape(problem.hint)}")
    return "".join(f"{line}\n" for line in lines)


def talk(text: str) -> None:
    sys.stderr.write(f"{text}\n")
