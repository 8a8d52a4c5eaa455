"""Commands that look at a machine and leave it as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, get_args

import typer

from mcpconf.cli.options import (
    DEFAULT_MANIFEST,
    ColorOption,
    ConflictOption,
    ExcludeOption,
    LockedOption,
    ManifestOption,
    MassOption,
    MoveOption,
    PagerOption,
    PrivilegeOption,
    QuietOption,
    RootOption,
    StopOption,
    TargetOption,
    UnpinOption,
    choices,
    look,
    machine,
    strict,
)
from mcpconf.cli.reporting import (
    DriftFormat,
    DriftFormatOption,
    OutFormatOption,
    PlanFormat,
    PlanFormatOption,
    StateFormat,
    StateFormatOption,
    only_of_every_command,
    out_files,
    refuse_files,
    run_of,
)

if TYPE_CHECKING:
    from mcpconf.ports import Machine
    from mcpconf.reconcile.situation import Choices
    from mcpconf.report.diff import EditedFile
    from mcpconf.verdict import Planned


LiveOption = Annotated[
    bool, typer.Option("--live", help="Also start the servers that are locked with a surface, and ask them.")
]
DetailedOption = Annotated[
    bool, typer.Option("--detailed-exitcode", help="Exit 2 if there are changes, drift or conflicts.")
]
OutOption = Annotated[str | None, typer.Option("--out", metavar="FILE", help="Save the plan for `mcpconf apply`.")]
DiffOption = Annotated[bool, typer.Option("--diff", help="Also show the lines of files that would change.")]


def plan(
    manifest: ManifestOption = DEFAULT_MANIFEST,
    root: RootOption = None,
    target: TargetOption = [],  # noqa: B006 - typer copies it
    exclude: ExcludeOption = [],  # noqa: B006
    on_conflict: ConflictOption = None,
    allow_mass_removal: MassOption = False,
    move_secrets: MoveOption = False,
    unpin: UnpinOption = False,
    locked: LockedOption = False,
    max_privilege: PrivilegeOption = None,
    stop_processes: StopOption = False,
    live: LiveOption = False,
    detailed_exitcode: DetailedOption = False,
    out: OutOption = None,
    diff: DiffOption = False,
    quiet: QuietOption = False,
    format: PlanFormatOption = "text",
    out_format: OutFormatOption = [],  # noqa: B006
    color: ColorOption = "auto",
    pager: PagerOption = True,
) -> None:
    """Show what apply would do, and why.

    First what servers may do that they could not before, then what was changed by hand, every change with its number,
    and what is left alone. Writes to no host file. Exits 0 with or without changes, 3 if blocked or held, 8 if unsure.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report import formats
    from mcpconf.report.data import plan_data
    from mcpconf.report.text import render_plan, verdict

    files = out_files(out_format, get_args(PlanFormat))
    here = machine(root, quiet=quiet)
    more = {"mass": allow_mass_removal, "move": move_secrets, "unpin": unpin, "locked": strict(manifest, said=locked)}
    chosen = choices(target, exclude, on_conflict, privilege=max_privilege, stop=stop_processes, **more)
    chosen = _asked(here, manifest, root, chosen) if live else chosen
    planned = look(here, manifest, chosen, whole=bool(files)) if not out else _saved(here, manifest, out, chosen)
    edited = _edited(here, planned) if diff else None
    code = planned.plan.detailed_exit_code if detailed_exitcode else planned.plan.exit_code
    style = style_for(color, here.facts.home)
    refuse_files(files, here, planned, (*planned.layers, *([out] if out else [])))
    Output(format, style, files, pager).show(
        lambda style: verdict(planned.plan, style) if quiet else render_plan(planned.plan, style, edited or (), code),
        lambda: plan_data(planned.plan, edited),
        planned.scrubber,
        formats.of_plan(planned.plan, run_of("plan", code, manifest, style, planned.scrubber)),
    )
    _tell_saved(planned, "" if quiet else out or "")
    raise typer.Exit(code)


def _tell_saved(planned: Planned, out: str) -> None:
    from mcpconf.cli.output import said, talk
    from mcpconf.report.text import saved_text

    if out:
        talk(saved_text(planned.plan, f"mcpconf apply {said(out)}"))


def _asked(here: Machine, manifest: str, root: str | None, chosen: Choices | None) -> Choices:
    """With what servers show that are asked now."""
    from dataclasses import replace

    from mcpconf.cli.probing import live_surfaces
    from mcpconf.reconcile.situation import Choices

    return replace(chosen or Choices(), live=live_surfaces(here, manifest, root))


def _saved(here: Machine, manifest: str, out: str, chosen: Choices | None) -> Planned:
    from mcpconf import operations

    return operations.save_plan(here, manifest, out, chosen)


def _edited(here: Machine, planned: Planned) -> list[EditedFile]:
    from mcpconf import operations

    return operations.edited_files(here, planned)


