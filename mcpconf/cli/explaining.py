"""Commands that tell about mcpconf itself."""

from __future__ import annotations

from typing import Annotated

import typer

from mcpconf.cli.options import ColorOption, FormatOption


def explain(
    code: Annotated[
        str | None, typer.Argument(metavar="WORD", help="A rule such as MCP101, or another word of a plan.")
    ] = None,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Say what a word of a plan means, and what to do about it.

    Rules, actions, reasons, kinds of drift, what changes are held by, and what could not be checked. Without a word, lists
    them all.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.explain import explained, explanations_data, render_explanations, render_words

    found = explained(code)
    render = render_words if code is None else render_explanations
    Output(format == "json", style_for(color)).show(
        lambda style: render(found, style), lambda: explanations_data(found)
    )
