"""Commands about what is known of packages."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from mcpconf.cli.options import ColorOption, FormatOption, QuietOption, RootOption, writable_machine


def vulndb(
    what: Annotated[Literal["build"], typer.Argument(metavar="build", help="Read them anew.")],  # noqa: ARG001  the only word
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH",
            help="OSV records, a folder or zip archive; else MCPCONF_ADVISORIES, or those in the data folder.",
            show_default=False,
        ),
    ] = "",
    root: RootOption = None,
    quiet: QuietOption = False,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Keep known vulnerabilities where they are found at once.

    Reads every OSV record of a folder or archive, such as `all.zip` of osv.dev has them, which can take half a minute, and
    keeps what they say about npm and PyPI packages in an index in the data folder. `plan` looks into the index alone; `lock`,
    `outdated` and `update` do instead of reading the records again, unless those changed. Asks nothing of the network.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.advisories import index_data, render_index
    from mcpconf.system.advisories import build_index

    here = writable_machine(root, quiet=quiet)
    found = build_index(path, here)
    Output(format, style_for(color, here.facts.home)).show(
        lambda style: "" if quiet else render_index(found, style), lambda: index_data(found)
    )
