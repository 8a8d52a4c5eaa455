"""Commands that change a machine, or what mcpconf remembers of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from mcpconf.cli.asking import Asking, refuse_without_terminal, usage
from mcpconf.cli.installing import fill_store
from mcpconf.cli.locking import OfflineOption
from mcpconf.cli.options import (
    DEFAULT_MANIFEST,
    ColorOption,
    ConflictOption,
    ExcludeOption,
    FormatOption,
    LockedOption,
    LockOption,
    ManifestOption,
    MassOption,
    MoveOption,
    PrivilegeOption,
    QuietOption,
    RootOption,
    StopOption,
    SystemOption,
    TargetOption,
    UnpinOption,
    choices,
    strict,
    system_machine,
    writable_machine,
)
from mcpconf.errors import ExitCode

if TYPE_CHECKING:
    from mcpconf.ports import Machine

LOCK_SECONDS = 30.0


def apply(
    plan: Annotated[str | None, typer.Argument(metavar="PLAN", help="A saved plan; it is not planned again.")] = None,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    root: RootOption = None,
    system: SystemOption = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    target: TargetOption = [],  # noqa: B006
    exclude: ExcludeOption = [],  # noqa: B006
    on_conflict: ConflictOption = None,
    allow_mass_removal: MassOption = False,
    move_secrets: MoveOption = False,
    unpin: UnpinOption = False,
    locked: LockedOption = False,
    max_privilege: PrivilegeOption = None,
    stop_processes: StopOption = False,
    offline: OfflineOption = False,
    lock_timeout: LockOption = LOCK_SECONDS,
    quiet: QuietOption = False,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Make the plan true.

    First builds what is to be started from the store. Shows the plan and asks, unless `--yes` is given or the plan was saved. Answering yes also approves what `policy.privilege` wants approved; `--yes` does not. What takes away is written first and
    never rolled back; a conflict stops only the rest. Exits 4 if nothing was written, 5 if only what takes away was.
    """
    from mcpconf import operations
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.data import outcome_data
    from mcpconf.report.outcome import render_outcome

    more = {"mass": allow_mass_removal, "move": move_secrets, "unpin": unpin, "locked": strict(manifest, said=locked)}
    agreed = max_privilege or (None if yes else "critical")
    chosen = choices(target, exclude, on_conflict, privilege=agreed, stop=stop_processes, **more)
    if plan is None and not yes:
        refuse_without_terminal("pass `--yes`, or apply a saved plan", json=format == "json", quiet=quiet)
    if plan is not None and (target or exclude or on_conflict or any(more.values()) or max_privilege or stop_processes):
        raise usage("a saved plan is applied as it is", "leave out the options that choose, or make a new plan")
    here = _machine(root, system=system, quiet=quiet)
    output = Output(format, style_for(color, here.facts.home))
    asking = Asking(output, unasked=yes, silent=quiet)
    if plan is not None:
        outcome = operations.apply_saved(here, plan, lock_timeout)
    else:
        if root is None and not system:
            fill_store(here, manifest, offline=offline, quiet=quiet)
        outcome = operations.apply(here, manifest, asking.confirm, chosen, lock_timeout)
    text = (lambda _style: "") if asking.quiet and outcome.end == "nothing" else partial(render_outcome, outcome)
    output.show(text, lambda: outcome_data(outcome), asking.scrubber)
    raise typer.Exit(outcome.exit_code)


def _machine(root: str | None, *, system: bool, quiet: bool) -> Machine:
    if not system:
        return writable_machine(root, quiet=quiet)
    if root is not None:
        raise usage("`--system` is this machine, and `--root` another one", "leave one of the two out")
    return system_machine(quiet=quiet)


def accept(
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS", help="Unmanaged entries or approvals.")],
    manifest: ManifestOption = DEFAULT_MANIFEST,
    root: RootOption = None,
    lock_timeout: LockOption = LOCK_SECONDS,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Mark an unmanaged entry as seen.

    It stays where it is and is not counted as drift any more, until it changes. `mcpconf status` lists the addresses.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.recourse.accept import accept as mark_seen

    here = writable_machine(root)
    seen = mark_seen(here, manifest, tuple(dict.fromkeys(addresses)), lock_timeout)
    Output(format, style_for(color, here.facts.home)).show(
        lambda style: "".join(f"accepted {style.path(address)}\n" for address in seen),
        lambda: {"accepted": list(seen), "exit_code": int(ExitCode.SUCCESS)},
    )


def recover(
    root: RootOption = None,
    lock_timeout: LockOption = LOCK_SECONDS,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Settle an apply that was interrupted.

    Removals that had begun are finished, the rest is undone, and only where the files still hold what mcpconf wrote.
    """
    from mcpconf import operations
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.data import outcome_data
    from mcpconf.report.outcome import render_recovery

    here = writable_machine(root)
    outcome = operations.recover(here, lock_timeout)
    Output(format, style_for(color, here.facts.home)).show(
        lambda style: render_recovery(outcome, style), lambda: outcome_data(outcome)
    )
    raise typer.Exit(outcome.exit_code)
