"""`mcpconf import`: from what is there to a first manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mcpconf.cli.options import DEFAULT_MANIFEST, ColorOption, FormatOption, RootOption, machine
from mcpconf.errors import ExitCode


def import_(
    manifest: Annotated[
        str, typer.Option("--manifest", "-m", "--out", metavar="PATH", help="Where to write the manifest.")
    ] = DEFAULT_MANIFEST,
    stdout: Annotated[bool, typer.Option("--stdout", help="Print the manifest instead of writing a file.")] = False,
    project: Annotated[
        list[str],
        typer.Option("--project", metavar="DIR", help="Also the files of this project; hosts list others themselves."),
    ] = [],  # noqa: B006 - typer copies it
    pin: Annotated[bool, typer.Option("--pin", help="Make versions exact where a cache tells them.")] = False,
    root: RootOption = None,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Write a manifest of what is on this machine.

    Reads every host, in the user's files and in the projects that the hosts know, and changes none of them: the plan of
    the new manifest says "No changes". Secrets become references. Then tells what is configured differently in several
    places, and what is not in the manifest and why. Never over a file that is there. Exits 8 if a file could not be read.
    """
    from mcpconf import operations
    from mcpconf.cli.output import Output, style_for, talk
    from mcpconf.report.imported import imported_data, render_imported
    from mcpconf.system.sources import refuse_existing, write_new

    if not stdout:
        refuse_existing(manifest)
    here = machine(root)
    folders = [folder if root is not None else Path(folder).expanduser().absolute().as_posix() for folder in project]
    imported, scrubber = operations.import_machine(here, folders, pin=pin)
    code = ExitCode.INCOMPLETE if imported.unread else ExitCode.SUCCESS
    style = style_for(color, here.facts.home)
    written = "" if stdout else manifest
    if not stdout:
        write_new(manifest, imported.text)
    if stdout and format == "text":
        talk(
            Output("text", style)
            .rendered(lambda told: render_imported(imported, "", told), dict, scrubber)
            .rstrip("\n")
        )
        Output("text", style).show(lambda _: imported.text, dict)
    else:
        Output(format, style).show(
            lambda told: render_imported(imported, written, told),
            lambda: imported_data(imported, written, here.facts, int(code)),
            scrubber,
        )
    raise typer.Exit(code)
