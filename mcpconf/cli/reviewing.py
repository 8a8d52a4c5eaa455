"""Commands about a change of the manifest, before it is merged."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from mcpconf.cli.asking import usage
from mcpconf.cli.options import DEFAULT_MANIFEST, ColorOption, ManifestOption, PagerOption
from mcpconf.cli.reporting import OutFormatOption, out_files, refuse_files, run_of
from mcpconf.errors import McpconfError

if TYPE_CHECKING:
    from mcpconf.cli.output import Output
    from mcpconf.model.base import Json
    from mcpconf.model.review import ReviewReport
    from mcpconf.report.formats import Run
    from mcpconf.review import Review

ReviewFormat = Literal["text", "json", "markdown", "github", "gitlab", "junit", "sarif"]
DifferenceFormat = Literal["text", "json", "markdown"]


BaseOption = Annotated[
    str, typer.Option("--base", metavar="REVISION", help="What it is to be merged into; in a build, what that says.")
]
MergeOption = Annotated[
    bool, typer.Option("--merge", help="Judge what a merge of both would have, not the change by itself.")
]
ReviewsOption = Annotated[
    str,
    typer.Option(
        "--reviews",
        metavar="FILE",
        help="Who approved it: the reviews as GitHub's interface lists them, or GitLab's approvals and versions.",
    ),
]
AuthorOption = Annotated[
    str, typer.Option("--author", metavar="NAME", help="Whose change it is: their own approval does not count.")
]
_FORMAT = typer.Option("--format", help="How to print the result. The exit code is the same in every format.")


def check(
    base: BaseOption = "",
    head: Annotated[str, typer.Option("--head", metavar="REVISION", help="The change.")] = "HEAD",
    merge: MergeOption = False,
    reviews: ReviewsOption = "",
    author: AuthorOption = "",
    manifest: ManifestOption = DEFAULT_MANIFEST,
    format: Annotated[ReviewFormat, _FORMAT] = "text",
    out_format: OutFormatOption = [],  # noqa: B006 - typer copies it
    color: ColorOption = "auto",
) -> None:
    """Tell whether a change of the manifest may be merged.

    Validates the manifest and its lock as they are in the head, compares both sides, asks for the approvals that
    `policy.privilege` and `policy.approvals` want, and runs every rule. The policy, the waivers and the approvers are those of
    the base: what the change itself loosens does not count yet. Reads git's objects: no server is started, nothing is installed
    or fetched, no hook runs; where the base has `policy.signers`, ssh-keygen and gpg look at signatures. Exits 3 if something is in the way of merging, 1 if one side cannot be read.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.review import Asked
    from mcpconf.review import check as judge

    if bool(reviews) != bool(author):
        raise usage("`--reviews` and `--author` go together", "an author's own approval must be known not to count")
    output = Output(format, style_for(color), out_files(out_format, get_args(ReviewFormat)))
    asked = Asked(manifest, base or _base_of_build(), head, merge, reviews, author)
    try:
        found = judge(asked)
    except McpconfError as error:
        _show_problems(error, manifest, output)
        raise typer.Exit(error.code) from None
    _show(found, manifest, output)
    raise typer.Exit(found.code)


def _show(found: Review, manifest: str, output: Output) -> None:
    from mcpconf.report import formats
    from mcpconf.report.reviewing import render_review, review_report

    code = int(found.code)
    refuse_files(output.files, None, None, [*found.documents, manifest])
    run = run_of("check", code, manifest, output.style, found.scrubber)
    output.show(
        lambda style: render_review(found.difference, found.findings, style, blocked=bool(code)),
        lambda: _named(review_report(found.difference, code, found.findings, found.ancestor), run),
        found.scrubber,
        formats.of_review(found.difference, found.findings, found.fail_on, run),
    )


def _show_problems(error: McpconfError, manifest: str, output: Output) -> None:
    from mcpconf.cli.output import error_text, talk
    from mcpconf.report import formats
    from mcpconf.report.data import error_data

    refuse_files(output.files, None, None, [manifest])
    talk(error_text(*error.problems).removesuffix("\n"))
    run = run_of("check", error.code, manifest, output.style)
    output.show(lambda _: "", lambda: error_data(error), None, formats.of_problems(error.problems, run))


def _named(report: ReviewReport, run: Run) -> dict[str, Json]:
    """The manifest is told as from the top of its repository, so that the report can be shown elsewhere."""
    place = run.ground.place(run.ground.document)
    return report.model_copy(update={"manifest": place.path if place is not None else ""}).model_dump()


def show_review(report: ReviewReport, output: Output) -> None:
    """A saved one, as the command that made it printed it: only `check` names the commit that both sides come from."""
    from mcpconf.report import formats
    from mcpconf.report.reviewing import render_difference, render_review, reviewed

    if output.format == "ndjson":
        raise usage("a review has no `ndjson`", "`--format json` has all of it")
    difference, findings = reviewed(report)
    if report.ancestor:
        run = run_of("check", report.exit_code, report.manifest, output.style)
        others = formats.of_review(difference, findings, "error", run)
    else:
        others = formats.of_difference(difference, run_of("diff", report.exit_code, report.manifest, output.style))
        if output.format not in ("text", "json", *others):
            raise usage(f"what `diff` tells has no `{output.format}`", "`--format markdown`, `text` or `json`")
    output.show(
        lambda style: (
            render_review(difference, findings, style, blocked=bool(report.exit_code))
            if report.ancestor
            else render_difference(difference, style)
        ),
        report.model_dump,
        None,
        others,
    )


def _base_of_build() -> str:
    """The branch or commit that a build says a change is to be merged into. Raises McpconfError (exit 64)."""
    if branch := os.environ.get("GITHUB_BASE_REF"):
        return f"origin/{branch}"
    if commit := os.environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA"):
        return commit
    raise usage("there is no base to compare with", "`mcpconf check --base main`")


def diff(
    revisions: Annotated[
        str,
        typer.Argument(
            metavar="A..B",
            help="Two revisions; with three dots from where B left A; `A` alone against the file as it is.",
        ),
    ],
    manifest: ManifestOption = DEFAULT_MANIFEST,
    format: Annotated[
        DifferenceFormat,
        typer.Option("--format", help="How to print the result. The exit code is the same in every format."),
    ] = "text",
    out_format: OutFormatOption = [],  # noqa: B006 - typer copies it
    color: ColorOption = "auto",
    pager: PagerOption = True,
) -> None:
    """Tell what a change of the manifest lets happen.

    Server by server and key by key of the policy, with the direction and the severity of each change; hosts that get a server,
    tools that it shows, and what the lock holds it to are part of it. Looks at no machine. Exits 2 if something may do more than
    before or nobody can tell, 0 if all is the same or narrower.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report import formats
    from mcpconf.report.reviewing import render_difference, review_report
    from mcpconf.review import diff as compare

    files = out_files(out_format, get_args(DifferenceFormat))
    style = style_for(color)
    found, scrubber = compare(manifest, revisions)
    code = 2 if found.gains else 0
    refuse_files(files, None, None, [manifest])
    run = run_of("diff", code, manifest, style, scrubber)
    Output(format, style, files, pager=pager).show(
        lambda style: render_difference(found, style),
        lambda: _named(review_report(found, code), run),
        scrubber,
        formats.of_difference(found, run),
    )
    raise typer.Exit(code)
