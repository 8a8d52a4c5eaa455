"""What desktop applications keep in a SQLite file: texts by key, in the one table `ItemTable`. Only looked at.

The file is opened as one that never changes: no lock is taken, no journal is made, and an application that runs is not
disturbed. What it has not yet written there is not seen.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from urllib.parse import quote

from mcpconf.errors import Problem, Where

MAXIMUM_ITEM_BYTES = 16 * 1024 * 1024
SECONDS = 2.0
"""A file that was made to be read for ever is given up after so long."""

_STEPS = 10_000
_TYPE = "SELECT type FROM sqlite_master WHERE name = 'ItemTable'"
_ITEM = "SELECT CAST(value AS BLOB) FROM ItemTable WHERE key = ? LIMIT 1"


def items(path: str, real: str, keys: Iterable[str]) -> dict[str, bytes] | Problem:
    """The values under those of the keys that are there. `path` is what the file is called, `real` what is opened."""
    import sqlite3  # only on machines with such an application

    until = time.monotonic() + SECONDS
    try:
        connection = sqlite3.connect(f"file:{quote(real)}?mode=ro&immutable=1", uri=True)
        try:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAXIMUM_ITEM_BYTES)
            connection.set_progress_handler(lambda: int(time.monotonic() > until), _STEPS)
            connection.execute("PRAGMA trusted_schema = OFF")
            if connection.execute(_TYPE).fetchone() != ("table",):
                return {}
            found = {key: connection.execute(_ITEM, (key,)).fetchone() for key in keys}
        finally:
            connection.close()
    except sqlite3.Error as error:
        message = f"it cannot be read as a SQLite file: {error}"
        return Problem("malformed", message, Where(path), "start the application that keeps it, and see what it says")
    return {key: row[0] for key, row in found.items() if row is not None and isinstance(row[0], bytes)}
