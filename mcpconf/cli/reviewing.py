"""Commands about a change of the manifest, before it is merged."""

from __future__ import annotations

import os
from typing import Annotated, Literal, get_args

import typer

from mcpconf.cli.asking import usage
from mcpconf.cli.options import DEFAULT_MANIFEST, ColorOption, ManifestOption, PagerOption
from mcpconf.cli.reporting import OutFormatOption, out_files, refuse_files, run_of
from mcpconf.errors import McpconfError

ReviewFormat = Literal["text", "json", "markdown", "github", "gitlab", "junit", "sarif"]
DifferenceFormat = Literal["text", "json", "markdown"]


def check(
    base: Annotated[
        str, typer.Option("--base", metavar="REVISION", help="What it is to be merged into; in a build, what that says.")
    ] = "",
    head: Annotated[str, typer.Option("--head", metavar="REVISION", help="The change.")] = "HEAD",
    merge: Annotated[
        bool, typer.Option("--merge", help="Judge what a merge of both would have, not the change by itself.")
    ] = False,
    reviews: Annotated[
        str, typer.Option("--reviews", metavar="FILE", help="Who approved it: the reviews as GitHub's interface lists them.")
    ] = "",
    author: Annotated[
        str, typer.Option("--author", metavar="NAME", help="Whose change it is: their own approval does not count.")
    ] = "",
    manifest: ManifestOption = DEFAULT_MANIFEST,
    format: Annotated[
        ReviewFormat, typer.Option("--format", help="How to print the result. The exit code is the same in every format.")
    ] = "text",
    out_format: OutFormatOption = [],  # noqa: B006 - typer copies it
    color: ColorOption = "auto",
) -> None:
    """Tell what a change of the manifest allows, and whether it may be merged.

    Validates the manifest and its lock as they are in the head, compares both sides, asks for the approvals that
    `policy.privilege` and `policy.approvals` want, and runs every rule. The policy, the waivers and the approvers are those of
    the base: what the change itself loosens does not count yet. Reads git's objects and nothing else: no server is started,
    nothing is installed or fetched, no hook runs. Exits 3 if something is in the way of merging, 1 if one side cannot be read.
    """
    from mcpconf.cli.output import Output, error_text, style_for, talk
    from mcpconf.report import formats
    from mcpconf.report.data import valid_data
    from mcpconf.report.reviewing import render_review, review_data
    from mcpconf.review import Asked
    from mcpconf.review import check as judge

    if bool(reviews) != bool(author):
        raise usage("`--reviews` and `--author` go together", "an author's own approval must be known not to count")
    files, style = out_files(out_format, get_args(ReviewFormat)), style_for(color)
    output = Output(format, style, files)
    asked = Asked(manifest, base or _base_of_build(), head, merge, reviews, author)
    try:
        found = judge(asked)
    except McpconfError as error:
        refuse_files(files, None, None, [manifest])
        talk(error_text(*error.problems).removesuffix("\n"))
        run, problems = run_of("check", error.code, manifest, style), error.problems
        data = {**valid_data(problems), "exit_code": int(error.code)}
        output.show(lambda _: "", lambda: data, None, formats.of_problems(problems, run))
        raise typer.Exit(error.code) from None
    code = found.code
    refuse_files(files, None, None, [*found.documents, manifest])
    run = run_of("check", code, manifest, style, found.scrubber)
    output.show(
        lambda style: render_review(found.difference, found.findings, style, blocked=bool(code)),
        lambda: {**review_data(found.difference, found.ancestor, found.findings), "exit_code": int(code)},
        found.scrubber,
        formats.of_review(found.difference, found.findings, found.fail_on, run),
    )
    raise typer.Exit(code)


def _base_of_build() -> str:
    """The branch or commit that a build says a change is to be merged into. Raises McpconfError (exit 64)."""
    if branch := os.environ.get("GITHUB_BASE_REF"):
        return f"origin/{branch}"
    if commit := os.environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA"):
        return commit
    raise usage("there is no base to compare with", "`mcpconf check --base main`")


def diff(
    revisions: Annotated[
        str, typer.Argument(metavar="A..B", help="Two revisions; `A...B` from where B left A; `A` against the file as it is.")
    ],
    manifest: ManifestOption = DEFAULT_MANIFEST,
    format: Annotated[
        DifferenceFormat, typer.Option("--format", help="How to print the result. The exit code is the same in every format.")
    ] = "text",
    out_format: OutFormatOption = [],  # noqa: B006 - typer copies it
    color: ColorOption = "auto",
    pager: PagerOption = True,
) -> None:
    """Tell in words what became possible between two revisions of the manifest.

    Server by server and key by key of the policy, with the direction and the severity of each change; hosts that get a server,
    tools that it shows, and what the lock holds it to are part of it. Looks at no machine. Exits 2 if something may do more than
    before or nobody can tell, 0 if all is the same or narrower.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report import formats
    from mcpconf.report.reviewing import difference_data, render_difference
    from mcpconf.review import diff as compare

    files = out_files(out_format, get_args(DifferenceFormat))
    style = style_for(color)
    found, scrubber = compare(manifest, revisions)
    code = 2 if found.gains else 0
    refuse_files(files, None, None, [manifest])
    run = run_of("diff", code, manifest, style, scrubber)
    Output(format, style, files, pager=pager).show(
        lambda style: render_difference(found, style),
        lambda: {"format_version": "1.0", **difference_data(found), "exit_code": code},
        scrubber,
        formats.of_difference(found, run),
    )
    raise typer.Exit(code)
