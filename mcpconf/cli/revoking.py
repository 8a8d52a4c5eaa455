"""The emergency stop."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mcpconf.cli.asking import answered_yes, refuse_without_terminal, usage
from mcpconf.cli.options import (
    DEFAULT_MANIFEST,
    ColorOption,
    FormatOption,
    LockOption,
    ManifestOption,
    RootOption,
    StopOption,
    machine,
    writable_machine,
)
from mcpconf.cli.people import EverybodyOption, UserOption, as_others, described
from mcpconf.errors import ExitCode

if TYPE_CHECKING:
    from mcpconf.cli.output import Output
    from mcpconf.recourse.revoke import Asked, Revocation

LOCK_SECONDS = 30.0
_BY_ROOT = "by the administrator"
_OPTIONS = ("--yes", "--undo", "--list", "--dry-run", "--stop-processes")


def revoke(
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="SERVER|ADDRESS|grant:ADDRESS", help="A server, an entry, or an approval; or a pattern."
        ),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept, logged and told.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Allow again what was revoked here.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Tell what is revoked here.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be taken away, and do nothing.")] = False,
    stop_processes: StopOption = False,
    user: UserOption = None,
    all_users: EverybodyOption = False,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    root: RootOption = None,
    lock_timeout: LockOption = LOCK_SECONDS,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Take a server off this machine, now.

    Every entry of it goes, under whatever name, and every approval by its names; what mcpconf may not write is told with
    what to do. It needs no network, git or manifest, and beats the manifest: what comes back is taken away, until the
    manifest drops it or `--undo`. Exits 0 if it is gone, 2 if something is left to be done by hand, 8 if it may hide in
    what could not be read. With `--user` or `--all-users` in processes of others; the gravest exit code counts.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.recourse.revoke import Asked

    if user is not None or all_users:
        on = [*compress(_OPTIONS, (yes, undo, listed, dry_run, stop_processes))]
        kept = ["--reason", reason or _BY_ROOT, "--lock-timeout", f"{lock_timeout:g}", *described(manifest, format)]
        words = ["revoke", *on, *kept, "--", *filter(None, [target])]
        if not {*on} - {"--stop-processes"}:
            raise usage("nobody is asked in the name of others", "look with `--dry-run`, then pass `--yes`")
        as_others(user, words, everybody=all_users, root=root, output=Output(format, style_for(color, "")))
    if listed:
        if target is not None or undo or dry_run:
            raise usage("`--list` takes nothing else", "`mcpconf revoke --list`")
        _list(root, format, color)
        return
    if target is None:
        raise usage("nothing to revoke is named", "name a server or an address; `--list` tells what is revoked here")
    if undo:
        _undo(target, root, lock_timeout, format, color)
        return
    asked = Asked(target, reason, stop_processes)
    _revoke(asked, manifest, root, lock_timeout, format, color, yes=yes, dry_run=dry_run)


def _revoke(
    asked: Asked,
    manifest: str,
    root: str | None,
    lock_timeout: float,
    format: Literal["text", "json"],
    color: str,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    from mcpconf.cli.output import Output, style_for
    from mcpconf.recourse.revoke import look, revoke
    from mcpconf.report.data import outcome_data, plan_data
    from mcpconf.report.revoked import render_revoked, revoked_data

    if dry_run:
        here = machine(root)
        output = Output(format, style_for(color, here.facts.home))
        found = look(here, manifest, asked)
        _show(output, found)
        raise typer.Exit(found.plan.exit_code)
    if not yes:
        refuse_without_terminal("pass `--yes`", json=format == "json")
    here = writable_machine(root)
    output = Output(format, style_for(color, here.facts.home))

    def confirm(found: Revocation) -> Literal["yes", "no"]:
        if not output.json:
            _show(output, found)
        return "yes" if yes or answered_yes("Revoke it on this machine?") else "no"

    left, outcome = revoke(here, manifest, asked, confirm, lock_timeout)
    output.show(
        lambda style: render_revoked(left.plan, left.revoked, outcome, style),
        lambda: {
            "revoked": revoked_data(left.revoked),
            "outcome": outcome_data(outcome),
            "left": plan_data(left.plan),
            "listed": list(left.listed),
            "exit_code": outcome.exit_code,
        },
        left.scrubber,
    )
    raise typer.Exit(outcome.exit_code)


def _show(output: Output, found: Revocation) -> None:
    from mcpconf.report.data import plan_data
    from mcpconf.report.revoked import render_revocation

    output.show(
        lambda style: render_revocation(found.plan, found.revoked, found.listed, style),
        lambda: plan_data(found.plan),
        found.scrubber,
    )


def _undo(target: str, root: str | None, lock_timeout: float, format: Literal["text", "json"], color: str) -> None:
    from mcpconf.cli.output import Output, style_for
    from mcpconf.recourse.revoke import undo
    from mcpconf.report.revoked import render_undone, revoked_data

    here = writable_machine(root)
    undone = undo(here, target, lock_timeout)
    Output(format, style_for(color, here.facts.home)).show(
        lambda style: render_undone(undone, style),
        lambda: {"undone": revoked_data(undone), "exit_code": int(ExitCode.SUCCESS)},
    )


def _list(root: str | None, format: Literal["text", "json"], color: str) -> None:
    from mcpconf.cli.output import Output, style_for
    from mcpconf.recourse.revoke import revoked
    from mcpconf.report.revoked import render_list, revoked_data

    here = machine(root)
    found = revoked(here)
    Output(format, style_for(color, here.facts.home)).show(
        lambda style: render_list(found, style),
        lambda: {"revoked": [revoked_data(item) for item in found], "exit_code": int(ExitCode.SUCCESS)},
    )
