"""A cache that cannot be read is a problem of its place, and never clean."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from mcpconf.errors import Problem, Where
from mcpconf.residue.looking import Surroundings
from mcpconf.residue.packages import cached
from mcpconf.system.facts import rooted_machine
from tests.world import World


class Closed:
    """Files of a machine of which one folder may not be listed."""

    def __init__(self, files, folder: str) -> None:
        self._files = files
        self._folder = folder

    def __getattr__(self, name: str):
        return getattr(self._files, name)

    def still(self):
        return self

    def names(self, folder: str):
        return self._answer("names", folder)

    def folders(self, folder: str):
        return self._answer("folders", folder)

    def _answer(self, name: str, folder: str):
        if folder.endswith(self._folder):
            return Problem("unreadable", "it may not be listed", Where(folder))
        return getattr(self._files, name)(folder)


def test_a_cache_that_may_not_be_listed(tmp_path: Path) -> None:
    machine = rooted_machine(str(World(tmp_path).root))
    gone = [SimpleNamespace(identity="npm:@x/files")]
    for folder, told in (("/_npx", ["it may not be listed"]), ("/nowhere", [])):
        closed = replace(machine, files=Closed(machine.files, folder))
        looked = cached(Surroundings(closed, {}, None, len), gone)
        assert [problem.message for problem in looked.problems] == told
