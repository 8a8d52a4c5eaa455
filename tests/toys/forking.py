"""The process that asks, ready before it is needed: it loads what it takes once, and asks in a copy of itself each time.

What that leaves untried, a start of its own, `tests/unit/probing` tries.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from mcpconf.documents.probed import parse_probed, render_probes
from mcpconf.model.probe import Probe, Probed

_END = b"\n"


class ForkingProber:
    def __init__(self) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.toys.forking"], cwd=Path(__file__).parents[2], **pipes
        )

    def ask(self, probes: Sequence[Probe]) -> tuple[Probed, ...]:
        self._process.stdin.write(render_probes(list(probes)) + b"\n")
        self._process.stdin.flush()
        found = {}
        while (line := self._process.stdout.readline()) not in (_END, b""):
            answer = parse_probed(line)
            found[answer.name] = answer
        return tuple(found[probe.name] for probe in probes)

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def _serve() -> None:
    import logging

    import anyio

    from mcpconf.documents.probed import parse_probes, render_probed
    from mcpconf.probing.asking import ask_all
    from mcpconf.probing.processes import adopt_orphans

    logging.disable(logging.CRITICAL)
    out = sys.stdout.buffer

    def tell(answer: Probed) -> None:
        out.write(render_probed(answer) + b"\n")
        out.flush()

    for line in sys.stdin.buffer:
        number = os.fork()
        if number == 0:
            os.environ.clear()
            os.environ.update({"TZ": "UTC", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"})
            adopt_orphans()
            anyio.run(ask_all, parse_probes(line), tell)
            os._exit(0)
        os.waitpid(number, 0)
        out.write(_END)
        out.flush()


if __name__ == "__main__":
    _serve()
