"""`mcpconf search`: what a registry has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mcpconf.cli.adding import OfflineOption, RegistryOption
from mcpconf.cli.options import DEFAULT_MANIFEST, ColorOption, FormatOption, ManifestOption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcpconf.model.manifest import Server


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Part of a name, title or description.")],
    registry: RegistryOption = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="NUMBER", min=1, max=1000, help="Show at most so many.")
    ] = 20,
    offline: OfflineOption = False,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Look for servers in a registry.

    By address, or in a list that was saved from one. The official registry looks for names only. What the manifest has
    already is marked. Anybody may publish: that something is found says nothing for it.
    """
    from mcpconf.authoring import registry_search
    from mcpconf.authoring.registry_source import Source
    from mcpconf.cli.output import Output, style_for
    from mcpconf.cli.progress import progress
    from mcpconf.report.searched import matches_data, render_matches
    from mcpconf.system.web import SystemWeb

    progress.begin("searching")
    source = Source(registry or "")
    servers = _approved(manifest)
    matches = registry_search.search(text, source, None if offline else SystemWeb(), servers, limit)
    Output(format, style_for(color)).show(
        lambda style: render_matches(matches, style), lambda: matches_data(matches), None
    )


def _approved(manifest: str) -> Mapping[str, Server]:
    """None where nobody named a manifest and none is there."""
    from mcpconf.authoring.drafting import read
    from mcpconf.errors import McpconfError

    try:
        return read(manifest)[1].manifest.servers
    except McpconfError as error:
        if manifest == DEFAULT_MANIFEST and error.problems[0].kind == "missing":
            return {}
        raise
