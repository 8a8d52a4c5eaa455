"""Kills an apply at each of its writing operations in turn, as `kill -9` does. Run as a program of its own: it forks.

Arguments: a folder with `machine/` and `mcpconf.yaml`, and a folder for the copies. Each copy `N-before` is
left as the kill left it; `N-during` was killed with half of the new content on disk.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

from mcpconf import operations
from mcpconf.documents.store import Store
from mcpconf.model.plan import Plan
from mcpconf.transaction import apply
from tests.faults import FaultyFiles, machine


class Deadly(FaultyFiles):
    """Kills its own process at the n-th writing operation."""

    def __init__(self, at: int, moment: str) -> None:
        super().__init__(None)
        self.at = at
        self.moment = moment

    def stage(self, target, data, mode, like):
        if self.moment == "during" and len(self.done) + 1 == self.at:
            self.files.stage(target, data[: len(data) // 2], mode, like)
            os.kill(os.getpid(), signal.SIGKILL)
        return super().stage(target, data, mode, like)

    def _write(self, operation, path, act):
        if self.moment == "before" and len(self.done) + 1 == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        result = super()._write(operation, path, act)
        if self.moment == "after" and len(self.done) == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


def killed(world: Path, plan: Plan, at: int, moment: str) -> bool:
    """Apply in a child that dies. False if it came to its end."""
    child = os.fork()
    if child == 0:
        store = Store.of(machine(world / "machine", Deadly(at, moment)))
        outcome = apply(store, plan, store.load()[0], seen=False)
        os._exit(0 if outcome.end == "applied" else 1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def main(template: Path, copies: Path) -> None:
    plan = operations.plan(machine(template / "machine"), str(template / "mcpconf.yaml")).plan
    for moment in ("before", "during"):
        at = 0
        alive = 0
        while alive < 3:  # not every operation can be half done
            at += 1
            copy = copies / f"{at}-{moment}"
            shutil.copytree(template, copy, symlinks=True)
            if killed(copy, plan, at, moment):
                alive = 0
            else:
                alive += 1
                shutil.rmtree(copy)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
