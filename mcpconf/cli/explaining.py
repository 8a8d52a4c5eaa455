"""Commands that tell about mcpconf itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mcpconf.cli.options import (
    DEFAULT_MANIFEST,
    ColorOption,
    FormatOption,
    ManifestOption,
    PagerOption,
    RootOption,
    machine,
)
from mcpconf.errors import McpconfError

if TYPE_CHECKING:
    from mcpconf.documents.manifest import LoadedManifest
    from mcpconf.rules.frame import Rule


def explain(
    code: Annotated[
        str | None, typer.Argument(metavar="WORD", help="A rule such as MCP101, or another word of a plan.")
    ] = None,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    format: FormatOption = "text",
    color: ColorOption = "auto",
    pager: PagerOption = True,
) -> None:
    """Say what a word of a plan means, and what to do about it.

    Rules, actions, reasons, kinds of drift, what changes are held by, and what could not be checked. An id of a rule that
    is the manifest's own is looked up there. Without a word, lists all that are mcpconf's.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.explain import explained, explanations_data, is_known, render_explanations, render_words

    found = explained(code, () if code is None or is_known(code) else _rules_of(manifest, code))
    render = render_words if code is None else render_explanations
    Output(format, style_for(color), pager=pager).show(
        lambda style: render(found, style), lambda: explanations_data(found)
    )


def _rules_of(manifest: str, code: str) -> tuple[Rule, ...]:
    """What a manifest brings along, if there is one and the word may be an id of it."""
    from pathlib import Path

    from mcpconf import operations
    from mcpconf.model.schemas import NAMED
    from mcpconf.rules.own import own_rules

    if not NAMED.fullmatch(code.upper()) or (manifest == DEFAULT_MANIFEST and not Path(manifest).exists()):
        return ()
    return tuple(own_rules(operations.manifest(manifest).manifest.policy))


def docs(
    page: Annotated[str | None, typer.Argument(metavar="PAGE", help="A page; without it, lists them.")] = None,
    format: FormatOption = "text",
    color: ColorOption = "auto",
    pager: PagerOption = True,
) -> None:
    """Print a page of the manual.

    Laid out for the screen on a terminal; elsewhere the Markdown itself.
    """
    import sys

    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.manual import found, page_data, pages, pages_data, render_page, render_pages
    from mcpconf.system.manual import manual

    output = Output(format, style_for(color), pager=pager)
    if page is None:
        listed = pages(manual())
        output.show(lambda style: render_pages(listed, style), lambda: pages_data(listed))
        return
    one = found(page, manual())
    terminal = sys.stdout.isatty()
    output.show(lambda style: render_page(one, style, terminal=terminal), lambda: page_data(one))


def doctor(
    manifest: ManifestOption = DEFAULT_MANIFEST,
    root: RootOption = None,
    format: FormatOption = "text",
    color: ColorOption = "auto",
    pager: PagerOption = True,
) -> None:
    """Check what mcpconf depends on here.

    The manifest and its lock, the hosts and their files, git, the package managers, the store, the state folder and what old
    content still lies in it. Each thing that is not in order has a next step. Writes nothing. Exits 0, or 8 if something could
    not be checked.
    """
    from mcpconf import operations
    from mcpconf.cli.output import Output, style_for
    from mcpconf.doctor import examine, exit_code
    from mcpconf.report.doctor import checks_data, render_checks
    from mcpconf.supply.examining import look_at_supply
    from mcpconf.system.sources import bundled_rows
    from mcpconf.system.workshop import trees_of, workshop

    here = machine(root)
    source: LoadedManifest | McpconfError
    try:
        source = operations.manifest(manifest)
    except McpconfError as error:
        source = error
    checks = examine(here, bundled_rows(), source)
    if not isinstance(source, McpconfError):
        shop = workshop(here) if root is None else None
        checks = (*checks, *look_at_supply(manifest, here, trees_of(here, root or ""), shop))
    code = exit_code(checks)
    Output(format, style_for(color, here.facts.home), pager=pager).show(
        lambda style: render_checks(checks, style), lambda: checks_data(checks, code)
    )
    raise typer.Exit(code)
