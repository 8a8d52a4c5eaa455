"""`mcpconf hosts` and `mcpconf residue`: what is on a machine, what its hosts really run, and what is left of the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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
from mcpconf.cli.people import EverybodyOption, UserOption, as_others, described

HostArgument = Annotated[
    str, typer.Argument(metavar="HOST", help="Only this one, with all that is known of it.", show_default=False)
]
EffectiveOption = Annotated[
    bool, typer.Option("--effective", help="What hosts really run: which entry wins, which do not act, and why.")
]
ProjectOption = Annotated[
    list[str],
    typer.Option("--project", metavar="DIR", help="Also the files of this project; hosts list others themselves."),
]


def hosts(
    host: HostArgument = "",
    effective: EffectiveOption = False,
    project: ProjectOption = [],  # noqa: B006 - typer copies it
    root: RootOption = None,
    format: FormatOption = "text",
    color: ColorOption = "auto",
    pager: PagerOption = True,
) -> None:
    """List the hosts mcpconf knows, and what they run here.

    A table of those that are on this machine: their version where a file tells it, and how many of their files are there,
    of the servers and approvals (grants) in them, of the servers that mcpconf wrote (managed), and of the files of an
    administrator (policy); and when their facts were checked. Below it how many sign-ins to servers they keep. Of one HOST,
    every file, whose sign-ins it keeps and until when they hold, and what is deliberately not read.

    With `--effective` what each host makes of its files, in general and in each project that has servers of its own: the
    entry that wins, those that do not act and why, and where a host merges files, which file each key is from. Exits 8 if
    a file could not be read.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.effective import render_effective
    from mcpconf.report.hosts import hosts_data, render_host, render_hosts
    from mcpconf.survey.effective import effective as survey
    from mcpconf.survey.found import exit_code, found, only

    here = machine(root)
    folders = [folder if root is not None else Path(folder).expanduser().absolute().as_posix() for folder in project]
    output = Output(format, style_for(color, here.facts.home), pager=pager)
    if effective:
        report, scrubber = survey(here, folders, host)
        output.show(lambda style: render_effective(report, style), report.model_dump, scrubber)
        raise typer.Exit(report.exit_code)
    seen = found(here, folders)
    every, beside = only(seen.hosts, host), () if host else seen.beside
    code = exit_code(every)
    output.show(
        lambda style: render_host(every[0], style) if host else render_hosts(every, style, beside),
        lambda: hosts_data(every, int(code), beside),
    )
    raise typer.Exit(code)


def residue(
    server: Annotated[
        str,
        typer.Argument(metavar="SERVER", help="Only this one; else all that was revoked.", show_default=False),
    ] = "",
    manifest: ManifestOption = DEFAULT_MANIFEST,
    user: UserOption = None,
    all_users: EverybodyOption = False,
    root: RootOption = None,
    format: FormatOption = "text",
    color: ColorOption = "auto",
    pager: PagerOption = True,
) -> None:
    """Tell whether what was revoked is really gone.

    Looks into the files of hosts and beside them: caches and installed copies of its package, running processes, secrets
    that only it was given and that shells, services, editors or projects still set, entries commented out, dev containers,
    compose files and pipelines of known projects, workloads and gateways of containers, extensions of desktop
    applications, lists of an administrator, and old copies of files. Says what cannot be seen from here.
    Lists every place with what it says, and what apply would take away; the rest are instructions. What was revoked is
    known from the state and from the commits of the manifest. Exits 0 if it is gone, 2 if something is left, 8 if
    something could not be read.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.residue import render_residue
    from mcpconf.survey.residue import left_of

    if user is not None or all_users:
        words = ["residue", *described(manifest, format), *(["--", server] if server else [])]
        as_others(user, words, everybody=all_users, root=root, output=Output(format, style_for(color, "")))
    here = machine(root)
    report, scrubber = left_of(here, manifest, server)
    output = Output(format, style_for(color, here.facts.home), pager=pager)
    output.show(lambda style: render_residue(report, style), report.model_dump, scrubber)
    raise typer.Exit(report.exit_code)
