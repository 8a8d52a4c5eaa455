"""The one door out of the program: every error becomes a message and an exit code here."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from itertools import pairwise

from typer.exceptions import Abort, TyperException

from mcpconf.cli.app import app
from mcpconf.errors import ExitCode, McpconfError, Problem


def run(arguments: Sequence[str]) -> int:
    """Run one command line. Nothing escapes but the exit code."""
    try:
        code = app([word for word in arguments if word != "-vv"], prog_name="mcpconf", standalone_mode=False)
        sys.stdout.flush()
    except McpconfError as error:
        return _tell(error, arguments)
    except TyperException as error:
        return _tell(_usage(error), arguments)
    except (KeyboardInterrupt, Abort):
        print("interrupted", file=sys.stderr)
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 - the last resort: a bug must not look like a finding
        return _bug(error, arguments)
    return code if isinstance(code, int) else ExitCode.SUCCESS


def _usage(error: TyperException) -> McpconfError:
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "mcpconf"
    hint = f"`{command} --help` shows what it takes"
    message = message.strip().rstrip(".")
    return McpconfError(ExitCode.USAGE, Problem("usage", message[:1].lower() + message[1:], None, hint))


def _tell(error: McpconfError, arguments: Sequence[str]) -> int:
    from mcpconf.cli.output import error_text
    from mcpconf.report.data import error_data, render_json

    if _wants_json(arguments):
        sys.stdout.write(render_json(error_data(error)))
    sys.stderr.write(error_text(error.problems))
    return error.code


def _wants_json(arguments: Sequence[str]) -> bool:
    return "--format=json" in arguments or ("--format", "json") in pairwise(arguments)


def _bug(error: Exception, arguments: Sequence[str]) -> int:
    from mcpconf.cli.output import error_text

    if "-vv" in arguments:
        import traceback

        traceback.print_exc()
    name = type(error).__name__
    hint = "please report it; `-vv` adds the traceback, which may hold text from your files"
    sys.stderr.write(error_text((Problem("internal", f"internal error ({name}): a bug of mcpconf", None, hint),)))
    return ExitCode.INTERNAL
