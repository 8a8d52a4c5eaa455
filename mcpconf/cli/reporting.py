"""The formats that a command offers, and the files that it is asked to write them to."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from mcpconf.errors import ExitCode, McpconfError, Problem

if TYPE_CHECKING:
    from mcpconf.ports import Machine
    from mcpconf.report.formats import Run
    from mcpconf.report.style import Style
    from mcpconf.secrets import Scrubber
    from mcpconf.verdict import Planned

PlanFormat = Literal["text", "json", "ndjson", "markdown", "github", "sarif"]
StateFormat = Literal["text", "json", "ndjson", "junit", "prom"]
DriftFormat = Literal["text", "json", "ndjson", "markdown", "github", "junit", "sarif", "prom"]
ManifestFormat = Literal["text", "json", "github", "gitlab", "junit", "sarif"]

_FORMAT = typer.Option("--format", help="How to print the result. The exit code is the same in every format.")
PlanFormatOption = Annotated[PlanFormat, _FORMAT]
StateFormatOption = Annotated[StateFormat, _FORMAT]
DriftFormatOption = Annotated[DriftFormat, _FORMAT]
ManifestFormatOption = Annotated[ManifestFormat, _FORMAT]
OutFormatOption = Annotated[
    list[str],
    typer.Option("--out-format", metavar="FORMAT=FILE", help="Also write the result to FILE; for several, repeat it."),
]
Files: TypeAlias = tuple[tuple[str, str], ...]
"""Pairs of a format and a path."""

_TOPS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Variables by which a CI system names the folder of the repository."""


def out_files(words: Iterable[str], offered: Iterable[str]) -> Files:
    """Raises McpconfError (exit 64) for what is no format of the command, or the same file twice."""
    files: dict[str, str] = {}
    known = tuple(offered)
    for word in words:
        form, equals, path = word.partition("=")
        if not equals or not path or form not in known:
            told = ", ".join(f"`{item}`" for item in known)
            raise _usage("`--out-format` takes FORMAT=FILE", f"the formats of this command are {told}")
        if path in files:
            raise _usage(f"`{path}` is to be written twice", "name another file")
        files[path] = form
    return tuple((form, path) for path, form in files.items())


def only_of_every_command(form: str) -> None:
    """Raises McpconfError (exit 64) for a format that not every command has."""
    if form not in ("text", "json"):
        raise _usage(f"there is no `{form}` of this", "the formats are `text` and `json`")


def refuse_files(files: Files, here: Machine | None, planned: Planned | None, documents: Iterable[str]) -> None:
    """Before anything is written. Raises McpconfError (exit 1)."""
    if files:
        from mcpconf.system.reports import refuse_inputs

        looked_at = planned.looked_at if planned is not None else ()
        refuse_inputs([path for _, path in files], here, looked_at, documents)


def run_of(command: str, code: int, document: str, style: Style, scrubber: Scrubber | None = None) -> Run:
    from dataclasses import replace

    from mcpconf.report.formats import Run
    from mcpconf.report.ground import Ground
    from mcpconf.system.clock import SystemClock

    folder = Path.cwd().as_posix()
    top = next((os.environ[name] for name in _TOPS if os.environ.get(name)), folder)
    ground = Ground(style.home, folder, _slashed(top), document)
    plain = replace(style, colour=False, scrub=style.scrub if scrubber is None else scrubber.scrub)
    return Run(command, code, SystemClock().now(), ground, plain)


def error_lines(error: McpconfError) -> str:
    """An error where lines of JSON were asked for."""
    from mcpconf.report.ndjson import render_error_lines
    from mcpconf.report.style import Style

    run = run_of("", error.code, "", Style())
    return render_error_lines(run.teller().of_manifest(error.problems, (), "error"), run.now)


def _slashed(path: str) -> str:
    return path.replace(os.sep, "/")


def _usage(message: str, hint: str) -> McpconfError:
    return McpconfError(ExitCode.USAGE, Problem("usage", message, None, hint))
