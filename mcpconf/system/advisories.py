"""OSV records that lie on this machine: one JSON file each, in folders and zip archives, as osv.dev gives them out."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator

from mcpconf.advisories import Advisories, Advisory, Tally, collected
from mcpconf.advisories.indexed import indexed, kept
from mcpconf.advisories.records import MAXIMUM_RECORD_BYTES, advisories_of
from mcpconf.artifacts.own import dumps_folder
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.model.indexed import Indexed
from mcpconf.ports import Facts, Machine

VARIABLE = "MCPCONF_ADVISORIES"
LOCK_SECONDS = 30.0
_FOLDER = "advisories"

_MOST_RECORDS = 2_000_000
_MOST_BYTES = 16 * 1024 * 1024 * 1024
"""Of all that is read, unpacked; the records of npm and PyPI have about 1 GB (2026-11)."""

_HINT = "name a folder or zip archive of OSV records, such as `all.zip` of osv.dev"


def advisories(named: str, machine: Machine) -> Advisories | None:
    """From a path, else from `$MCPCONF_ADVISORIES`, else from the index, else from the user's data folder. None without any.

    The index is read in place of what it was built from, unless that has changed since. Raises McpconfError (exit 1) if
    there is something that cannot be read.
    """
    about = machine.advisories.about()
    path = named or machine.facts.env.get(VARIABLE, "")
    if isinstance(about, Indexed) and (not path or os.path.abspath(path) == about.source):
        path = about.source
        if machine.advisories.current():
            found = indexed(machine.advisories)
            assert isinstance(found, Advisories)
            return found
    path = path or _in_data_folder(machine.facts)
    if not path and isinstance(about, Problem):
        raise McpconfError(ExitCode.NO_PLAN, about)
    return _all_of(path) if path else None


def build_index(named: str, machine: Machine) -> Indexed:
    """From a path, else from `$MCPCONF_ADVISORIES`, else from the user's data folder. Raises McpconfError (exit 1)."""
    facts = machine.facts
    source = named or facts.env.get(VARIABLE, "") or _in_data_folder(facts)
    if not source:
        place = Where(f"{facts.data_folder}/{_FOLDER}")
        raise McpconfError(ExitCode.NO_PLAN, Problem("missing", "there are no advisories here", place, _HINT))
    folder, tally = facts.data_folder, Tally()

    def about() -> Indexed:
        if not tally.count:
            raise _no_record(source)
        return Indexed(
            os.path.abspath(source), tally.count, tally.newest, tuple(sorted(tally.ecosystems)), tally.unread
        )

    rows = ((item.ecosystem, item.name, item.id, kept(item)) for item in tally.counted(_records(source)))
    try:
        machine.files.make_folder(folder, 0o700)
        with machine.locks.exclusive(f"{folder}/vulndb.lock", LOCK_SECONDS):
            machine.advisories.build(source, rows, about)
    except OSError as error:
        message = f"the index of advisories cannot be written ({error.strerror or error})"
        hint = "give yourself write permission there, and make room on the disk"
        raise McpconfError(ExitCode.NO_PLAN, Problem("write", message, Where(folder), hint)) from None
    return about()


def _in_data_folder(facts: Facts) -> str:
    """Where advisories lie that nobody has to name; "" if there are none."""
    paths = (f"{facts.data_folder}/{_FOLDER}", dumps_folder(facts))
    return next(filter(os.path.isdir, paths), "")


def _all_of(path: str) -> Advisories:
    found = collected(_records(path))
    if not found.count:
        raise _no_record(path)
    return found


def _no_record(path: str) -> McpconfError:
    return McpconfError(ExitCode.NO_PLAN, Problem("invalid", "holds no OSV record", Where(path), _HINT))


def _records(path: str) -> Iterator[tuple[Advisory, ...] | None]:
    left, room = _MOST_RECORDS, _MOST_BYTES
    for data in contents_of(path):
        left, room = left - 1, room - len(data)
        if left < 0 or room < 0:
            raise McpconfError(ExitCode.NO_PLAN, Problem("oversized", "holds too many records", Where(path), _HINT))
        yield advisories_of(data)


def contents_of(path: str) -> Iterator[bytes]:
    """What may be records, with one byte more than a record may have of what has more.

    Raises McpconfError (exit 1) for a folder or an archive that cannot be read: half of the records would look like all.
    """
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
