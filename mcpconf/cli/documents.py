"""Commands about documents; no machine is looked at."""

from __future__ import annotations

import json
from typing import Annotated, get_args

import typer

from mcpconf.cli.options import (
    DEFAULT_MANIFEST,
    ColorOption,
    FormatOption,
    LockedOption,
    ManifestOption,
    PagerOption,
    strict,
)
from mcpconf.cli.reporting import ManifestFormat, ManifestFormatOption, OutFormatOption, out_files, refuse_files, run_of
from mcpconf.errors import ExitCode, McpconfError, Problem, Where


def init(manifest: ManifestOption = DEFAULT_MANIFEST, format: FormatOption = "text") -> None:
    """Write a first manifest, with comments.

    Never over a file that is there.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.documents.starter import starter
    from mcpconf.system.sources import write_new

    write_new(manifest, starter())
    Output(format, style_for("auto")).show(
        lambda style: f"wrote {style.text(manifest)}; next: edit it, then `mcpconf plan`\n",
        lambda: {"wrote": manifest, "exit_code": int(ExitCode.SUCCESS)},
    )


def validate(
    manifest: ManifestOption = DEFAULT_MANIFEST,
    locked: LockedOption = False,
    format: ManifestFormatOption = "text",
    out_format: OutFormatOption = [],  # noqa: B006 - typer copies it
    color: ColorOption = "auto",
) -> None:
    """Check a manifest, every mistake at once.

    Exits 1 if it cannot be used, 3 if its own policy blocks it. Looks at no machine.
    """
    from mcpconf import judging
    from mcpconf.cli.output import Output, error_text, style_for, talk
    from mcpconf.report import formats
    from mcpconf.report.data import valid_data
    from mcpconf.report.findings import blocks, findings_data, render_findings

    files = out_files(out_format, get_args(ManifestFormat))
    style = style_for(color)
    output = Output(format, style, files)
    try:
        loaded, found = judging.validate(manifest, locked=strict(manifest, said=locked))
    except McpconfError as error:
        problems = error.problems
        refuse_files(files, None, None, [manifest])
        talk(error_text(*problems).removesuffix("\n"))
        run = run_of("validate", error.code, manifest, style)
        output.show(lambda _: "", lambda: valid_data(problems), None, formats.of_manifest(problems, (), "error", run))
        raise typer.Exit(error.code) from None
    fail_on = loaded.manifest.policy.fail_on
    code = ExitCode.BLOCKED if blocks(found, fail_on) else ExitCode.SUCCESS
    refuse_files(files, None, None, [layer.file for layer in loaded.layers])
    output.show(
        lambda style: render_findings(found, manifest, style),
        lambda: {**valid_data(()), "findings": findings_data(found), "exit_code": int(code)},
        None,
        formats.of_manifest((), found, fail_on, run_of("validate", code, manifest, style)),
    )
    raise typer.Exit(code)


def render(
    manifest: ManifestOption = DEFAULT_MANIFEST,
    facts: Annotated[
        str | None,
        typer.Option(
            "--machine", metavar="FILE", help="The facts of a machine, as in a machine.yaml; else this one's."
        ),
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Also show where each value is written.")] = False,
    format: FormatOption = "text",
    color: ColorOption = "auto",
    pager: PagerOption = True,
) -> None:
    """Show what one machine gets from the manifest.

    For every host that the manifest names: which files hold which servers, and what cannot be written there. Only the facts
    of the machine count, such as its system and labels; none of its files is looked at, and no host need be installed.
    """
    from dataclasses import replace

    from mcpconf import operations
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.rendering import render_rendering, rendering_data
    from mcpconf.system.facts import described_facts, real_machine

    here = real_machine()
    machine = here if facts is None else replace(here, facts=described_facts(facts))
    rendered, origin, scrubber = operations.render(machine, manifest)
    Output(format, style_for(color, machine.facts.home), pager=pager).show(
        lambda style: render_rendering(rendered, origin, style, explain=explain),
        lambda: rendering_data(rendered, origin),
        scrubber,
    )


def schema(
    name: Annotated[
        str,
        typer.Argument(
            metavar="DOCUMENT",
            help="manifest, machine, lock, approvals, plan, drift, state, outcome, effective, residue or review.",
        ),
    ] = "manifest",
    check: Annotated[str | None, typer.Option("--check", metavar="FILE", help="Check a JSON file against it.")] = None,
) -> None:
    """Print the JSON Schema of a document.

    For editors, and for programs that read plans.
    """
    from mcpconf.cli.output import said, talk
    from mcpconf.cli.streams import emit
    from mcpconf.documents.schema import render_schema, schemas

    known = schemas()
    if name not in known:
        hint = f"one of {', '.join(f'`{item}`' for item in known)}"
        raise McpconfError(ExitCode.USAGE, Problem("usage", f"there is no document `{name}`", None, hint))
    if check is None:
        emit(render_schema(known[name]))
        return
    _check(check, name, known[name])
    talk(f"{said(check)} is a valid {name}")


def _check(path: str, name: str, wanted: object) -> None:
    from jsonschema import Draft202012Validator

    from mcpconf.system.sources import read_document

    try:
        document = json.loads(read_document(path, name))
    except (ValueError, RecursionError):
        hint = "only JSON can be checked; `mcpconf validate` checks a manifest"
        raise McpconfError(ExitCode.NO_PLAN, Problem("malformed", "this is no JSON", Where(path), hint)) from None
    problems = [
        Problem("invalid", error.message[:300], Where(path, pointer=error.json_path))
        for error in Draft202012Validator(wanted).iter_errors(document)  # type: ignore[arg-type]
    ]
    if problems:
        raise McpconfError(ExitCode.NO_PLAN, *problems)
