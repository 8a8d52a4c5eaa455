"""Whatever fails at whatever moment: each file ends as it was, narrowed, or as planned, and the next run gets it right."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mcpconf import operations
from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode
from mcpconf.model.outcome import Outcome
from mcpconf.model.plan import Plan
from mcpconf.ports import Snapshot
from mcpconf.transaction import apply as apply_plan
from tests.faults import Crash, Fault, FaultyFiles, apply, broken_disk, machine, no_access, no_space
from tests.legal import FILES, LATER, Legal, build, converges, copied, held, legal_contents, no_leftovers, states
from tests.world import World

MEMORY = Path("/dev/shm")
"""Every fault point flushes some thirty files; in memory that costs nothing."""


@pytest.fixture
def folder(tmp_path: Path):
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else tmp_path) as name:
        yield Path(name)


@pytest.fixture(scope="module", autouse=True)
def _template():
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        template.cache_clear()
        PLACE[:] = [Path(name)]
        yield


PLACE: list[Path] = []


@cache
def template() -> tuple[Path, dict[str, Legal], int, Plan]:
    """A built world, the legal contents of its files, the plan, and how many writing operations that takes."""
    folder = PLACE[0]
    world = build(folder / "template")
    return world.folder, *legal_contents(world, folder / "after")


def execute(world: World, files: FaultyFiles) -> Outcome:
    """Apply the plan of the template, which is that of every copy."""
    here = machine(world.root, files)
    own = Store.of(here)
    return apply_plan(own, template()[3], own.load()[0], seen=False)


def never_widened_back(files: FaultyFiles, world: World, legal: dict[str, Legal]) -> None:
    """A file that was narrowed before the fault does not hold again what was taken away."""
    for name in FILES:
        commits = [step for step, done in enumerate(files.done, 1) if done == ("commit", f"/home/dev{name[1:]}")]
        if commits and commits[0] < files.fault.at and legal[name].narrowed != legal[name].before:
            assert held(world, name) != legal[name].before, name


def ends_as_told(outcome: Outcome, world: World, legal: dict[str, Legal]) -> None:
    found = states(world, legal)
    pending = world.path("~/.local/state/mcpconf/journal.json").exists()
    assert pending == (outcome.exit_code == ExitCode.RECOVER), outcome
    match outcome.exit_code:
        case ExitCode.SUCCESS:
            assert found == {"after"}, outcome
        case ExitCode.STALE:
            assert found == {"before"}, outcome
        case ExitCode.NARROWED:
            assert found <= {"before", "narrowed"}, outcome
            assert "narrowed" in found, outcome
            assert outcome.applied, outcome
        case code:
            assert code == ExitCode.RECOVER
    assert outcome.exit_code == 0 or outcome.failures


def moments() -> range:
    return range(1, template()[2] + 1)


_GROWING = ("stage", "append", "make_folder")
_FLUSHED = ("stage", "commit", "append", "make_folder")

FAILURES = {
    "full for a moment": (lambda at: Fault(at, no_space, lasting=False, operations=_GROWING), {0, 4, 5, 6}),
    "forbidden": (lambda at: Fault(at, no_access), {4, 6}),
    "broken after the rename": (
        lambda at: Fault(at, broken_disk, after=True, lasting=False, operations=_FLUSHED),
        {4, 5, 6},
    ),
}
"""By name: the fault, and the exit codes that must come up among all moments."""


@pytest.mark.parametrize("kind", FAILURES)
def test_a_failing_disk_leaves_legal_ends_and_the_next_apply_converges(kind: str, folder: Path) -> None:
    source, legal, _, _ = template()
    codes = set()
    for at in moments():
        world = copied(source, folder / str(at))
        files = FaultyFiles(None, FAILURES[kind][0](at))
        outcome = execute(world, files)
        codes.add(int(outcome.exit_code))
        ends_as_told(outcome, world, legal)
        never_widened_back(files, world, legal)
        converges(world, legal)
    assert codes >= FAILURES[kind][1], codes


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_is_recovered_from(when: str, folder: Path) -> None:
    source, legal, _, _ = template()
    for at in moments():
        world = copied(source, folder / str(at))
        files = FaultyFiles(None, Fault(at, after=when == "after"))
        with pytest.raises(Crash):
            execute(world, files)
        found = states(world, legal)
        journal = world.path("~/.local/state/mcpconf/journal.json")
        phase = json.loads(journal.read_text())["phase"] if journal.exists() else ""
        outcome = operations.recover(machine(world.root))
        assert outcome.exit_code == 0, outcome
        ends = states(world, legal)
        if phase in ("narrowing", "changing"):
            assert ends <= {"narrowed", "before"}, (at, phase, found, ends)
            assert all(held(world, name) == legal[name].narrowed for name in FILES)
        elif phase == "written":
            assert ends == {"after"}
        else:
            assert ends == found
            assert len(found) == 1
        no_leftovers(world)
        never_widened_back(files, world, legal)
        converges(world, legal)


def test_no_crash_makes_the_next_plan_wrong(folder: Path) -> None:
    """Even if the manifest changes in between: what was written is known as ours, and nothing else is."""
    for at in moments():
        world = copied(template()[0], folder / str(at))
        with pytest.raises(Crash):
            execute(world, FaultyFiles(None, Fault(at, after=True)))
        if at % 2:
            with suppress(Crash):
                operations.recover(machine(world.root, FaultyFiles(None, Fault(2))))
        assert operations.recover(machine(world.root)).exit_code == 0
        world.say(LATER)
        here = machine(world.root)
        plan = operations.plan(here, str(world.manifest)).plan
        assert {change.action for change in plan.changes} <= {"create", "update", "delete"}, (at, plan.changes)
        assert not plan.unmanaged, at
        assert apply(here, world.manifest).exit_code == 0
        for name in FILES:
            text = (held(world, name) or b"").decode()
            assert "context7" not in text
            assert "filesystem" not in text
            assert "2026.11.1" in text
            assert "theme" in text or name != "~/.claude.json"


def test_a_second_fault_while_things_are_put_back_is_for_recover(folder: Path) -> None:
    """The disk fails in the second phase and stays broken: exit 6, and the journal tells the way back."""
    source, legal, total, _ = template()
    seen = set()
    for at in range(total // 2, total + 1):
        world = copied(source, folder / str(at))
        outcome = execute(world, FaultyFiles(None, Fault(at, broken_disk)))
        ends_as_told(outcome, world, legal)
        if outcome.exit_code != ExitCode.RECOVER:
            continue
        plan = operations.plan(machine(world.root), str(world.manifest)).plan
        assert plan.exit_code == ExitCode.INCOMPLETE
        again = operations.recover(machine(world.root, FaultyFiles(None, Fault(1, broken_disk))))
        seen.add((outcome.end, again.end))
        assert operations.recover(machine(world.root)).exit_code == 0
        assert all(held(world, name) in (legal[name].narrowed, legal[name].after) for name in FILES)
        converges(world, legal)
    assert ("recover", "recover") in seen


def test_the_template_is_worth_it() -> None:
    _, legal, total, _ = template()
    assert total > 30
    assert sum(item.narrowed != item.before for item in legal.values()) == 3
    assert all(item.after != item.narrowed for item in legal.values())
    assert legal["~/.config/Code/User/mcp.json"].before is None
    assert isinstance(machine(template()[0] / "machine").files.read("/home/dev/.claude.json"), Snapshot)
