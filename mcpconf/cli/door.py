"""The one door out of the program: every error becomes a message and an exit code here."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise

from typer.exceptions import Abort, TyperException

from mcpconf.cli import streams
from mcpconf.cli.app import app
from mcpconf.cli.progress import progress
from mcpconf.errors import ExitCode, McpconfError, Problem

_VERBOSE = "-vv"
_QUOTED = re.compile(r"'([^'`]*)'")


def run(arguments: Sequence[str]) -> int:
    """Run one command line. Nothing escapes but the exit code."""
    streams.prepare()
    try:
        return _run(arguments)
    except (streams.NoReaderError, BrokenPipeError, SystemExit):  # typer exits where a pipe breaks under its own text
        streams.silence(sys.stdout, sys.stderr)
        return ExitCode.BROKEN_PIPE
    except KeyboardInterrupt:
        progress.end()
        with suppress(OSError):
            print("interrupted", file=sys.stderr)
        return ExitCode.INTERRUPTED
    finally:
        progress.end()


def _run(arguments: Sequence[str]) -> int:
    try:
        code = app([word for word in arguments if word != _VERBOSE], prog_name="mcpconf", standalone_mode=False)
        streams.emit("")
    except McpconfError as error:
        return _tell(error, arguments)
    except TyperException as error:
        return _tell(_usage(error), arguments)
    except Abort:
        raise KeyboardInterrupt from None
    except (streams.NoReaderError, BrokenPipeError):
        raise
    except Exception as error:  # noqa: BLE001 - the last resort: a bug must not look like a finding
        return _bug(error, arguments)
    if code == ExitCode.INTERRUPTED:  # typer's reading of an interrupt
        raise KeyboardInterrupt
    return code if isinstance(code, int) else ExitCode.SUCCESS


def _usage(error: TyperException) -> McpconfError:
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "mcpconf"
    hint = f"`{command} --help` shows what it takes"
    message = " ".join(message.split()).removesuffix(".").replace("Value error, ", "", 1)
    message = _QUOTED.sub(r"`\1`", message).replace(": Input should be ", ": it should be ", 1)
    return McpconfError(ExitCode.USAGE, Problem("usage", message[:1].lower() + message[1:], None, hint))


def _tell(error: McpconfError, arguments: Sequence[str]) -> int:
    from mcpconf.cli.output import error_text

    progress.end()
    sys.stderr.write(error_text(*error.problems))
    with suppress(McpconfError):  # there is no room for the result, and that is what was told
        if _wants("json", arguments):
            from mcpconf.report.data import error_data, render_json

            streams.emit(render_json(error_data(error)))
        elif _wants("ndjson", arguments):
            from mcpconf.cli.reporting import error_lines

            streams.emit(error_lines(error))
    return error.code


def _wants(form: str, arguments: Sequence[str]) -> bool:
    return f"--format={form}" in arguments or ("--format", form) in pairwise(arguments)


def _bug(error: Exception, arguments: Sequence[str]) -> int:
    if _VERBOSE in arguments:
        import traceback

        from mcpconf.secrets.escape import escape

        lines = "".join(traceback.format_exception(error)).split("\n")
        sys.stderr.write("".join(f"{escape(line)}\n" for line in lines))
    name = type(error).__name__
    hint = "please report it; `-vv` adds the traceback, which may hold text from your files"
    problem = Problem("internal", f"internal error ({name}): a bug of mcpconf", None, hint)
    return _tell(McpconfError(ExitCode.INTERNAL, problem), arguments)
