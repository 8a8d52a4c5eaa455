"""Leaving a machine that fails at any moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcpconf.documents.store import Store
from mcpconf.errors import McpconfError
from mcpconf.recourse.destroy import destroy
from mcpconf.system.trees import SystemTrees
from tests.faults import Crash, Fault, FaultyFiles, broken_disk, machine, no_space
from tests.legal import FILES, build, copied, held
from tests.world import World


def leave(here):
    resolver = getattr(here.files, "files", here.files).resolver
    return destroy(here, SystemTrees(resolver, f"{here.facts.data_folder}/building"), lambda *_: "yes")


@pytest.fixture
def template(tmp_path: Path) -> World:
    return build(tmp_path / "template")


def undisturbed(template: World, folder: Path) -> tuple[list[bytes | None], int]:
    world, files = copied(template.folder, folder), FaultyFiles(None)
    assert leave(machine(world.root, files)).outcome.exit_code == 0
    assert not Path(world.path("~/.local/state/mcpconf")).exists()
    return [held(world, name) for name in FILES], len(files.done)


def test_after_a_crash_at_any_moment_a_second_run_finishes(template: World, tmp_path: Path):
    wanted, total = undisturbed(template, tmp_path / "undisturbed")
    for at in range(1, total + 1):
        for after in (False, True):
            world = copied(template.folder, tmp_path / f"{at}{after}")
            with pytest.raises(Crash):
                leave(machine(world.root, FaultyFiles(None, Fault(at, after=after))))
            now = [held(world, name) for name in FILES]
            assert now == wanted or Store.of(machine(world.root)).load()[0].entries, (at, after)
            assert leave(machine(world.root)).outcome.exit_code == 0, (at, after)
            assert [held(world, name) for name in FILES] == wanted, (at, after)
            assert not Path(world.path("~/.local/state/mcpconf")).exists(), (at, after)


@pytest.mark.parametrize("lasting", [True, False])
def test_a_disk_that_fails_is_never_called_success(template: World, tmp_path: Path, lasting):
    wanted, total = undisturbed(template, tmp_path / "undisturbed")
    for at in range(1, total + 1):
        error = broken_disk if at % 2 else no_space
        world = copied(template.folder, tmp_path / f"{at}{lasting}")
        try:
            code = leave(machine(world.root, FaultyFiles(None, Fault(at, error, lasting=lasting)))).outcome.exit_code
        except McpconfError as problem:
            code = problem.code
        gone = [held(world, name) for name in FILES] == wanted
        assert code != 0 or gone, (at, lasting)
        assert leave(machine(world.root)).outcome.exit_code == 0, (at, lasting)
        assert [held(world, name) for name in FILES] == wanted
        assert not Path(world.path("~/.local/state/mcpconf")).exists(), (at, lasting)
