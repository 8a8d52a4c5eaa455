"""Commands that look at a machine, or change it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from mcpconf.cli.options import (
    DEFAULT_MANIFEST,
    ColorOption,
    Conflict,
    ConflictOption,
    ExcludeOption,
    FormatOption,
    LockOption,
    ManifestOption,
    MassOption,
    MoveOption,
    RootOption,
    TargetOption,
    machine,
    writable_machine,
)
from mcpconf.errors import ExitCode, McpconfError, Problem

if TYPE_CHECKING:
    from mcpconf.cli.output import Output
    from mcpconf.model.plan import Plan
    from mcpconf.operations import Confirm
    from mcpconf.reconcile.situation import Choices
    from mcpconf.secrets import Scrubber

LOCK_SECONDS = 30.0


def plan(
    manifest: ManifestOption = DEFAULT_MANIFEST,
    root: RootOption = None,
    target: TargetOption = [],  # noqa: B006 - typer copies it
    exclude: ExcludeOption = [],  # noqa: B006
    on_conflict: ConflictOption = None,
    allow_mass_removal: MassOption = False,
    move_secrets: MoveOption = False,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 2 if there are changes.")
    ] = False,
    out: Annotated[str | None, typer.Option("--out", metavar="FILE", help="Save the plan for `mcpconf apply`.")] = None,
    diff: Annotated[bool, typer.Option("--diff", help="Also show the lines of files that would change.")] = False,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Show what apply would do, and what has drifted. Writes nothing."""
    from mcpconf import operations
    from mcpconf.cli.output import Output, style_for, talk
    from mcpconf.report.data import plan_data
    from mcpconf.report.text import render_plan

    here = machine(root)
    choices = _choices(target, exclude, on_conflict, allow_mass_removal=allow_mass_removal, move_secrets=move_secrets)
    planned = operations.save_plan(here, manifest, out, choices) if out else operations.plan(here, manifest, choices)
    output = Output(format == "json", style_for(color, here.facts.home))
    text = render_plan(planned.plan, output.style, detailed=detailed_exitcode)
    if diff:
        text += operations.differences(here, planned, output.style)
    output.show(text, plan_data(planned.plan), planned.scrubber)
    if out:
        talk(f"saved the plan; to make exactly these changes: mcpconf apply {out}")
    raise typer.Exit(planned.plan.detailed_exit_code if detailed_exitcode else planned.plan.exit_code)


