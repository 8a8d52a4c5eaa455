"""`mcpconf export`: the approved servers in the words of those who are not hosts of this machine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mcpconf.cli.asking import usage
from mcpconf.cli.options import (
    DEFAULT_MANIFEST,
    ColorOption,
    FormatOption,
    LockedOption,
    ManifestOption,
    RootOption,
    strict,
)
from mcpconf.cli.options import machine as chosen_machine
from mcpconf.errors import ExitCode, McpconfError

if TYPE_CHECKING:
    from mcpconf.cli.output import Output
    from mcpconf.exporting.servers import Exported
    from mcpconf.ports import Machine

Consumer = Literal["openai-responses", "openai-agents", "langchain", "llamaindex", "mcp"]
Forge = Literal["github", "gitlab"]


ServersArgument = Annotated[
    list[str],
    typer.Argument(metavar="SERVER", help="For `--sdk`, only these; else every server.", show_default=False),
]
ConsumerOption = Annotated[
    Consumer | None,
    typer.Option("--sdk", metavar="FORM", help="openai-responses, openai-agents, langchain, llamaindex or mcp."),
]
ManagedOption = Annotated[
    str | None,
    typer.Option(
        "--managed", metavar="HOST", help="The files by which an administrator keeps this host to the manifest."
    ),
]
NamespaceOption = Annotated[
    str | None,
    typer.Option(
        "--as-registry", metavar="NAMESPACE", help="What a registry of the approved servers answers (API v0.1)."
    ),
]
OwnersOption = Annotated[
    Forge | None,
    typer.Option(
        "--codeowners",
        metavar="FORGE",
        help="Lines of CODEOWNERS, for github or gitlab, by the approvers of the policy.",
    ),
]
FactsOption = Annotated[
    str | None,
    typer.Option("--machine", metavar="FILE", help="The facts of a machine, as in a machine.yaml; else this one's."),
]
RegistryOption = Annotated[
    str, typer.Option("--registry-url", metavar="URL", help="Where a registry of the approved servers answers.")
]
WiderOption = Annotated[
    bool, typer.Option("--allow-wider", help="Also a policy that lets in more than the manifest says.")
]
OutOption = Annotated[
    str | None, typer.Option("--out", metavar="DIR", help="Write the files below this folder, each at its path.")
]


def export(
    servers: ServersArgument = [],  # noqa: B006 - typer copies it
    sdk: ConsumerOption = None,
    managed: ManagedOption = None,
    as_registry: NamespaceOption = None,
    codeowners: OwnersOption = None,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    facts: FactsOption = None,
    root: RootOption = None,
    locked: LockedOption = False,
    registry_url: RegistryOption = "",
    allow_wider: WiderOption = False,
    out: OutOption = None,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Render the approved servers for somebody else.

    `--managed HOST` gives the vendor's own policy, from the versions of the lock and with each command line as the host
    runs it. Every text is read back as strictly as the vendor reads it and tried out: each approved server must start, and
    nothing else. Exits 3, and prints no policy, if one would let in more; what a vendor cannot say is told on stderr.
    `--as-registry NAMESPACE` gives the list of a registry, for hosts that start only what one lists.

    `--sdk FORM` gives JSON that a program loads, in which secrets are names of variables, `${NAME}`, and every list of tools
    has exact names. A server that is blocked or that nobody approved is not in it: it is told on stderr, and the exit code
    is 3. The manual has the few lines of code that load each form.

    `--codeowners FORGE` gives the manifest, its layers, its lock and CODEOWNERS itself to those whom the policy lets approve.
    """
    from mcpconf.cli.output import Output, style_for

    _check((sdk, managed, as_registry, codeowners), more=bool(servers) or root is not None)
    if codeowners is not None:
        _owners(Output(format, style_for(color)), manifest, codeowners)
        return
    machine = _machine(root, facts)
    if sdk is not None:
        raise typer.Exit(_for_programs(machine, manifest, sdk, servers, locked=strict(manifest, said=locked)))
    output = Output(format, style_for(color, machine.facts.home))
    if managed is None:
        _registry(machine, output, manifest, as_registry or "")
        return
    _managed(machine, output, (manifest, managed, registry_url), wider=allow_wider, out=out)


def _check(asked: tuple[str | None, ...], *, more: bool) -> None:
    if sum(word is not None for word in asked) != 1:
        hint = "`mcpconf export --managed HOST`, `--as-registry NAMESPACE`, `--sdk mcp`, or `--codeowners github`"
        raise usage("`export` needs to know for whom", hint)
    if more and asked[0] is None:
        raise usage("servers and `--root` go with `--sdk`", "`mcpconf export --managed HOST`")


def _machine(root: str | None, facts: str | None) -> Machine:
    from mcpconf.system.facts import described_facts, real_machine

    here = chosen_machine(root) if root is not None else real_machine()
    return here if facts is None else replace(here, facts=described_facts(facts))


def _owners(output: Output, manifest: str, form: Forge) -> None:
    from mcpconf.exporting.owners import owned

    found = owned(manifest, form)
    output.show(
        lambda _style: found.text,
        lambda: {"paths": [*found.paths], "owners": [*found.owners], "text": found.text, "exit_code": 0},
    )


def _registry(machine: Machine, output: Output, manifest: str, namespace: str) -> None:
    from mcpconf.cli.output import error_text, talk
    from mcpconf.permitted.policies import registry_list

    made = registry_list(machine, manifest, namespace)
    for problem in made.unlisted:
        talk(error_text(problem).replace("error:", "warning:", 1).removesuffix("\n"))
    output.show(lambda _style: made.text, lambda: {"text": made.text, "exit_code": int(ExitCode.SUCCESS)})


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


def _for_programs(here: Machine, manifest: str, form: str, servers: list[str], *, locked: bool) -> ExitCode:
    from mcpconf.cli.streams import emit
    from mcpconf.exporting.servers import export as exported
    from mcpconf.report.data import render_json

    found, scrubber = exported(here, manifest, form, servers, locked=locked)
    emit(scrubber.scrub(render_json(found.document)))
    _tell(found)
    return ExitCode.BLOCKED if found.held else ExitCode.SUCCESS


def _tell(found: Exported) -> None:
    from mcpconf.cli.output import error_text, said, talk

    for name, reason in found.left_out:
        talk(f"left out: `{said(name)}`: {said(reason)}")
    for note in found.notes:
        talk(f"note: {said(note)}")
    if found.held:
        talk(error_text(*found.held).removesuffix("\n"))
