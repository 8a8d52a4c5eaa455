"""An install whose disk fails, or that another run overtakes: what is there is whole, and what is told is true."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mcpconf.artifacts.records import Installed, Missing
from mcpconf.documents.store import Store
from mcpconf.errors import Problem
from mcpconf.model.installed import Built
from mcpconf.supply.installing import build
from mcpconf.system.facts import real_machine
from mcpconf.system.workshop import workshop
from mcpconf.workshop import Trees, Workshop
from tests import pretended
from tests.faults import Fault, FaultyFiles, no_space
from tests.supplied import Supplied

INTACT = Installed(len(pretended.FILES))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = Supplied(tmp_path)
    for variable in ("HOME", "PRETENDED"):
        monkeypatch.setenv(variable, made.environment[variable])
    monkeypatch.setitem(pretended.KINDS, "npm", "tests.pretended")
    pretended.artifacts.cache_clear()
    made.say(files="")
    yield made
    pretended.artifacts.cache_clear()


@dataclass(frozen=True)
class Meddled:
    """Trees with something that happens right before a folder is moved, and then perhaps in place of it."""

    trees: Trees
    before: Callable[[str, str], None]

    def __getattr__(self, name: str):
        return getattr(self.trees, name)

    def move(self, source: str, target: str) -> bool:
        self.before(source, target)
        return self.trees.move(source, target)


def built(here: Supplied, shop: Workshop) -> Built:
    return build(here.locked, shop)["files"]


@pytest.mark.parametrize("at", range(1, 16))
def test_a_full_disk_is_told_and_leaves_nothing(at: int, here: Supplied):
    machine = real_machine()
    files = FaultyFiles(machine.files, Fault(at, no_space, operations=("stage", "commit", "make_folder")))
    shop = workshop(machine)
    Store.of(machine).prepare()
    found = built(here, replace(shop, machine=replace(machine, files=files)))
    if found.outcome == "installed":
        assert here.state("files") == INTACT
        assert at > 8
        return
    assert found.problem
    assert "No space left on device" in found.problem.message
    assert (found.problem.kind, here.state("files"), here.left()) == ("write", Missing(), [])
    assert built(here, workshop(machine)).outcome == "installed"


def test_overtaken_by_one_that_built_the_same_ours_is_dropped(here: Supplied):
    machine = real_machine()

    def overtake(_source: str, _target: str) -> None:
        assert built(here, workshop(machine)).outcome == "installed"

    shop = workshop(machine)
    found = built(here, replace(shop, trees=Meddled(shop.trees, overtake)))
    assert (found.outcome, here.state("files"), here.left()) == ("installed", INTACT, [])
    assert len(here.builds) == 2


def test_overtaken_by_something_else_it_is_not_taken_for_ours(here: Supplied):
    def plant(_source: str, target: str) -> None:
        Path(target, "tree").mkdir(parents=True)
        Path(target, "tree", "bin.js").write_text("evil")

    shop = workshop(real_machine())
    found = built(here, replace(shop, trees=Meddled(shop.trees, plant)))
    assert found.problem
    assert (found.outcome, found.problem.kind) == ("failed", "hash")
    assert "something else is where it belongs" in found.problem.message
    assert built(here, shop).outcome == "rebuilt"


def test_overtaken_by_a_link_it_is_told(here: Supplied, tmp_path: Path):
    def plant(_source: str, target: str) -> None:
        Path(target).parent.mkdir(parents=True)
        Path(target).symlink_to(tmp_path)

    shop = workshop(real_machine())
    found = built(here, replace(shop, trees=Meddled(shop.trees, plant)))
    assert isinstance(found.problem, Problem)
    assert found.problem.kind == "symlink"


def test_what_resists_the_sweep_stops_no_install(here: Supplied):
    shop = workshop(real_machine())

    @dataclass(frozen=True)
    class Sticky(Meddled):
        def abandoned(self) -> tuple[str, ...]:
            return ("/nowhere",)

        def remove(self, folder: str) -> None:
            raise OSError(errno.EBUSY, "Device or resource busy", folder)

    trees = Sticky(shop.trees, lambda *_: None)
    assert built(here, replace(shop, trees=trees)).outcome == "installed"


def test_a_long_name_can_be_put_aside_too(here: Supplied):
    here.locked = {"files": here.locked["files"].model_copy(update={"package": f"npm:{'n' * 200}"})}
    shop = workshop(real_machine())
    assert built(here, shop).outcome == "installed"
    path = here.place("files") / "tree/lib/a.js"
    path.chmod(0o600)
    path.write_text("evil")
    assert built(here, shop).outcome == "rebuilt"
