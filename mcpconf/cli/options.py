"""Options that several commands share."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mcpconf.documents.paths import lock_path

if TYPE_CHECKING:
    from mcpconf.ports import Machine
    from mcpconf.reconcile.situation import Choices
    from mcpconf.verdict import Planned

Format = Literal["text", "json"]
Color = Literal["auto", "always", "never"]
Conflict = Literal["fail", "keep", "overwrite"]
Privilege = Literal["critical", "high", "medium", "low"]

ManifestOption = Annotated[str, typer.Option("--manifest", "-m", metavar="PATH", help="The manifest.")]
RootOption = Annotated[
    str | None, typer.Option("--root", metavar="DIR", help="Take DIR, with its machine.yaml, for the whole machine.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the result.")]
ColorOption = Annotated[Color, typer.Option("--color", help="Colour only adds; the text is the same without.")]
PagerOption = Annotated[
    bool, typer.Option("--pager/--no-pager", help="On a terminal, page what is longer than the screen.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Only the result, in one line, and what went wrong.")]
TargetOption = Annotated[
    list[str],
    typer.Option(
        "--target",
        metavar="ADDRESS",
        help="Only these: an address, a pattern, a server, or numbers of the plan as 2,3.",
    ),
]
ExcludeOption = Annotated[list[str], typer.Option("--exclude", metavar="ADDRESS", help="All but these.")]
ConflictOption = Annotated[
    Conflict | None, typer.Option("--on-conflict", help="What to do where the machine has something else.")
]
MassOption = Annotated[
    bool, typer.Option("--allow-mass-removal", help="Remove more than half of what was there before the first apply.")
]
MoveOption = Annotated[
    bool, typer.Option("--move-secrets", help="Write references for literals even if the variable is not set here.")
]
UnpinOption = Annotated[bool, typer.Option("--unpin", help="Go on with the manifest after a rollback.")]
SystemOption = Annotated[
    bool, typer.Option("--system", help="Only the policies for all users of this machine; for the administrator.")
]
LockedOption = Annotated[
    bool,
    typer.Option("--locked", help="Stop if the lock is missing or stale. Where CI is set, a stale lock always stops."),
]
PrivilegeOption = Annotated[
    Privilege | None,
    typer.Option(
        "--max-privilege",
        help="Approve what `policy.privilege` wants approved, up to this severity.",
        show_default=False,
    ),
]
StopOption = Annotated[
    bool,
    typer.Option("--stop-processes", help="End what still runs of servers that are gone: processes of this user only."),
]
LockOption = Annotated[
    float, typer.Option("--lock-timeout", metavar="SECONDS", help="How long to wait for another run.")
]

DEFAULT_MANIFEST = "mcpconf.yaml"
_NUMBERS = re.compile(r"\[?([0-9]+(?:,[0-9]+)*)\]?", re.ASCII)


def machine(root: str | None, *, quiet: bool = False) -> Machine:
    """What comes next may take a while."""
    from mcpconf.cli.progress import progress
    from mcpconf.system.facts import real_machine, rooted_machine

    if not quiet:
        progress.begin("working")
    return rooted_machine(root) if root is not None else real_machine()


def writable_machine(root: str | None, *, quiet: bool = False) -> Machine:
    """Refuses to write to the real machine in another user's name."""
    from mcpconf.system.facts import refuse_foreign_home

    if root is None:
        refuse_foreign_home()
    return machine(root, quiet=quiet)


def system_machine(*, quiet: bool = False) -> Machine:
    """The real machine, for what all its users share. Raises McpconfError (exit 64) for who is not the administrator."""
    from dataclasses import replace

    from mcpconf.errors import ExitCode, McpconfError, Problem
    from mcpconf.system.facts import STATE_OF_ALL

    here = machine(None, quiet=quiet)
    if not here.facts.administers:
        message, hint = "`--system` is for the administrator", "run it as root, with the manifest of your organisation"
        raise McpconfError(ExitCode.USAGE, Problem("usage", message, None, hint))
    return replace(here, facts=replace(here.facts, state=STATE_OF_ALL))


def look(here: Machine, manifest: str, chosen: Choices | None = None, *, whole: bool = False) -> Planned:
    """A plan to look at: one that is known to hold still, or one that is made now, with the `whole` of what it tells."""
    from mcpconf.verdict import recall

    if chosen is None and strict(manifest, said=False):
        chosen = choices((), (), None, mass=False, move=False, locked=True)
    known = recall(here, manifest) if chosen is None and not whole else None
    if known is not None:
        return known
    from mcpconf import operations

    return operations.plan(here, manifest, chosen)


def choices(
    target: Iterable[str],
    exclude: Iterable[str],
    on_conflict: Conflict | None,
    *,
    mass: bool,
    move: bool,
    unpin: bool = False,
    locked: bool = False,
    privilege: Privilege | None = None,
    stop: bool = False,
) -> Choices | None:
    """What was said, if anything was."""
    if not (target or exclude or on_conflict or mass or move or unpin or locked or privilege or stop):
        return None
    from dataclasses import replace

    from mcpconf.reconcile.situation import Choices

    chosen = tuple(_single(target)), tuple(_single(exclude))
    made = Choices(*chosen, on_conflict, mass, move, unpin=unpin, locked=locked, max_privilege=privilege)
    return replace(made, stop_processes=stop)


def strict(manifest: str, *, said: bool) -> bool:
    """Whether the lock must belong to the manifest: where it was asked for, and in every build that has a lock."""
    from mcpconf.cli.surroundings import in_build

    return said or (in_build() and os.path.lexists(lock_path(manifest)))


def _single(patterns: Iterable[str]) -> Iterable[str]:
    """Numbers as the plan prints them for the same change in several places: `2,3` or `[2,3]`."""
    for pattern in patterns:
        numbers = _NUMBERS.fullmatch(pattern)
        yield from numbers[1].split(",") if numbers else (pattern,)
