"""The commands."""

from __future__ import annotations

import typer

from mcpconf.cli import documents, machine

EXIT_CODES = (
    "Exit codes: 0 success, 1 no plan could be made, 2 changes or drift, 3 blocked or held, 4 stale, conflict or answered"
    " no, 5 stopped with only removals made, 6 run recover, 7 lock timeout, 8 something could not be checked, 64 usage,"
    " 70 a bug, 130 interrupted, 141 broken pipe."
)

app = typer.Typer(
    help="Infrastructure as code for Model Context Protocol configuration.",
    epilog=EXIT_CODES,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=True,
    no_args_is_help=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from mcpconf import __version__

        typer.echo(f"mcpconf {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Infrastructure as code for Model Context Protocol configuration."""


for _command in (
    machine.plan,
    machine.apply,
    machine.show,
    machine.status,
    machine.verify,
    machine.accept,
    machine.recover,
    machine.hosts,
    documents.init,
    documents.validate,
    documents.schema,
):
    app.command()(_command)
