"""The emergency stop on a machine that fails at any moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcpconf import operations
from mcpconf.documents.store import Store
from mcpconf.errors import McpconfError
from mcpconf.recourse.revoke import Asked, revoke
from tests.faults import Crash, Fault, FaultyFiles, apply, broken_disk, machine, no_space
from tests.legal import FILES, build, copied, held, no_leftovers
from tests.world import World

TARGET = "files"


def stop(here, world: World):
    return revoke(here, str(world.manifest), Asked(TARGET, "test"), lambda _found: "yes")


@pytest.fixture
def template(tmp_path: Path) -> World:
    return build(tmp_path / "template")


def undisturbed(template: World, folder: Path) -> tuple[list[bytes | None], int]:
    world, files = copied(template.folder, folder), FaultyFiles(None)
    _, outcome = stop(machine(world.root, files), world)
    assert outcome.exit_code == 0
    return [held(world, name) for name in FILES], len(files.done)


def is_revoked(world: World) -> bool:
    return [item.target for item in Store.of(machine(world.root)).load()[0].revoked] == [TARGET]


def test_after_a_crash_at_any_moment_the_rest_follows(template: World, tmp_path: Path):
    wanted, total = undisturbed(template, tmp_path / "undisturbed")
    before = [held(template, name) for name in FILES]
    remembered = 0
    for at in range(1, total + 1):
        for after in (False, True):
            world = copied(template.folder, tmp_path / f"{at}{after}")
            with pytest.raises(Crash):
                stop(machine(world.root, FaultyFiles(None, Fault(at, after=after))), world)
            now = [held(world, name) for name in FILES]
            assert all(content in pair for content, *pair in zip(now, before, wanted, strict=True))
            assert now == before or is_revoked(world), "nothing is taken away that is not remembered"
            operations.recover(machine(world.root))
            no_leftovers(world)
            if not is_revoked(world):
                assert now == before
                continue
            remembered += 1
            if remembered % 5 == 0:
                left, outcome = stop(machine(world.root), world)
                assert (outcome.exit_code, left.plan.changes) == (0, [])
                assert [held(world, name) for name in FILES] == wanted
                done = apply(machine(world.root), world.manifest)
                assert done.exit_code == 3
                assert not any(b"server-filesystem" in (held(world, name) or b"") for name in FILES)
    assert total < remembered < 2 * total


@pytest.mark.parametrize("lasting", [True, False])
def test_a_disk_that_fails_is_never_called_success(template: World, tmp_path: Path, lasting):
    wanted, total = undisturbed(template, tmp_path / "undisturbed")
    for at in range(1, total + 1):
        error = broken_disk if at % 2 else no_space
        world = copied(template.folder, tmp_path / f"{at}{lasting}")
        here = machine(world.root, FaultyFiles(None, Fault(at, error, lasting=lasting)))
        try:
            _, outcome = stop(here, world)
            code = outcome.exit_code
        except McpconfError as problem:
            code = problem.code
        now = [held(world, name) for name in FILES]
        assert (code == 0) <= (now == wanted and is_revoked(world)), (at, lasting, code)
        assert code in (0, 1, 2, 4, 5, 6)
        operations.recover(machine(world.root))
        _, again = stop(machine(world.root), world)
        assert again.exit_code == 0
        assert [held(world, name) for name in FILES] == wanted


def test_answered_no_nothing_is_written(template: World):
    here = machine(template.root)
    before, state = [held(template, name) for name in FILES], Store.of(here).load()[0]
    _, outcome = revoke(here, str(template.manifest), Asked(TARGET), lambda _found: "no")
    assert (outcome.end, outcome.exit_code) == ("declined", 4)
    assert [held(template, name) for name in FILES] == before
    assert Store.of(here).load()[0] == state


def test_a_plan_saved_before_does_not_bring_it_back(template: World, tmp_path: Path):
    saved = str(tmp_path / "saved.plan")
    assert template.run("plan", "--out", saved).code == 0
    assert stop(machine(template.root), template)[1].exit_code == 0
    assert template.run("apply", saved).code == 4
