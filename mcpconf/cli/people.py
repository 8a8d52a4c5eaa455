"""Commands that an administrator runs as other users, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from mcpconf.cli.asking import usage
from mcpconf.cli.options import Format

if TYPE_CHECKING:
    from mcpconf.cli.output import Output

UserOption = Annotated[
    str | None,
    typer.Option("--user", metavar="NAME", help="As another user of this machine; for the administrator."),
]
EverybodyOption = Annotated[
    bool, typer.Option("--all-users", help="As every user of this machine in turn; for the administrator.")
]

_SECONDS = 300.0
"""That one user may take beyond waiting for a lock: nobody keeps an administrator from the next."""


def described(manifest: str, format: Format) -> list[str]:
    """Options that mean the same for a process that starts elsewhere."""
    return ["--manifest", str(Path(manifest).absolute()), "--format", format]


def as_others(user: str | None, words: Sequence[str], *, everybody: bool, root: str | None, output: Output) -> NoReturn:
    """Exits with the gravest code of all."""
    from mcpconf.report.people import gravest, people_data, render_people
    from mcpconf.system.people import people, person, run_as

    if root is not None or (user is not None and everybody):
        raise usage("`--user`, `--all-users` and `--root` are different machines", "leave all but one of them out")
    meant = people() if user is None else (person(user),)
    answers = [run_as(each, words, _SECONDS) for each in meant]
    output.show(lambda style: render_people(answers, style), lambda: people_data(answers))
    raise typer.Exit(gravest(answers))
