"""Commands about documents; no machine is looked at."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from mcpconf.cli.options import DEFAULT_MANIFEST, ColorOption, FormatOption, ManifestOption
from mcpconf.errors import ExitCode, McpconfError, Problem, Where


def init(manifest: ManifestOption = DEFAULT_MANIFEST) -> None:
    """Write a first manifest, with comments; never over one that is there."""
    from mcpconf.cli.output import talk
    from mcpconf.documents.starter import starter
    from mcpconf.system.sources import write_new

    write_new(manifest, starter())
    talk(f"wrote {manifest}; next: edit it, then `mcpconf plan`")


def validate(
    manifest: ManifestOption = DEFAULT_MANIFEST,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Check a manifest, all of it at once. Exits 1 if it cannot be used, 3 if its own policy blocks it."""
    from mcpconf import operations
    from mcpconf.cli.output import Output, error_text, style_for
    from mcpconf.report.data import valid_data
    from mcpconf.report.findings import blocks, findings_data, render_findings

    output = Output(format == "json", style_for(color))
    try:
        loaded, found = operations.validate(manifest)
    except McpconfError as error:
        output.show("", valid_data(error.problems))
        sys.stderr.write(error_text(error.problems))
        raise typer.Exit(error.code) from None
    code = ExitCode.BLOCKED if blocks(found, loaded.manifest.policy.fail_on) else ExitCode.SUCCESS
    data = {**valid_data(()), "findings": findings_data(found), "exit_code": int(code)}
    output.show(render_findings(found, manifest, output.style), data)
    raise typer.Exit(code)


def schema(
    name: Annotated[str, typer.Argument(metavar="NAME", help="manifest, machine, plan or state.")] = "manifest",
    check: Annotated[str | None, typer.Option("--check", metavar="FILE", help="Check a JSON file against it.")] = None,
) -> None:
    """Print the JSON Schema of a document, for editors and for programs that read plans."""
    from mcpconf.cli.output import talk
    from mcpconf.documents.schema import render_schema, schemas

    known = schemas()
    if name not in known:
        hint = f"one of {', '.join(f'`{item}`' for item in known)}"
        raise McpconfError(ExitCode.USAGE, Problem("usage", f"there is no document `{name}`", None, hint))
    if check is None:
        sys.stdout.write(render_schema(known[name]))
        return
    _check(check, name, known[name])
    talk(f"{check} is a valid {name}")


def _check(path: str, name: str, wanted: object) -> None:
    from jsonschema import Draft202012Validator

    from mcpconf.system.sources import read_document

    try:
        document = json.loads(read_document(path, name))
    except (ValueError, RecursionError):
        raise McpconfError(ExitCode.NO_PLAN, Problem("malformed", "this is no JSON", Where(path))) from None
    problems = [
        Problem("invalid", error.message[:300], Where(path, pointer=error.json_path))
        for error in Draft202012Validator(wanted).iter_errors(document)  # type: ignore[arg-type]
    ]
    if problems:
        raise McpconfError(ExitCode.NO_PLAN, *problems)