def apply(
    plan: Annotated[str | None, typer.Argument(metavar="[PLAN]", help="A saved plan; it is not planned again.")] = None,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    root: RootOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    target: TargetOption = [],  # noqa: B006
    exclude: ExcludeOption = [],  # noqa: B006
    on_conflict: ConflictOption = None,
    allow_mass_removal: MassOption = False,
    move_secrets: MoveOption = False,
    lock_timeout: LockOption = LOCK_SECONDS,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Make the plan true: what takes away first, then the rest. Asks on a terminal."""
    from mcpconf import operations
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.data import outcome_data
    from mcpconf.report.outcome import render_outcome

    here = writable_machine(root)
    output = Output(format == "json", style_for(color, here.facts.home))
    if plan is not None:
        outcome = operations.apply_saved(here, plan, lock_timeout)
    else:
        if not yes and not (sys.stdin.isatty() and sys.stdout.isatty()):
            problem = Problem("usage", "there is no terminal to ask on", None, "pass `--yes`, or apply a saved plan")
            raise McpconfError(ExitCode.USAGE, problem)
        choices = _choices(
            target, exclude, on_conflict, allow_mass_removal=allow_mass_removal, move_secrets=move_secrets
        )
        confirm = _confirmation(output, ask=not yes)
        outcome = operations.apply(here, manifest, confirm, choices, lock_timeout)
    output.show(render_outcome(outcome, output.style), outcome_data(outcome))
    raise typer.Exit(outcome.exit_code)


def show(
    what: Annotated[str, typer.Argument(metavar="PLAN|state", help="A saved plan, or the word `state`.")],
    root: RootOption = None,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Print a saved plan, stale or not, or what mcpconf remembers of this machine."""
    from mcpconf import operations
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.data import plan_data
    from mcpconf.report.state import render_state
    from mcpconf.report.text import render_plan

    if what == "state":
        here = machine(root)
        output = Output(format == "json", style_for(color, here.facts.home))
        state = operations.state(here)
        output.show(render_state(state, output.style), state.model_dump(mode="json"))
        return
    output = Output(format == "json", style_for(color))
    saved = operations.saved_plan(what)
    output.show(render_plan(saved, output.style), plan_data(saved))


def status(
    manifest: ManifestOption = DEFAULT_MANIFEST,
    root: RootOption = None,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """One line per address that is not as the manifest says."""
    from mcpconf import operations
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.data import plan_data
    from mcpconf.report.status import render_status

    here = machine(root)
    planned = operations.plan(here, manifest)
    output = Output(format == "json", style_for(color, here.facts.home))
    output.show(render_status(planned.plan, output.style), plan_data(planned.plan), planned.scrubber)
    raise typer.Exit(planned.plan.detailed_exit_code)


def verify(
    manifest: ManifestOption = DEFAULT_MANIFEST,
    root: RootOption = None,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Tell by the exit code whether the machine is as the manifest says: 0, 2, 3 or 8."""
    from mcpconf import operations
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.data import plan_data
    from mcpconf.report.text import verdict

    here = machine(root)
    planned = operations.plan(here, manifest)
    output = Output(format == "json", style_for(color, here.facts.home))
    output.show(verdict(planned.plan, output.style), plan_data(planned.plan), planned.scrubber)
    raise typer.Exit(planned.plan.detailed_exit_code)


def accept(
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS...", help="Unmanaged entries or approvals.")],
    manifest: ManifestOption = DEFAULT_MANIFEST,
    root: RootOption = None,
    lock_timeout: LockOption = LOCK_SECONDS,
) -> None:
    """Mark what the manifest does not list as seen, so that it no longer counts as new."""
    from mcpconf import operations
    from mcpconf.cli.output import talk

    for address in operations.accept(writable_machine(root), manifest, tuple(addresses), lock_timeout):
        talk(f"accepted {address}")


def recover(
    root: RootOption = None,
    lock_timeout: LockOption = LOCK_SECONDS,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Settle an apply that was interrupted: finish its removals, undo the rest."""
    from mcpconf import operations
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.data import outcome_data
    from mcpconf.report.outcome import render_recovery

    here = writable_machine(root)
    outcome = operations.recover(here, lock_timeout)
    output = Output(format == "json", style_for(color, here.facts.home))
    output.show(render_recovery(outcome, output.style), outcome_data(outcome))
    raise typer.Exit(outcome.exit_code)


def hosts(root: RootOption = None, format: FormatOption = "text", color: ColorOption = "auto") -> None:
    """List the hosts mcpconf knows, which are installed, and the files each is read from."""
    from mcpconf import operations
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.hosts import hosts_data, render_hosts

    here = machine(root)
    found = operations.hosts(here)
    output = Output(format == "json", style_for(color, here.facts.home))
    output.show(render_hosts(found, output.style), hosts_data(found))


def _choices(target: list[str], exclude: list[str], on_conflict: Conflict | None, **flags: bool) -> Choices:
    from mcpconf.reconcile.situation import Choices

    return Choices(tuple(target), tuple(exclude), on_conflict, flags["allow_mass_removal"], flags["move_secrets"])


def _confirmation(output: Output, *, ask: bool) -> Confirm:
    from mcpconf.report.text import render_plan

    def confirm(plan: Plan, scrubber: Scrubber) -> bool:
        if not output.json:
            sys.stdout.write(scrubber.scrub(render_plan(plan, output.style)))
        if not ask or not any(change.writes for change in plan.changes):
            return True
        sys.stdout.flush()
        sys.stderr.write("Apply these changes? Only `yes` goes on: ")
        sys.stderr.flush()
        return sys.stdin.readline().strip() == "yes"

    return confirm
