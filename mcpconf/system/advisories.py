"""OSV records that lie on this machine: one JSON file each, in folders and zip archives, as osv.dev gives them out."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator

from mcpconf.advisories import Advisories, Advisory, collected
from mcpconf.advisories.records import MAXIMUM_RECORD_BYTES, advisories_of
from mcpconf.artifacts import data_folder
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.ports import Facts

VARIABLE = "MCPCONF_ADVISORIES"

_MOST_RECORDS = 2_000_000
_MOST_BYTES = 16 * 1024 * 1024 * 1024
"""Of all that is read, unpacked; the records of npm and PyPI have about 1 GB (2026-11)."""

_HINT = "name a folder or zip archive of OSV records, such as `all.zip` of osv.dev"


def advisories(named: str, facts: Facts) -> Advisories | None:
    """From a path, else from `$MCPCONF_ADVISORIES`, else from the user's data folder if it has some. None without any.

    Raises McpconfError (exit 1) if what was named cannot be read.
    """
    path = named or facts.env.get(VARIABLE, "")
    if not path:
        path = f"{data_folder(facts)}/advisories"
        if not os.path.isdir(path):
            return None
    found = collected(_records(path))
    if not found.count:
        raise McpconfError(ExitCode.NO_PLAN, Problem("invalid", "holds no OSV record", Where(path), _HINT))
    return found


def _records(path: str) -> Iterator[tuple[Advisory, ...] | None]:
    left, room = _MOST_RECORDS, _MOST_BYTES
    for data in _contents(path):
        left, room = left - 1, room - len(data)
        if left < 0 or room < 0:
            raise McpconfError(ExitCode.NO_PLAN, Problem("oversized", "holds too many records", Where(path), _HINT))
        yield advisories_of(data)


def _contents(path: str) -> Iterator[bytes]:
    """Raises McpconfError (exit 1) for a folder or an archive that cannot be read: half of the records would look like all."""
    try:
        if os.path.isdir(path):
            for folder, folders, names in os.walk(path, onerror=_fail):
                folders.sort()
                for name in sorted(names):
                    yield from _file(os.path.join(folder, name))
        elif os.path.exists(path):
            yield from _archive(path) if zipfile.is_zipfile(path) else _file(path)
        else:
            raise McpconfError(ExitCode.NO_PLAN, Problem("missing", "there are no advisories here", Where(path), _HINT))
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        reason = getattr(error, "strerror", None) or error
        problem = Problem("unreadable", f"the advisories cannot be read ({reason})", Where(path), _HINT)
        raise McpconfError(ExitCode.NO_PLAN, problem) from None


def _fail(error: OSError) -> None:
    raise error


def _file(path: str) -> Iterator[bytes]:
    if path.endswith(".zip"):
        yield from _archive(path)
    elif path.endswith(".json") and os.path.isfile(path):
        with open(path, "rb") as file:
            yield file.read(MAXIMUM_RECORD_BYTES + 1)


def _archive(path: str) -> Iterator[bytes]:
    """No more is unpacked of a member than a record may have, whatever the archive says of its size."""
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.filename.endswith(".json"):
                with archive.open(member) as file:
                    yield file.read(MAXIMUM_RECORD_BYTES + 1)
