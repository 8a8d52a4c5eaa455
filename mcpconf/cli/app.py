"""The commands."""

from __future__ import annotations

import typer

from mcpconf.cli import (
    adding,
    approving,
    changing,
    completing,
    documents,
    editing,
    explaining,
    exporting,
    importing,
    installing,
    knowing,
    locking,
    machine,
    permitting,
    probing,
    recourse,
    reviewing,
    revoking,
    searching,
    surveying,
    updating,
)

EXIT_CODES = """\b
Exit codes:
    0  success; for plan also with changes
    1  no plan could be made: manifest or saved plan unreadable
    2  changes, drift or conflict (status, verify, drift, plan --detailed-exitcode, diff, permissions diff, residue)
    3  blocked by policy, or something is held
    4  stale plan, conflict, or answered no: nothing was written
    5  stopped; only what takes away was written
    6  stopped half-way: run `mcpconf recover`
    7  another mcpconf holds the lock
    8  something could not be checked
   64  usage
   70  a bug; `-vv` adds the traceback
  130  interrupted
  141  broken pipe
"""

app = typer.Typer(
    epilog=EXIT_CODES,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from mcpconf.version import __version__

        typer.echo(f"mcpconf {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Infrastructure as code for Model Context Protocol configuration.

    A manifest says which MCP servers the hosts of a machine have. `mcpconf plan` shows how their files differ from it,
    `mcpconf apply` makes them agree and touches nothing else.
    """


app.command()(documents.init)
app.command("import")(importing.import_)
for _command in (
    documents.validate,
    reviewing.check,
    reviewing.diff,
    adding.add,
    searching.search,
    editing.remove,
    editing.adopt,
    editing.forget,
    editing.rename,
    locking.lock,
    approving.approve,
    probing.probe,
    installing.install,
    installing.store,
    updating.outdated,
    updating.update,
    knowing.vulndb,
    machine.plan,
    changing.apply,
    machine.status,
    machine.verify,
    machine.drift,
    machine.show,
    surveying.hosts,
    surveying.residue,
    documents.render,
    exporting.export,
    permitting.permissions,
    changing.accept,
    changing.recover,
    recourse.history,
    recourse.rollback,
    recourse.backups,
    recourse.destroy,
    recourse.log,
    revoking.revoke,
    explaining.explain,
    explaining.docs,
    explaining.doctor,
    documents.schema,
    completing.completion,
):
    app.command()(_command)
