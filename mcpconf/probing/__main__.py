"""Reads a line that tells which servers to ask, and writes what each answered as a line of JSON.

Stdin stays open as long as somebody wants to know: when it ends, so does everything here.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable

import anyio

from mcpconf.documents.probed import parse_probes, render_probed
from mcpconf.model.probe import Probe, Probed
from mcpconf.probing.asking import ask_all
from mcpconf.probing.processes import adopt_orphans


def main() -> int:
    logging.disable(logging.CRITICAL)  # the SDK logs what it cannot read
    adopt_orphans()
    probes = parse_probes(sys.stdin.buffer.readline())
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing else may write where the answers are read

    def tell(answer: Probed) -> None:
        out.write(render_probed(answer) + b"\n")
        out.flush()

    return 130 if anyio.run(_until_nobody_waits, probes, tell) else 0


async def _until_nobody_waits(probes: list[Probe], tell: Callable[[Probed], None]) -> bool:
    """Whether it was ended before its time. A scope is left in order: what is shielded in it still comes to its end."""
    with anyio.CancelScope() as scope:
        if os.name == "posix":
            loop = asyncio.get_running_loop()

            def stop() -> None:
                loop.remove_reader(0)
                scope.cancel()

            loop.add_reader(0, stop)
            loop.add_signal_handler(signal.SIGTERM, scope.cancel)
        await ask_all(probes, tell)
    return scope.cancelled_caught


if __name__ == "__main__":
    sys.exit(main())
