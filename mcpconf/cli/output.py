"""What goes to the terminal: results to stdout, talk to stderr, all of it free of secrets and control characters."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

from mcpconf.cli.streams import emit
from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.report.style import Style
from mcpconf.secrets import Scrubber

_PLAIN_TERMINALS = ("dumb", "")
_NARROWEST, _WIDTH, _WIDEST = 40, 100, 160


@dataclass(frozen=True, slots=True)
class Output:
    """One result: as JSON if asked for, else as text in a style."""

    json: bool
    style: Style

    def show(self, render: Callable[[Style], str], data: Callable[[], Json], scrubber: Scrubber | None = None) -> None:
        emit(self.rendered(render, data, scrubber))

    def rendered(
        self, render: Callable[[Style], str], data: Callable[[], Json], scrubber: Scrubber | None = None
    ) -> str:
        """Secrets are taken out of each text before it is cut, and out of the whole once more."""
        if self.json:
            from mcpconf.report.data import render_json

            text = render_json(data())
        else:
            text = render(self.style if scrubber is None else replace(self.style, scrub=scrubber.scrub))
        return text if scrubber is None else scrubber.scrub(text)


def style_for(color: str, home: str = "") -> Style:
    """Colour by `--color`, else by the conventions of NO_COLOR (https://no-color.org) and FORCE_COLOR."""
    wanted = _colour(sys.stdout.isatty()) if color == "auto" else color == "always"
    return Style(wanted, home, width())


def _colour(terminal: bool) -> bool:
    environment = os.environ
    forced = bool(environment.get("FORCE_COLOR") or environment.get("CLICOLOR_FORCE", "0") != "0")
    possible = terminal and environment.get("TERM", "dumb") not in _PLAIN_TERMINALS
    return (forced or possible) and not environment.get("NO_COLOR")


def width() -> int:
    """Columns of COLUMNS or the terminal, within reason; 100 where there is none, so that logs look alike."""
    said = os.environ.get("COLUMNS", "")
    if said.isascii() and said.isdigit() and len(said) < 6:
        columns = int(said)
    else:
        try:
            columns = os.get_terminal_size(sys.stdout.fileno()).columns
        except (OSError, ValueError):
            columns = _WIDTH
    return min(max(columns, _NARROWEST), _WIDEST) if columns else _WIDTH


def error_text(*problems: Problem) -> str:
    """Each problem as what, where, what to do."""
    from mcpconf.report.findings import render_problems

    return render_problems(problems, Style(_colour(sys.stderr.isatty()), width=width()))


def talk(text: str) -> None:
    """One line about what happened; names in it are escaped by whoever calls, with `said`."""
    sys.stderr.write(f"{text}\n")


def said(name: str) -> str:
    """A path or address that somebody typed, safe to repeat."""
    return Style().text(name)
