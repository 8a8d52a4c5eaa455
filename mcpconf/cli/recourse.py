"""Commands that look back, and go back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mcpconf.cli.asking import Asking, answer, asked, refuse_without_terminal, usage
from mcpconf.cli.options import (
    DEFAULT_MANIFEST,
    ColorOption,
    ConflictOption,
    ExcludeOption,
    FormatOption,
    LockOption,
    ManifestOption,
    MassOption,
    MoveOption,
    PagerOption,
    PrivilegeOption,
    RootOption,
    TargetOption,
    choices,
    machine,
    writable_machine,
)
from mcpconf.errors import ExitCode

if TYPE_CHECKING:
    from mcpconf.cli.output import Output
    from mcpconf.ports import Machine

LOCK_SECONDS = 30.0
LogFormat = Literal["text", "json", "ndjson"]


def rollback(
    generation: Annotated[int, typer.Argument(metavar="GENERATION", min=1, help="A number that `history` lists.")],
    manifest: ManifestOption = DEFAULT_MANIFEST,
    root: RootOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would do.")] = False,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="With --dry-run, exit 2 if there is anything to do.")
    ] = False,
    target: TargetOption = [],  # noqa: B006 - typer copies it
    exclude: ExcludeOption = [],  # noqa: B006
    on_conflict: ConflictOption = None,
    allow_mass_removal: MassOption = False,
    move_secrets: MoveOption = False,
    max_privilege: PrivilegeOption = None,
    lock_timeout: LockOption = LOCK_SECONDS,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Go back to an earlier generation.

    Plans what it takes to have again what mcpconf had written then, shows it, asks, and applies it, as apply does. What was
    revoked stays away, and so does what the manifest forbids by now. Afterwards the machine is pinned: apply only takes
    away until the manifest has another commit, or with `--unpin`.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.recourse import rollback as back
    from mcpconf.report.data import outcome_data, plan_data
    from mcpconf.report.outcome import render_outcome
    from mcpconf.report.text import render_plan

    more = {"mass": allow_mass_removal, "move": move_secrets, "unpin": False}
    agreed = max_privilege or (None if yes or dry_run else "critical")
    chosen = choices(target, exclude, on_conflict, privilege=agreed, **more)
    if not (yes or dry_run):
        refuse_without_terminal("pass `--yes`, or look first with `--dry-run`", json=format == "json")
    here = machine(root) if dry_run else writable_machine(root)
    output = Output(format, style_for(color, here.facts.home))
    if dry_run:
        made = back.plan(here, manifest, generation, chosen)
        code = made.plan.detailed_exit_code if detailed_exitcode else made.plan.exit_code
        output.show(lambda style: render_plan(made.plan, style, code=code), lambda: plan_data(made.plan), made.scrubber)
        raise typer.Exit(code)
    asking = Asking(output, unasked=yes)
    outcome = back.rollback(here, (manifest, generation, chosen), asking.confirm, lock_timeout)
    told = asking.quiet and outcome.end == "nothing"
    output.show(
        lambda style: "" if told else render_outcome(outcome, style), lambda: outcome_data(outcome), asking.scrubber
    )
    raise typer.Exit(outcome.exit_code)


def history(
    root: RootOption = None, format: FormatOption = "text", color: ColorOption = "auto", pager: PagerOption = True
) -> None:
    """List the generations that this machine can go back to.

    Each apply that changed something left one: its number, when and by whom, the commit of the manifest (`+` for one with
    uncommitted changes), what was done. Newest first; the last ten are kept. `rollback` goes back.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.recourse.history import history as look_back
    from mcpconf.report.history import history_data, render_history

    here = machine(root)
    found = look_back(here)
    Output(format, style_for(color, here.facts.home), pager=pager).show(
        lambda style: render_history(found.generations, found.current, style),
        lambda: history_data(found.generations, found.current),
    )


