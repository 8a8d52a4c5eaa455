"""Commands about versions that are not the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mcpconf.cli.asking import usage
from mcpconf.cli.locking import AdvisoriesOption, CooldownOption, OfflineOption
from mcpconf.cli.options import DEFAULT_MANIFEST, ColorOption, FormatOption, ManifestOption

if TYPE_CHECKING:
    from mcpconf.ports import Machine
    from mcpconf.supply.outdated import Limits


_RANGE = frozenset("^~<>=*|, ")
"""Signs of which no version has any."""


def outdated(
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="Only these servers.", show_default=False)] = [],  # noqa: B006
    cooldown: CooldownOption = 0,
    advisories: AdvisoriesOption = "",
    offline: OfflineOption = False,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Tell which locked versions are old or known to be bad.

    Asks the package managers that are set up here; changes nothing. Newest is what there is, wanted is what of that the
    manifest admits and is old enough: `lock --upgrade` takes it, unless what is locked is newer. Neither is a version that an
    advisory is about. The age is that of the newest. Exits 2 if something is behind, 8 if somebody could not be asked, or
    nobody was.
    """
    from mcpconf.cli.options import machine
    from mcpconf.cli.output import Output, style_for
    from mcpconf.cli.progress import telling
    from mcpconf.report.outdated import outdated_data, render_outdated
    from mcpconf.supply.outdated import outdated as compare
    from mcpconf.system.workshop import workshop

    here = machine(None)
    tell = telling("asking", quiet=False)
    found = compare(manifest, workshop(here, offline=offline), _limits(cooldown, advisories, here), names, tell)
    Output(format, style_for(color, here.facts.home)).show(
        lambda style: render_outdated(found, style), lambda: outdated_data(found)
    )
    raise typer.Exit(found.exit_code)


def update(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A server of the manifest.")],
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="VERSION", help="This version, however young; also in place of a range."),
    ] = None,
    pr_body: Annotated[
        bool, typer.Option("--pr-body", help="Print what changed as Markdown, for a pull request.")
    ] = False,
    cooldown: CooldownOption = 0,
    advisories: AdvisoriesOption = "",
    manifest: ManifestOption = DEFAULT_MANIFEST,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Move one server to a newer version.

    Without `--to`, to the newest that is old enough and that no advisory is about. A range in the manifest stays, and what
    is locked of it moves. Writes manifest and lock or neither, and opens no pull request.
    """
    from mcpconf.cli.options import machine
    from mcpconf.cli.output import Output, style_for
    from mcpconf.model.asked import UNPINNED
    from mcpconf.report.pullrequest import render_pull_request
    from mcpconf.report.updated import render_updated, updated_data
    from mcpconf.supply.updating import update as move
    from mcpconf.system.workshop import workshop

    if pr_body and format == "json":
        raise usage("`--pr-body` is Markdown", "leave out one of both; JSON has all of it")
    if to is not None and (to in ("", UNPINNED, "latest") or _RANGE.intersection(to)):
        raise usage(f"`--to {to}` is no version", "write one exact version, such as `--to 1.2.0`")
    here = machine(None)
    done = move(manifest, name, to or "", workshop(here), _limits(cooldown, advisories, here))
    render = render_pull_request if pr_body else render_updated
    Output(format, style_for(color, here.facts.home)).show(
        lambda style: render(done, style), lambda: updated_data(done)
    )


def _limits(cooldown: int, path: str, here: Machine) -> Limits:
    from mcpconf.supply.outdated import Limits
    from mcpconf.system.advisories import advisories

    return Limits(cooldown, advisories(path, here))
