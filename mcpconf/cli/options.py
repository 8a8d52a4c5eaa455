"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from mcpconf.ports import Machine

Format = Literal["text", "json"]
Color = Literal["auto", "always", "never"]
Conflict = Literal["fail", "keep", "overwrite"]

ManifestOption = Annotated[str, typer.Option("--manifest", "-m", metavar="PATH", help="The manifest.")]
RootOption = Annotated[
    str | None, typer.Option("--root", metavar="DIR", help="Take DIR, with its machine.yaml, for the whole machine.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the result.")]
ColorOption = Annotated[Color, typer.Option("--color", help="Colour only adds; the text is the same without.")]
TargetOption = Annotated[
    list[str],
    typer.Option("--target", metavar="ADDRESS", help="Only these: addresses, patterns, names or item numbers."),
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
LockOption = Annotated[
    float, typer.Option("--lock-timeout", metavar="SECONDS", help="How long to wait for another run.")
]

DEFAULT_MANIFEST = "mcpconf.yaml"


def machine(root: str | None) -> Machine:
    from mcpconf.system.facts import real_machine, rooted_machine

    return rooted_machine(root) if root is not None else real_machine()


def writable_machine(root: str | None) -> Machine:
    """Refuses to write to the real machine in another user's name."""
    from mcpconf.system.facts import refuse_foreign_home

    if root is None:
        refuse_foreign_home()
    return machine(root)
