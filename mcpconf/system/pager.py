"""The program that shows a long text page by page."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress

_SETTINGS = {"LESS": "FRX", "LV": "-c"}
"""What git sets for pagers, too, where the user has not: colours, and no page for what fits the screen."""


def shown_by(command: Sequence[str], text: str) -> bool:
    """Hand the text to a pager, as words and never through a shell, and wait for its end. False if it cannot be started.

    Whoever has read enough may leave it early. An interrupt is for the pager alone, which may take it as a command.
    """
    environment = {**_SETTINGS, **os.environ}
    previous = signal.signal(signal.SIGINT, _left_to_the_pager)
    try:
        with subprocess.Popen([*command], stdin=subprocess.PIPE, env=environment) as pager:  # noqa: S603  the user's own
            assert pager.stdin is not None
            with suppress(BrokenPipeError):
                pager.stdin.write(text.encode("utf-8", "backslashreplace"))
            with suppress(BrokenPipeError):
                pager.stdin.close()
    except (OSError, ValueError):
        return False
    finally:
        signal.signal(signal.SIGINT, previous)
    return True


def _left_to_the_pager(*_: object) -> None:
    """A handler of ours is not inherited, unlike being deaf: the pager hears interrupts as it wants to."""
