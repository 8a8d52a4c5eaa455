"""Commands about what servers may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mcpconf.cli.asking import usage
from mcpconf.cli.options import (
    DEFAULT_MANIFEST,
    ColorOption,
    FormatOption,
    ManifestOption,
    PagerOption,
    RootOption,
    machine,
)
from mcpconf.errors import ExitCode

if TYPE_CHECKING:
    from mcpconf.cli.output import Output
    from mcpconf.ports import Machine


def permissions(
    what: Annotated[
        Literal["show", "diff"],
        typer.Argument(metavar="show|diff", help="One server on this machine, or one manifest and another."),
    ],
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME | A B",
            help="For `show` a server; for `diff` two of: FILE, FILE:SERVER, REVISION, REVISION:SERVER.",
            show_default=False,
        ),
    ],
    manifest: ManifestOption = DEFAULT_MANIFEST,
    root: RootOption = None,
    format: FormatOption = "text",
    color: ColorOption = "auto",
    pager: PagerOption = True,
) -> None:
    """Tell what servers may do, and could not before.

    `show` has three columns that are never mixed: what the manifest declares, what the files of the host grant, and what
    really bounds the server. `diff` compares two manifests, dimension by dimension, as they are in files or in git; it starts
    nothing, and looks at no machine. Whether a host is given a server at all is no part of it. It exits 2 if something is
    wider or cannot be compared, 0 if all is the same or narrower.
    """
    from mcpconf.cli.output import Output, style_for

    wanted = {"show": 1, "diff": 2}[what]
    if len(names) != wanted:
        text = "one server" if what == "show" else "two manifests or revisions"
        raise usage(
            f"`permissions {what}` takes {text}", f"`mcpconf permissions {what} {'NAME' if wanted == 1 else 'A B'}`"
        )
    here = machine(root)
    output = Output(format, style_for(color, here.facts.home), pager=pager)
    if what == "show":
        _show(here, manifest, names[0], output)
    elif root is not None:
        raise usage("`permissions diff` looks at no machine", "leave out `--root`")
    else:
        raise typer.Exit(_diff(manifest, names[0], names[1], output))


def _show(here: Machine, manifest: str, name: str, output: Output) -> None:
    from mcpconf.permitted.showing import show
    from mcpconf.report.permitted import render_shown, shown_data

    found, scrubber = show(here, manifest, name)
    output.show(
        lambda style: render_shown(found, style),
        lambda: {**shown_data(found), "exit_code": int(ExitCode.SUCCESS)},
        scrubber,
    )


def _diff(manifest: str, before: str, after: str, output: Output) -> int:
    from mcpconf.permitted.comparing import compare_sides, scrubber_of_sides, side
    from mcpconf.report.permitted import compared_data, render_compared

    sides = side(before, manifest), side(after, manifest)
    found = compare_sides(*sides)
    more = any(item.order in ("wider", "incomparable") for item in found)
    code = int(ExitCode.CHANGES if more else ExitCode.SUCCESS)
    output.show(
        lambda style: render_compared(found, before, after, style),
        lambda: {**compared_data(found, before, after), "exit_code": code},
        scrubber_of_sides(*sides),
    )
    return code
