"""`mcpconf export`: the approved servers in the words of those who are not hosts of this machine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from mcpconf.cli.asking import usage
from mcpconf.cli.options import DEFAULT_MANIFEST, ColorOption, FormatOption, ManifestOption
from mcpconf.errors import ExitCode, McpconfError

if TYPE_CHECKING:
    from mcpconf.cli.output import Output
    from mcpconf.ports import Machine


def export(
    managed: Annotated[
        str | None,
        typer.Option(
            "--managed", metavar="HOST", help="The files by which an administrator keeps this host to the manifest."
        ),
    ] = None,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    facts: Annotated[
        str | None,
        typer.Option(
            "--machine", metavar="FILE", help="The facts of a machine, as in a machine.yaml; else this one's."
        ),
    ] = None,
    registry_url: Annotated[
        str,
        typer.Option("--registry-url", metavar="URL", help="Where a registry of the approved servers answers."),
    ] = "",
    allow_wider: Annotated[
        bool, typer.Option("--allow-wider", help="Also a policy that lets in more than the manifest says.")
    ] = False,
    out: Annotated[
        str | None, typer.Option("--out", metavar="DIR", help="Write the files below this folder, each at its path.")
    ] = None,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Render the approved servers for somebody else.

    `--managed HOST` gives the vendor's own policy, from the versions of the lock and with each command line as the host
    runs it. Every text is read back as strictly as the vendor reads it and tried out: each approved server must start, and
    nothing else. Exits 3, and prints no policy, if one would let in more; what a vendor cannot say is told on stderr.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.system.facts import described_facts, real_machine

    if managed is None:
        raise usage("`export` needs to know for whom", "`mcpconf export --managed HOST`")
    here = real_machine()
    machine = here if facts is None else replace(here, facts=described_facts(facts))
    output = Output(format, style_for(color, machine.facts.home))
    _managed(machine, output, (manifest, managed, registry_url), wider=allow_wider, out=out)


def _managed(machine: Machine, output: Output, asked: tuple[str, str, str], *, wider: bool, out: str | None) -> None:
    from mcpconf.cli.output import error_text, said, talk
    from mcpconf.permitted.policies import notices, policies, refusals
    from mcpconf.report.policies import policies_data, render_policies, render_policy_files
    from mcpconf.system.reports import write_tree

    manifest, host, registry = asked
    found = policies(machine, manifest, host, registry)
    refused = [*refusals(found, wider=wider)]
    if refused:
        raise McpconfError(ExitCode.BLOCKED, *refused)
    for problem in notices(found, wider=wider):
        talk(error_text(problem).replace("error:", "warning:", 1).removesuffix("\n"))
    for file in found.files:
        for line in file.policy.lacks:
            talk(f"note: {said(file.path)}: {line}")
    written = {} if out is None else write_tree(out, {file.path: file.text for file in found.files})
    output.show(
        lambda style: render_policies(found.files, style) if out is None else render_policy_files(written, style),
        lambda: policies_data(host, found.files),
        found.scrubber,
    )
