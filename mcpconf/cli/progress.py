"""A sign of life while a command works: one line on a terminal that comes late, tells the seconds, and leaves no trace."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable

from mcpconf.cli.surroundings import capable, in_build, is_terminal

_SOON = 0.5
_OFTEN = 0.2
_CLEAR = "\r\x1b[K"


class Progress:
    """Begins and ends any number of times. A thread of its own writes, so that nothing that works knows of it."""

    def __init__(self) -> None:
        self._done: threading.Event | None = None
        self._thread: threading.Thread | None = None

    def begin(self, what: str) -> None:
        """Nothing happens unless a person watches stderr and has not asked for plain output."""
        self.end()
        if is_terminal(sys.stderr) and capable() and not in_build() and not os.environ.get("NO_COLOR"):
            self._done = threading.Event()
            self._thread = threading.Thread(target=_tell, args=(what, self._done), daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Before anything else is written; the line is gone afterwards."""
        if self._done is not None and self._thread is not None:
            self._done.set()
            self._thread.join()
            self._done = self._thread = None


def _tell(what: str, done: threading.Event) -> None:
    start = time.monotonic()
    if done.wait(_SOON):
        return
    while True:
        sys.stderr.write(f"{_CLEAR}{what} ... {time.monotonic() - start:.0f} s")
        sys.stderr.flush()
        if done.wait(_OFTEN):
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()
            return


progress = Progress()
"""Of this process, which has one terminal."""


def telling(what: str, *, quiet: bool) -> Callable[[int, int], None]:
    """Shows how many of several are done, as `locking, 2 of 5 done`."""

    def tell(done: int, total: int) -> None:
        if not quiet:
            progress.begin(f"{what}, {done} of {total} done")

    return tell
