"""Commands about what is known of packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mcpconf.cli.asking import usage
from mcpconf.cli.options import ColorOption, FormatOption, QuietOption, RootOption, writable_machine

if TYPE_CHECKING:
    from mcpconf.model.indexed import Got, Indexed
    from mcpconf.ports import Machine


def vulndb(
    what: Annotated[
        Literal["build", "update"],
        typer.Argument(metavar="build|update", help="Read what is here, or get what is newer first."),
    ],
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH",
            help="For `build`: OSV records, a folder or zip archive; else MCPCONF_ADVISORIES, or those in the data folder.",
            show_default=False,
        ),
    ] = "",
    mirror: Annotated[
        str,
        typer.Option(
            "--mirror",
            metavar="URL",
            help="For `update`: what has the archives of osv.dev, as npm/all.zip; else MCPCONF_ADVISORIES_MIRROR, or osv.dev.",
        ),
    ] = "",
    root: RootOption = None,
    quiet: QuietOption = False,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Keep known vulnerabilities where they are found at once.

    `build` reads every OSV record of a folder or archive, which can take half a minute, and keeps what they say about npm and
    PyPI packages in an index in the data folder; it asks nothing of the network. `update` gets the archives of osv.dev or of
    a mirror by `https`, some hundred megabytes, if there are newer ones, and does the same; what was got when it is stopped is
    not got again. `plan`, `validate` and `check` look into the index alone; so do those that choose versions, as
    `lock`, unless the records have changed since.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.advisories import index_data, render_index
    from mcpconf.system.advisories import build_index

    if what == "update":
        _refuse_place(path, root)
    elif mirror:
        raise usage("`vulndb build` asks no mirror", "`mcpconf vulndb update --mirror URL`")
    here = writable_machine(root, quiet=quiet)
    found, got = (build_index(path, here), ()) if what == "build" else _updated(here, mirror)
    Output(format, style_for(color, here.facts.home)).show(
        lambda style: "" if quiet else render_index(found, style, got), lambda: index_data(found, got)
    )


def _refuse_place(path: str, root: str | None) -> None:
    if path or root is not None:
        raise usage("`vulndb update` writes to the data folder of this machine alone", "`mcpconf vulndb build PATH`")


def _updated(here: Machine, mirror: str) -> tuple[Indexed, tuple[Got, ...]]:
    from mcpconf.system.dumps import update
    from mcpconf.system.web import SystemWeb

    return update(here, SystemWeb(_PATIENCE), mirror)


_PATIENCE = (30.0, 3600.0)
"""Seconds that a server may be silent, and that an archive of some hundred megabytes may take."""
