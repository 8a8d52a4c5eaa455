"""Commands that change the manifest. What people wrote around the change stays as it is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from mcpconf.cli.options import DEFAULT_MANIFEST, ColorOption, FormatOption, ManifestOption, RootOption, machine

if TYPE_CHECKING:
    from mcpconf.documents.editing import Revised

DryOption = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")]


def remove(
    name: Annotated[str, typer.Argument(metavar="SERVER", help="A server of the manifest.")],
    dry_run: DryOption = False,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Remove a server from the manifest, and from every list in it.

    Comments and layout of the rest stay. The next apply takes it off the machines that got it from this manifest.
    """
    from mcpconf.authoring import servers

    show_revised(servers.remove(manifest, name, write=not dry_run), (format, color))


def adopt(
    addresses: Annotated[
        list[str], typer.Argument(metavar="ADDRESS", help="Entries or approvals, as a plan prints them.")
    ],
    write: Annotated[bool, typer.Option("--write", help="Change the manifest, instead of showing the patch.")] = False,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Also where it cannot be said without changing other hosts.")
    ] = False,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    root: RootOption = None,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Take what the machine has into the manifest.

    An entry that is not in it becomes a server, as `mcpconf import` would write it; what was changed by hand becomes the
    server's, or that of its host alone; what was removed by hand is not asked for there any more; an approval is declared.
    After that the plan has nothing to do there, and nothing more anywhere else. Without `--write` the change is printed as
    a patch, and nothing is written.
    """
    from mcpconf.authoring import adoption

    revised = adoption.adopt(machine(root), manifest, addresses, write=write, everywhere=everywhere)
    if write or format == "json":
        show_revised(revised, (format, color))
        return
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.revised import render_patch, revised_data, revised_notes

    Output(format, style_for(color)).show(
        lambda style: render_patch(revised, style), lambda: revised_data(revised), revised.scrubber
    )
    sys.stderr.write(revised.scrubber.scrub(revised_notes(revised, style_for("never"))))


def forget(
    name: Annotated[str, typer.Argument(metavar="SERVER", help="A server of the manifest.")],
    host: Annotated[
        list[str], typer.Option("--host", metavar="HOST", help="Only on this host; for several, repeat it.")
    ] = [],  # noqa: B006
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for those who come later.")] = "",
    dry_run: DryOption = False,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Stop managing a server, and leave it as it is.

    It leaves the manifest, or the lists of the hosts that are named, and stands under `released` from then on. Comments and
    layout of the rest stay. The next apply deletes nothing of it. To add it again takes it back.
    """
    from mcpconf.authoring import servers

    show_revised(servers.forget(manifest, name, tuple(host), reason, write=not dry_run), (format, color))


def rename(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A server of the manifest.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Lower-case letters, digits and `-`.")],
    dry_run: DryOption = False,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Give a server another name in the whole manifest.

    Comments and layout stay. `was` keeps the old name, by which every machine knows its entry again: the next apply gives
    that the new name, and keeps what is in it and approvals of it. Once all machines have applied it, `was` may go.
    """
    from mcpconf.authoring import servers

    show_revised(servers.rename(manifest, old, new, write=not dry_run), (format, color))


def show_revised(revised: Revised, how: tuple[str, str]) -> None:
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.revised import render_revised, revised_data

    Output(how[0], style_for(how[1])).show(
        lambda style: render_revised(revised, style), lambda: revised_data(revised), revised.scrubber
    )
