"""What goes to the terminal: results to stdout, talk to stderr, all of it free of secrets and control characters."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from mcpconf.cli.progress import progress
from mcpconf.cli.streams import emit
from mcpconf.cli.surroundings import attended, capable, fits_the_screen, in_build, pager
from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.report.style import Style
from mcpconf.secrets import Scrubber, cleaned, redact

METRICS = "prom"
"""The format that a collector of another user reads; it holds counts and no names."""

ANNOTATIONS = "github"
"""The format that a step of GitHub Actions gets in addition to text, on stderr: the runner reads both streams."""

_NARROWEST, _WIDTH, _WIDEST = 40, 100, 160


Others = Mapping[str, Callable[[], str]]
"""What makes the whole text of a result, by format."""


@dataclass(frozen=True, slots=True)
class Output:
    """One result: printed in the format asked for, and written in others to files.

    Every command has text, in a style, and JSON. What else makes sense for it comes as `others`; they take secrets out of
    each text themselves, before it is spelled as the format wants it.
    """

    format: str
    style: Style
    files: tuple[tuple[str, str], ...] = ()
    """Pairs of a format and a path."""

    pager: bool = False

    @property
    def json(self) -> bool:
        return self.format == "json"

    def show(
        self,
        render: Callable[[Style], str],
        data: Callable[[], Json],
        scrubber: Scrubber | None = None,
        others: Others | None = None,
    ) -> None:
        """Files first: they are there also where nobody reads the rest. Raises McpconfError if one cannot be written."""
        for form, path in self.files:
            from mcpconf.system.reports import write_report

            plain = Output(form, Style(home=self.style.home))
            write_report(path, cleaned(plain.rendered(render, data, scrubber, others)), shared=form == METRICS)
        text = self.rendered(render, data, scrubber, others)
        if not (self.pager and self.format == "text" and paged(cleaned(text))):
            emit(text)
        if self.format == "text" and others and ANNOTATIONS in others and on_actions():
            sys.stderr.write(cleaned(others[ANNOTATIONS]()))

    def rendered(
        self,
        render: Callable[[Style], str],
        data: Callable[[], Json],
        scrubber: Scrubber | None = None,
        others: Others | None = None,
    ) -> str:
        """Secrets are taken out of each text before it is cut, and out of the whole once more."""
        if self.json:
            from mcpconf.report.data import render_json

            text = render_json(data())
        elif self.format == "text":
            text = render(self.style if scrubber is None else replace(self.style, scrub=scrubber.scrub))
        else:
            text = (others or {})[self.format]()
        text = text if scrubber is None else scrubber.scrub(text)
        return _inert(text, json=self.json) if self.format in ("text", "json") else text


def paged(text: str) -> bool:
    """Whether a person read it in a pager: only what is longer than the screen, and only where the pager starts."""
    if not (attended() and capable()) or fits_the_screen(text) or not pager():
        return False
    from mcpconf.system.pager import shown_by

    progress.end()
    return shown_by(pager(), text)


def on_actions() -> bool:
    """Whether a step of GitHub Actions runs this; it always sets the variable so (docs.github.com, 2026-11)."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def _inert(text: str, *, json: bool = False) -> str:
    if not on_actions():
        return text
    from mcpconf.report.github import inert

    return inert(text, json=json)


def style_for(color: str, home: str = "") -> Style:
    """Colour by `--color`, else by the conventions of NO_COLOR (https://no-color.org) and FORCE_COLOR."""
    wanted = _colour(sys.stdout.isatty()) if color == "auto" else color == "always"
    return Style(wanted, home, width())


def _colour(terminal: bool) -> bool:
    environment = os.environ
    forced = bool(environment.get("FORCE_COLOR") or environment.get("CLICOLOR_FORCE", "0") != "0")
    return (forced or (terminal and capable())) and not environment.get("NO_COLOR")


def width() -> int:
    """Columns of COLUMNS or the terminal, within reason; 100 where nobody looks, so that logs look alike."""
    said = os.environ.get("COLUMNS", "")
    if said.isascii() and said.isdigit() and len(said) < 6:
        columns = int(said)
    elif in_build():
        columns = _WIDTH
    else:
        try:
            columns = os.get_terminal_size(sys.stdout.fileno()).columns
        except (OSError, ValueError):
            columns = _WIDTH
    return min(max(columns, _NARROWEST), _WIDEST) if columns else _WIDTH


def error_text(*problems: Problem) -> str:
    """Each problem as what, where, what to do."""
    from mcpconf.report.findings import render_problems

    style = Style(_colour(sys.stderr.isatty()), width=width(), scrub=redact)
    return cleaned(_inert(render_problems(problems, style)))


def talk(text: str) -> None:
    """One line about what happened; names in it are escaped by whoever calls, with `said`."""
    progress.end()
    sys.stderr.write(cleaned(f"{text}\n"))


def said(name: str) -> str:
    """A path or address that somebody typed, safe to repeat."""
    return Style().text(name)
