"""`mcpconf completion`: from the commands and options that there are to a script for a shell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin

import typer

from mcpconf.errors import ExitCode, McpconfError, Problem

if TYPE_CHECKING:
    from mcpconf.report.completion import Kind, Option, Subcommand


def completion(
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> None:
    """Print a script that completes commands in a shell.

    Completes servers of the `mcpconf.yaml` in the folder, hosts, pages and words, too. It starts no Python. Once, for
    bash: `mcpconf completion bash > ~/.local/share/bash-completion/completions/mcpconf`; for fish:
    `mcpconf completion fish > ~/.config/fish/completions/mcpconf.fish`; for zsh: `mcpconf completion zsh > FOLDER/_mcpconf`,
    with a folder of `$fpath`.
    """
    from mcpconf.cli.streams import emit
    from mcpconf.report.completion import SHELLS

    if shell not in SHELLS:
        hint = f"one of {', '.join(f'`{name}`' for name in SHELLS)}"
        raise McpconfError(ExitCode.USAGE, Problem("usage", f"there is no script for `{shell}`", None, hint))
    emit(SHELLS[shell]("mcpconf", subcommands()))


def subcommands() -> tuple[Subcommand, ...]:
    """All commands, in the order of the help."""
    from mcpconf.cli.app import app
    from mcpconf.report.completion import Subcommand

    known, found = _kinds(), []
    group: Any = typer.main.get_command(app)
    for name, command in group.commands.items():
        context = command.make_context(name, [], resilient_parsing=True)
        parameters = command.get_params(context)
        arguments = [item for item in parameters if item.param_type_name == "argument"]
        options = tuple(_option(item, known) for item in parameters if item.param_type_name == "option")
        kind = known.get(arguments[0].metavar) if arguments else None
        help_text = command.help.partition("\n")[0]
        found.append(Subcommand(name, help_text, options, kind, arguments[0].metavar if arguments else ""))
    return tuple(found)


def _option(parameter: Any, known: Mapping[str, Kind]) -> Option:
    from mcpconf.report.completion import Kind, Option

    asked = parameter.type_descriptor.annotation
    words = get_args(asked) if get_origin(asked) is Literal else ()
    takes = None if parameter.is_flag else Kind(words) if words else known.get(parameter.metavar, Kind())
    text = " ".join((parameter.help or "").split())
    return Option(
        (*parameter.opts, *parameter.secondary_opts),
        text,
        takes,
        parameter.metavar or parameter.name,
        parameter.multiple,
    )


def _kinds() -> dict[str, Kind]:
    """What a value may be, by the name that the help gives it."""
    from mcpconf.documents.schema import schemas
    from mcpconf.report.completion import SHELLS, Kind
    from mcpconf.report.explain import FAMILIES
    from mcpconf.report.manual import ORDER
    from mcpconf.system.sources import bundled_rows

    files, folders, servers = Kind(of="files"), Kind(of="folders"), Kind(of="servers")
    words = dict.fromkeys(word for family in FAMILIES.values() for word in family)
    return {
        **dict.fromkeys(("PATH", "FILE", "PLAN", "PLAN|state"), files),
        **dict.fromkeys(("DIR", "FOLDER"), folders),
        **dict.fromkeys(("ADDRESS", "SERVER", "SERVER|ADDRESS|grant:ADDRESS"), servers),
        "HOST": Kind(tuple(bundled_rows())),
        "PAGE": Kind(ORDER),
        "WORD": Kind(tuple(words)),
        "SHELL": Kind(tuple(SHELLS)),
        "DOCUMENT": Kind(tuple(schemas())),
    }