def destroy(
    root: RootOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would do.")] = False,
    lock_timeout: LockOption = LOCK_SECONDS,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Remove everything that mcpconf wrote, and its memory last.

    Every server that it wrote, what it declared for them, the approvals that go by their names, and files that it made and
    that nothing else is in. What was there before and was never written to stays. Needs no manifest. Only when all of it is
    seen to be gone, the store goes, and the folder with state, key, log and backups.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.cli.streams import emit
    from mcpconf.recourse import destroy as leave
    from mcpconf.report.destruction import destroyed_data, render_destroyed, render_destruction
    from mcpconf.system.workshop import trees_of

    if not (yes or dry_run):
        refuse_without_terminal("pass `--yes`, or look first with `--dry-run`", json=format == "json")
    here = machine(root) if dry_run else writable_machine(root)
    output = Output(format, style_for(color, here.facts.home))
    if dry_run:
        raise typer.Exit(_would_destroy(here, output))

    def show(found: leave.Destruction) -> None:
        if not output.json:
            plan = found.planned.plan
            emit(output.rendered(lambda style: render_destruction(plan, found, style), dict, found.planned.scrubber))

    done = leave.destroy(
        here,
        trees_of(here, root or ""),
        lambda *_: "not asked" if yes else answer("Remove all of this?"),
        show,
        lock_timeout,
    )
    output.show(
        lambda style: render_destroyed(done.outcome, done.removed, done.left, style),
        lambda: destroyed_data(done.outcome, done.removed, done.left),
    )
    raise typer.Exit(done.outcome.exit_code)


def _would_destroy(here: Machine, output: Output) -> int:
    from mcpconf.recourse import destroy as leave
    from mcpconf.report.destruction import destruction_data, render_destruction

    found = leave.plan(here)
    plan = found.planned.plan
    output.show(
        lambda style: render_destruction(plan, found, style, plan.exit_code),
        lambda: destruction_data(plan, found),
        found.planned.scrubber,
    )
    return plan.exit_code


def backups(
    what: Annotated[Literal["list", "purge"], typer.Argument(help="List what is kept, or delete some of it.")] = "list",
    root: RootOption = None,
    secrets: Annotated[bool, typer.Option("--secrets", help="Delete what a secret may lie in.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Delete all of it.")] = False,
    older_than: Annotated[
        int | None, typer.Option("--older-than", metavar="DAYS", min=0, help="Delete what is at least so old.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    lock_timeout: LockOption = LOCK_SECONDS,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """List the old content of files that is kept, or delete it.

    Before a file is changed, a copy of it is kept for some days: seven if a secret may lie in it. Only `recover` reads them;
    `rollback` needs none. `mcpconf backups purge --secrets` deletes those that matter.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.recourse import backups as kept
    from mcpconf.report.backups import backups_data, render_backups, render_purged

    which = kept.Which(all=everything, secrets=secrets, days=older_than)
    if (what == "purge") != (which != kept.Which()):
        raise usage("`purge` needs to know what to delete", "say `purge` with `--secrets`, `--older-than` or `--all`")
    here = machine(root) if what == "list" else writable_machine(root)
    output = Output(format, style_for(color, here.facts.home))
    if what == "list":
        found = kept.backups(here)
        output.show(
            lambda style: render_backups(found, style), lambda: {"backups": backups_data(found), "exit_code": 0}
        )
        return
    if not yes:
        refuse_without_terminal("pass `--yes`, or look first with `mcpconf backups`", json=format == "json")
    purged = kept.purge(
        here, which, lambda some: yes or asked(lambda: render_backups(some, output.style), "Delete them?"), lock_timeout
    )
    code = ExitCode.STALE if purged is None else ExitCode.SUCCESS
    output.show(
        lambda style: "Answered no: nothing was deleted.\n" if purged is None else render_purged(purged, style),
        lambda: {"deleted": backups_data(purged or ()), "exit_code": int(code)},
    )
    raise typer.Exit(code)


def log(
    root: RootOption = None,
    since: Annotated[str, typer.Option("--since", metavar="DATE", help="Only from that day (UTC) on.")] = "",
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="Only the last N.")] = None,
    format: Annotated[LogFormat, typer.Option("--format", help="How to print it.")] = "text",
    color: ColorOption = "auto",
    pager: PagerOption = True,
) -> None:
    """Tell what was done to this machine, and by whom.

    One entry for each apply, rollback, recovery or revocation that wrote anything, oldest first, with every change it made. With
    `--format ndjson`, the lines as they are in the log.
    """
    from mcpconf.cli.output import Output, style_for, talk
    from mcpconf.cli.streams import emit
    from mcpconf.recourse.history import log as look_up
    from mcpconf.report.history import render_log
    from mcpconf.report.style import plural

    here = machine(root)
    found = look_up(here, since, limit)
    if format == "ndjson":
        emit("".join(f"{json.dumps(line, sort_keys=True)}\n" for line in found.lines))
        if found.damaged:
            talk(f"{plural(found.damaged, 'line')} of the log cannot be read")
        return
    Output(format, style_for(color, here.facts.home), pager=pager).show(
        lambda style: render_log(found.lines, found.damaged, style),
        lambda: {"lines": list(found.lines), "damaged": found.damaged, "exit_code": 0},
    )
