"""What applications keep in a SQLite file. Only looked at.

The file is opened as one that never changes: no lock is taken, no journal is made, and an application that runs is not
disturbed. What it has not yet written there is not seen.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from mcpconf.errors import Problem, Where

if TYPE_CHECKING:
    from sqlite3 import Connection

Asked = TypeVar("Asked")

MAXIMUM_ITEM_BYTES = 16 * 1024 * 1024
MAXIMUM_ROWS = 1000
SECONDS = 2.0
"""A file that was made to be read for ever is given up after so long."""

_STEPS = 10_000
_TYPE = "SELECT type FROM sqlite_master WHERE name = ?"
_ITEM = "SELECT CAST(value AS BLOB) FROM ItemTable WHERE key = ? LIMIT 1"
_NAME = re.compile("[A-Za-z_]{1,40}")


def items(path: str, real: str, keys: Iterable[str]) -> dict[str, bytes] | Problem:
    """The values under those of the keys that are there, in the one table `ItemTable`. `path` is what the file is called, `real` what is opened."""

    def ask(connection: Connection) -> dict[str, object]:
        rows = {key: connection.execute(_ITEM, (key,)).fetchone() for key in keys}
        return {key: row[0] for key, row in rows.items() if row is not None}

    found = _asked(path, real, "ItemTable", ask)
    if isinstance(found, Problem):
        return found
    return {key: item for key, item in (found or {}).items() if isinstance(item, bytes)}


def column(path: str, real: str, table: str, name: str) -> tuple[bytes, ...] | Problem:
    """What a column of a table holds, in as many rows as are looked at; nothing where there is no such table."""
    if not (_NAME.fullmatch(table) and _NAME.fullmatch(name)):
        raise ValueError(table, name)
    query = f"SELECT CAST({name} AS BLOB) FROM {table} LIMIT {MAXIMUM_ROWS}"  # noqa: S608 - letters alone
    found = _asked(path, real, table, lambda connection: connection.execute(query).fetchall())
    return found if isinstance(found, Problem) else tuple(row[0] for row in found or () if isinstance(row[0], bytes))


def _asked(path: str, real: str, table: str, ask: Callable[[Connection], Asked]) -> Asked | Problem | None:
    """None where there is no such table."""
    import sqlite3  # only on machines with such an application

    until = time.monotonic() + SECONDS
    try:
        connection = sqlite3.connect(f"file:{quote(real)}?mode=ro&immutable=1", uri=True)
        try:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAXIMUM_ITEM_BYTES)
            connection.set_progress_handler(lambda: int(time.monotonic() > until), _STEPS)
            connection.execute("PRAGMA trusted_schema = OFF")
            there = connection.execute(_TYPE, (table,)).fetchone() == ("table",)
            return ask(connection) if there else None
        finally:
            connection.close()
    except sqlite3.Error as error:
        message = f"it cannot be read as a SQLite file: {error}"
        return Problem("malformed", message, Where(path), "start the application that keeps it, and see what it says")
