"""Whatever fails at whatever moment: each file ends as it was, narrowed, or as planned, and the next run gets it right."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mcpconf import operations
from mcpconf.apply import apply as apply_plan
from mcpconf.apply.prepare import prepare_all, works
from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode
from mcpconf.model.outcome import Outcome
from mcpconf.model.plan import Plan
from mcpconf.ports import TEMPORARY, Snapshot
from tests.faults import Crash, Fault, FaultyFiles, apply, broken_disk, machine, no_access, no_space
from tests.world import World

FILES = ("~/.cursor/mcp.json", "~/.claude.json", "~/.codex/config.toml", "~/.config/Code/User/mcp.json")

OLD = """
mcpconf: 1
servers:
  files: {package: "npm:@modelcontextprotocol/server-filesystem", version: "2026.8.31", args: ["${home}/work"]}
  slack: {package: "npm:@modelcontextprotocol/server-slack", version: "2025.4.25"}
  time: {package: "pypi:mcp-server-time", version: "2026.1.1"}
hosts: {cursor: {create: true}, claude-code: {}, codex: {create: true}}
"""
WANTED = """
mcpconf: 1
servers:
  files: {package: "npm:@modelcontextprotocol/server-filesystem", version: "2026.8.31", args: ["${home}/work"]}
  docs: {package: "npm:@upstash/context7-mcp", version: "4.1.1"}
  time: {package: "pypi:mcp-server-time", version: "2026.10.19"}
hosts: {cursor: {create: true}, claude-code: {}, codex: {create: true}, vscode: {create: true}}
"""
LATER = """
mcpconf: 1
servers:
  time: {package: "pypi:mcp-server-time", version: "2026.11.1"}
hosts: {cursor: {create: true}, claude-code: {}, codex: {create: true}, vscode: {create: true}}
"""


@dataclass(frozen=True)
class Legal:
    """The contents that a file may end with; None for no file."""

    before: bytes | None
    narrowed: bytes | None
    after: bytes | None


def build(folder: Path) -> World:
    """Deletes and something put back by hand to undo first; updates, creates and a new file to write then."""
    world = World(folder)
    world.write("~/.claude.json", '{\n  "theme": "dark", // mine\n  "theme2": 1.50\n}\n'.replace(" // mine", ""))
    world.say(OLD)
    assert world.run("apply", "--yes").code == 0
    cursor = world.read("~/.cursor/mcp.json")
    world.write("~/.cursor/mcp.json", cursor.replace("/work", "").replace("{", '{\n  "mine": [1.0, 2],', 1))
    world.write("~/.codex/config.toml", "# mine\nmodel = 'x'\n\n" + world.read("~/.codex/config.toml"))
    world.say(WANTED)
    return world


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
    before = {name: held(world, name) for name in FILES}
    here = machine(world.root)
    plan = operations.plan(here, str(world.manifest)).plan
    prepared = prepare_all(here.files, works(plan.changes, here.facts), Store.of(here).key())
    narrowed = {item.work.path: item.narrowed if item.before is not None else None for item in prepared}
    other = copied(folder / "template", folder / "after")
    files = FaultyFiles(here.files)
    assert apply(machine(other.root, files), other.manifest).end == "applied"
    legal = {name: Legal(before[name], narrowed[name.replace("~", "/home/dev")], held(other, name)) for name in FILES}
    return folder / "template", legal, len(files.done), plan


def execute(world: World, files: FaultyFiles) -> Outcome:
    """Apply the plan of the template, which is that of every copy."""
    here = machine(world.root, files)
    own = Store.of(here)
    return apply_plan(own, template()[3], own.load()[0], seen=False)


def copied(source: Path, target: Path) -> World:
    shutil.copytree(source, target, symlinks=True)
    return World(target)


def held(world: World, name: str) -> bytes | None:
    return world.path(name).read_bytes() if world.path(name).exists() else None


def no_leftovers(world: World) -> None:
    left = [path.name for path in world.root.rglob("*") if TEMPORARY.fullmatch(path.name)]
    assert not left


def never_widened_back(files: FaultyFiles, world: World, legal: dict[str, Legal]) -> None:
    """A file that was narrowed before the fault does not hold again what was taken away."""
    for name in FILES:
        commits = [step for step, done in enumerate(files.done, 1) if done == ("commit", f"/home/dev{name[1:]}")]
        if commits and commits[0] < files.fault.at and legal[name].narrowed != legal[name].before:
            assert held(world, name) != legal[name].before, name


def states(world: World, legal: dict[str, Legal]) -> set[str]:
    """Which of their legal contents the files hold."""
    found = set()
    for name in FILES:
        now = held(world, name)
        names = [word for word in ("before", "narrowed", "after") if getattr(legal[name], word) == now]
        assert names, f"{name} holds\n{(now or b'').decode()}"
        found.add(names[0])
    return found


def converges(world: World, legal: dict[str, Legal]) -> None:
    here = machine(world.root)
    outcome = apply(here, world.manifest)
    assert outcome.exit_code == 0, outcome
    assert states(world, legal) == {"after"}
    assert operations.plan(here, str(world.manifest)).plan.detailed_exit_code == 0
    assert sorted(Store.of(here).load()[0].entries) == sorted(
        f"{host}/user/{name}"
        for host in ("claude-code", "codex", "cursor", "vscode")
        for name in ("docs", "files", "time")
    )
    assert not world.path("~/.local/state/mcpconf/journal.json").exists()
    no_leftovers(world)


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
