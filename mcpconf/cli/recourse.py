"""Commands that look back, and go back."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from mcpconf.cli.options import ColorOption, FormatOption, PagerOption, RootOption, machine

LogFormat = Literal["text", "json", "ndjson"]


def history(
    root: RootOption = None, format: FormatOption = "text", color: ColorOption = "auto", pager: PagerOption = True
) -> None:
    """List the generations of this machine.

    Each apply that changed something left one: its number, when and by whom, the commit of the manifest (`+` for one with
    uncommitted changes), what was done. Newest first; the last ten are kept.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.recourse.history import history as look_back
    from mcpconf.report.history import history_data, render_history

    here = machine(root)
    found = look_back(here)
    Output(format, style_for(color, here.facts.home), pager=pager).show(
        lambda style: render_history(found.generations, found.current, style),
        lambda: history_data(found.generations, found.current),
    )


def log(
    root: RootOption = None,
    since: Annotated[str, typer.Option("--since", metavar="DATE", help="Only from that day (UTC) on.")] = "",
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="Only the last N.")] = None,
    format: Annotated[LogFormat, typer.Option("--format", help="How to print it.")] = "text",
    color: ColorOption = "auto",
    pager: PagerOption = True,
) -> None:
    """Tell what was done to this machine, and by whom.

    One entry for each apply, rollback, recovery or revocation that wrote anything, oldest first, with every change it made. With
    `--format ndjson`, the lines as they are in the log.
    """
    from mcpconf.cli.output import Output, style_for, talk
    from mcpconf.cli.streams import emit
    from mcpconf.recourse.history import log as look_up
    from mcpconf.report.history import render_log
    from mcpconf.report.style import plural

    here = machine(root)
    found = look_up(here, since, limit)
    if format == "ndjson":
        emit("".join(f"{json.dumps(line, sort_keys=True)}\n" for line in found.lines))
        if found.damaged:
            talk(f"{plural(found.damaged, 'line')} of the log cannot be read")
        return
    Output(format, style_for(color, here.facts.home), pager=pager).show(
        lambda style: render_log(found.lines, found.damaged, style),
        lambda: {"lines": list(found.lines), "damaged": found.damaged, "exit_code": 0},
    )
