"""An index of OSV records in the data folder: what is known of a package is there at once, without reading all of them.

It is built when somebody asks for it, as a whole and beside its place; a reader sees the old one or the new one.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from mcpconf.errors import Problem, Where
from mcpconf.model.commands import command
from mcpconf.model.indexed import Indexed, IndexRow
from mcpconf.ports import TEMPORARY, Facts
from mcpconf.system.paths import EscapeError, Resolver
from mcpconf.system.unreadable import no_file, problem

if TYPE_CHECKING:
    from sqlite3 import Connection

Answer = TypeVar("Answer")

NAME = "vulndb.sqlite"

_FORMAT = 1
_MOST_STEPS = 5_000_000
"""Of SQLite's machine, for one question: an honest index needs a few hundred."""

_MOST_RECORDS = 20_000
"""In one answer; the packages that a server brings have some hundred in all."""

_AT_ONCE = 500
"""Names in one question; SQLite allows 999 parameters in its oldest builds."""

_MOST_BYTES = 8 * 1024 * 1024
"""Of one value."""

_MAKE = f"""\
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -65536;
CREATE TABLE about (source TEXT, mark TEXT, records INTEGER, newest TEXT, ecosystems TEXT, unread INTEGER);
CREATE TABLE advisories (ecosystem TEXT, name TEXT, id TEXT, record BLOB, PRIMARY KEY (ecosystem, name, id)) WITHOUT ROWID;
PRAGMA user_version = {_FORMAT};
BEGIN;
"""

_HINT = f"{command('vulndb', 'build')} makes a new one"


def index_file(facts: Facts) -> str:
    return f"{facts.data_folder}/{NAME}"


@dataclass(frozen=True, slots=True)
class SqliteIndex:
    """`path` is the machine's. A file that somebody else made is bounded in what it can cost, and can run nothing."""

    resolver: Resolver
    path: str

    def about(self) -> Indexed | Problem | None:
        row = self._ask(lambda opened: opened.execute("SELECT * FROM about LIMIT 1").fetchone())
        return row if row is None or isinstance(row, Problem) else self._indexed(row)

    def _indexed(self, row: tuple[object, ...]) -> Indexed | Problem:
        match row:
            case (str() as source, str(), int() as records, str() as newest, str() as ecosystems, int() as unread):
                return Indexed(source, records, newest, tuple(ecosystems.split()), unread)
            case _:
                return self._unusable("it does not say what it was built from")

    def records(self, ecosystem: str, *names: str) -> tuple[bytes, ...] | Problem:
        found: list[bytes] = []
        for some in (names[at : at + _AT_ONCE] for at in range(0, len(names), _AT_ONCE)):
            rows = self._ask(partial(_about_some, ecosystem, some))
            if rows is None or isinstance(rows, Problem):
                return rows or ()
            if len(rows) > _MOST_RECORDS or not all(isinstance(row, bytes) for row in rows):
                return self._unusable("it holds something else")
            found += rows
        return tuple(found)

    def current(self) -> bool:
        """Of a folder that stands for a machine, what it was built from lies elsewhere, and is not looked for."""
        if self.resolver.root:
            return True
        row = self._ask(lambda opened: opened.execute("SELECT source, mark FROM about LIMIT 1").fetchone())
        if row is None or isinstance(row, Problem):
            return True
        return not os.path.exists(row[0]) or mark(row[0]) == row[1]

    def build(self, source: str, rows: Iterable[IndexRow], about: Callable[[], Indexed]) -> None:
        real = self.resolver.real(self.resolver.resolve(self.path))
        _sweep(os.path.dirname(real))
        _built(real, os.path.abspath(source), rows, about)

    def _ask(self, question: Callable[[Connection], Answer]) -> Answer | Problem | None:
        try:
            real = self.resolver.real(self.resolver.resolve(self.path))
            mode = os.lstat(real).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        except EscapeError as error:
            return Problem("symlink", str(error), Where(self.path), "remove the link")
        except OSError as error:
            return problem(self.path, error)
        if not stat.S_ISREG(mode):
            return no_file(self.path, mode)
        import sqlite3

        try:
            with closing(sqlite3.connect(f"{_address(real)}?mode=ro&immutable=1", uri=True)) as opened:
                opened.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_BYTES)
                opened.set_progress_handler(lambda: 1, _MOST_STEPS)
                opened.execute("PRAGMA trusted_schema = OFF")
                if opened.execute("PRAGMA user_version").fetchone() != (_FORMAT,):
                    return self._unusable("another version of mcpconf built it")
                return question(opened)
        except (sqlite3.Error, ValueError, OverflowError) as error:
            return self._unusable(str(error))

    def _unusable(self, reason: str) -> Problem:
        return Problem("malformed", f"the index of advisories cannot be read ({reason})", Where(self.path), _HINT)


def _about_some(ecosystem: str, names: Sequence[str], opened: Connection) -> list[bytes]:
    places = ", ".join("?" * len(names))
    text = f"SELECT record FROM advisories WHERE ecosystem = ? AND name IN ({places}) ORDER BY name, id LIMIT ?"  # noqa: S608  only `?`
    return [row[0] for row in opened.execute(text, (ecosystem, *names, _MOST_RECORDS + 1))]


def mark(source: str) -> str:
    """Differs after a file of a folder, or the archive, was written anew: of names, sizes and times."""
    found = hashlib.sha256()
    for path in sorted(_files(source)):
        with suppress(OSError):
            info = os.stat(path)
            found.update(f"{path}\0{info.st_size}\0{info.st_mtime_ns}\0".encode("utf-8", "surrogateescape"))
    return found.hexdigest()


def _files(source: str) -> Iterator[str]:
    if not os.path.isdir(source):
        yield source
    for folder, _, names in os.walk(source):
        yield from (os.path.join(folder, name) for name in names)


def _built(real: str, source: str, rows: Iterable[IndexRow], about: Callable[[], Indexed]) -> None:
    import sqlite3

    temporary = f"{os.path.dirname(real)}/.{NAME}.mcpconf-{secrets.token_hex(8)}"
    os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(temporary, isolation_level=None)) as opened:
            opened.executescript(_MAKE)
            before = mark(source)
            opened.executemany("INSERT OR REPLACE INTO advisories VALUES (?, ?, ?, ?)", rows)
            found = about()
            told = (source, before, found.records, found.newest, " ".join(found.ecosystems), found.unread)
            opened.execute("INSERT INTO about VALUES (?, ?, ?, ?, ?, ?)", told)
            opened.execute("COMMIT")
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, real)
    except sqlite3.Error as error:
        raise OSError(str(error)) from None
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)


def _sweep(folder: str) -> None:
    """What a run left that was ended by force."""
    for name in os.listdir(folder):
        staged = TEMPORARY.fullmatch(name)
        if staged and staged["name"] == NAME:
            os.unlink(f"{folder}/{name}")


def _address(path: str) -> str:
    return f"file:{'' if path.startswith('/') else '///'}{quote(path.replace(os.sep, '/'), safe='/:')}"