def status(
    manifest: ManifestOption = DEFAULT_MANIFEST,
    root: RootOption = None,
    format: StateFormatOption = "text",
    out_format: OutFormatOption = [],  # noqa: B006
    color: ColorOption = "auto",
    pager: PagerOption = True,
) -> None:
    """List what differs, one line each.

    The first letter tells what happened on the machine since the last apply (A added, M modified, D deleted), the second
    what apply would do (A add, M modify, R replace, D delete, C conflict, X held, ! not checked). `??` is unmanaged,
    `!!` a file that could not be checked, `!R` revoked and still effective. Exits 0, 2, 3 or 8, as verify does.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report import formats
    from mcpconf.report.data import plan_data
    from mcpconf.report.status import render_status

    files = out_files(out_format, get_args(StateFormat))
    here = machine(root)
    planned = look(here, manifest, whole=bool(files))
    style = style_for(color, here.facts.home)
    refuse_files(files, here, planned, planned.layers)
    Output(format, style, files, pager).show(
        lambda style: render_status(planned.plan, style),
        lambda: plan_data(planned.plan),
        planned.scrubber,
        formats.of_state(
            planned.plan, run_of("status", planned.plan.detailed_exit_code, manifest, style, planned.scrubber)
        ),
    )
    raise typer.Exit(planned.plan.detailed_exit_code)


def verify(
    manifest: ManifestOption = DEFAULT_MANIFEST,
    root: RootOption = None,
    format: StateFormatOption = "text",
    out_format: OutFormatOption = [],  # noqa: B006
    color: ColorOption = "auto",
) -> None:
    """Tell whether the machine is in sync.

    Exits 0 if it is as the manifest says, 2 if it differs, 3 if something is blocked or held, 8 if something could not
    be checked.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report import formats
    from mcpconf.report.data import plan_data
    from mcpconf.report.text import verdict

    files = out_files(out_format, get_args(StateFormat))
    here = machine(root)
    planned = look(here, manifest, whole=bool(files))
    style = style_for(color, here.facts.home)
    refuse_files(files, here, planned, planned.layers)
    Output(format, style, files).show(
        lambda style: verdict(planned.plan, style),
        lambda: plan_data(planned.plan),
        planned.scrubber,
        formats.of_state(
            planned.plan, run_of("verify", planned.plan.detailed_exit_code, manifest, style, planned.scrubber)
        ),
    )
    raise typer.Exit(planned.plan.detailed_exit_code)


def drift(
    manifest: ManifestOption = DEFAULT_MANIFEST,
    root: RootOption = None,
    format: DriftFormatOption = "text",
    out_format: OutFormatOption = [],  # noqa: B006
    color: ColorOption = "auto",
    pager: PagerOption = True,
) -> None:
    """List what was changed outside apply, by kind.

    Each difference has an id that is the same on every machine and run, and says whether apply will undo it. What only the
    manifest brings is no drift. Exits 0 or 2 for none or some, 3 if something is blocked or held, 8 if something could not
    be checked.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.reconcile.drifted import drift_report
    from mcpconf.report import formats
    from mcpconf.report.drift import render_drift

    files = out_files(out_format, get_args(DriftFormat))
    here = machine(root)
    planned = look(here, manifest, whole=bool(files))
    found = drift_report(planned.plan)
    style = style_for(color, here.facts.home)
    refuse_files(files, here, planned, planned.layers)
    Output(format, style, files, pager).show(
        lambda style: render_drift(found, style),
        found.model_dump,
        planned.scrubber,
        formats.of_drift(found, planned.plan, run_of("drift", found.exit_code, manifest, style, planned.scrubber)),
    )

    raise typer.Exit(found.exit_code)


def show(
    what: Annotated[
        str, typer.Argument(metavar="PLAN|REVIEW|state", help="A saved plan or review, or the word `state`.")
    ],
    root: RootOption = None,
    format: PlanFormatOption = "text",
    color: ColorOption = "auto",
    pager: PagerOption = True,
) -> None:
    """Print a saved plan or review, or the state.

    A plan is shown whether it still fits or not. A review is what `check` and `diff` print as JSON: it is read as whatever
    others wrote, so that one from elsewhere can be shown. The word `state` shows what mcpconf remembers of this machine; a
    file of that name is `./state`.
    """
    from mcpconf import operations
    from mcpconf.cli.output import Output, style_for
    from mcpconf.cli.reviewing import show_review
    from mcpconf.model.plan import Plan
    from mcpconf.report import formats
    from mcpconf.report.data import plan_data
    from mcpconf.report.state import render_state
    from mcpconf.report.text import render_plan

    if what == "state":
        only_of_every_command(format)
        here = machine(root)
        state = operations.state(here)
        Output(format, style_for(color, here.facts.home), pager=pager).show(
            lambda style: render_state(state, style), state.model_dump
        )
        return
    saved = operations.saved(what)
    style = style_for(color)
    output = Output(format, style, pager=pager)
    if not isinstance(saved, Plan):
        show_review(saved, output)
        return
    output.show(
        lambda style: render_plan(saved, style),
        lambda: plan_data(saved),
        None,
        formats.of_plan(saved, run_of("plan", saved.detailed_exit_code, saved.origin.manifest, style)),
    )
