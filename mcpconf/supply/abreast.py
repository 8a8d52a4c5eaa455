"""Work for several servers at once: most of the time it waits for registries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from functools import partial
from typing import TypeVar

from mcpconf.workshop import Workshop

_AT_ONCE = 4

Item = TypeVar("Item")
Result = TypeVar("Result")

Tell = Callable[[int, int], None]
"""Told how many are done, and of how many."""


def silent(_done: int, _total: int) -> None:
    return


def abreast(
    work: Callable[[Item], Result], items: Sequence[Item], workshop: Workshop, tell: Tell = silent
) -> list[Result]:
    """The results in the order of the items. Interrupted, what runs is ended, and what waits is not begun."""
    with ThreadPoolExecutor(_AT_ONCE) as threads, ExitStack() as interrupted:
        interrupted.callback(workshop.programs.end)
        interrupted.callback(partial(threads.shutdown, wait=False, cancel_futures=True))
        working = [threads.submit(work, item) for item in items]
        for done, _ in enumerate(as_completed(working), 1):
            tell(done, len(items))
        results = [future.result() for future in working]
        interrupted.pop_all()
    return results
