"""`mcpconf approve`: let pass what a server shows of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mcpconf.cli.asking import answered_yes, refuse_without_terminal, usage
from mcpconf.cli.options import DEFAULT_MANIFEST, ColorOption, FormatOption, ManifestOption

if TYPE_CHECKING:
    from mcpconf.cli.output import Output
    from mcpconf.ports import Machine
    from mcpconf.supply.approving import Approving


def approve(
    servers: Annotated[
        list[str], typer.Argument(metavar="SERVER", help="Servers of the manifest.", show_default=False)
    ] = [],  # noqa: B006 - typer copies it
    everything: Annotated[bool, typer.Option("--all", help="Every server that has a surface in the lock.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Only tell what is approved, by whom and why.")] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for those who come later.")] = "",
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who approves; else your address in git.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Approve what a server shows of itself.

    Shows every tool, prompt and instruction in the lock that nobody has approved yet, or what of them differs from what was
    approved before, and asks. The approval goes into `mcpconf.approvals` beside the manifest: a digest for each item, who,
    when and why. It is text and no signature, and belongs into git: who may change it there decides what is approved.
    A plan writes nothing of a server whose surface is in the lock and not approved. What rules say of a text is shown with it
    (MCP301 to MCP306); an error is refused with exit code 3, unless a waiver of the manifest lets it be.
    """
    from mcpconf.cli.options import machine
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.approving import approvals_data, render_approvals
    from mcpconf.supply.approving import judge

    if not listed and bool(servers) == everything:
        raise usage("it takes the names of servers, or `--all`", "`mcpconf approve --list` tells what there is")
    here = machine(None)
    found = judge(manifest, here, servers)
    if not listed:
        found.require(servers)
    output = Output(format, style_for(color, here.facts.home))
    if not listed:
        raise typer.Exit(_approve(found, (here, manifest, by, reason), output, unasked=yes))
    output.show(
        lambda style: render_approvals(found.judged, found.silent, style),
        lambda: {"approvals": found.file, "servers": approvals_data(found.judged, found.silent), "exit_code": 0},
    )


def _approve(found: Approving, said: tuple[Machine, str, str, str], output: Output, *, unasked: bool) -> int:
    from mcpconf.cli.streams import emit
    from mcpconf.errors import ExitCode
    from mcpconf.report.approving import approvals_data, render_approved, render_open
    from mcpconf.supply.approving import approve as write
    from mcpconf.supply.approving import word

    if found.open and not unasked:
        refuse_without_terminal("pass `--yes`, or look first with `--list`", json=output.json)
    if found.open and not output.json:
        emit(render_open(found.open, output.style))
    found.refuse()
    goes_on = unasked or not found.open or answered_yes("Approve this?")
    done = write(found, word(*said)) if goes_on else ()
    code = ExitCode.SUCCESS if goes_on else ExitCode.STALE
    output.show(
        lambda style: render_approved(done, found.file, style) if goes_on else "Answered no: nothing was approved.\n",
        lambda: {"approvals": found.file, "approved": approvals_data(done, ()), "exit_code": int(code)},
    )
    return code
