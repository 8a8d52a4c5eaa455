"""Real processes that die, are interrupted, or meet each other."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mcpconf import operations
from mcpconf.errors import ExitCode
from tests.faults import machine
from tests.legal import FILES, build, converges, copied, held, legal_contents, no_leftovers, states
from tests.world import World, hear_interrupts

MEMORY = Path("/dev/shm")
PROJECT = Path(__file__).resolve().parents[2]
JOURNAL = "~/.local/state/mcpconf/journal.json"


@pytest.fixture
def folder(tmp_path: Path):
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else tmp_path) as name:
        yield Path(name)


def test_killed_at_any_moment_the_next_run_recovers(folder: Path):
    template = build(folder / "template")
    legal, total, _ = legal_contents(template, folder / "after")
    (folder / "copies").mkdir()
    command = [sys.executable, "-m", "tests.e2e.kill_points", str(template.folder), str(folder / "copies")]
    subprocess.run(command, cwd=PROJECT, check=True)
    copies = sorted((folder / "copies").iterdir())
    assert len(copies) > total, "each operation was struck, and each that can be half done"
    phases = set()
    for number, copy in enumerate(copies):
        world = World(copy)
        states(world, legal)
        journal = world.path(JOURNAL)
        phase = json.loads(journal.read_text())["phase"] if journal.exists() else ""
        phases.add(phase)
        assert operations.recover(machine(world.root), 0).exit_code == 0, "the lock is free"
        ends = [held(world, name) for name in FILES]
        if phase in ("narrowing", "changing"):
            assert ends == [legal[name].narrowed for name in FILES], copy
        no_leftovers(world)
        if number % 4 == 0:
            converges(world, legal)
    assert phases == {"", "narrowing", "changing", "written"}


@pytest.mark.parametrize("phase", [1, 2])
def test_interrupted_it_leaves_nothing_half_done(folder: Path, phase: int):
    world = build(folder / "world")
    legal, _, _ = legal_contents(world, folder / "after")
    words = ["apply", "--yes", "-m", str(world.manifest), "--root", str(world.root)]
    command = [sys.executable, "-m", "tests.e2e.interrupt_point", str(phase), *words]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, cwd=PROJECT, **pipes, text=True, preexec_fn=hear_interrupts)
    assert process.stdout
    while "writing" not in (line := process.stdout.readline()):
        assert line, process.communicate()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=20)
    assert (process.returncode, "interrupted" in told, "Traceback" in told) == (ExitCode.INTERRUPTED, True, False), told
    assert [held(world, name) for name in FILES] == [legal[name].narrowed for name in FILES]
    assert not world.path(JOURNAL).exists()
    no_leftovers(world)
    assert operations.plan(machine(world.root), str(world.manifest)).plan.exit_code == 0
    converges(world, legal)


def test_two_applies_at_once_take_turns(folder: Path):
    """None of the two fails, one of them writes, and neither sees what the other has half done."""
    world = build(folder / "world")
    legal, _, _ = legal_contents(world, folder / "after")
    words = ["apply", "--yes", "-m", str(world.manifest), "--root", str(world.root)]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "mcpconf", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    told = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], told
    assert sorted("Applied: " in out for out, _ in told) == [False, False, True]
    assert len(world.read("~/.local/state/mcpconf/log.jsonl").splitlines()) == 2
    converges(world, legal)


def test_two_first_applies_at_once_make_one_key(folder: Path):
    world = World(folder / "world")
    world.say(
        'mcpconf: 1\nservers: {time: {package: "pypi:mcp-server-time", version: "2026.10.19"}}\nhosts: {cursor: {create: true}}\n'
    )
    words = ["apply", "--yes", "-m", str(world.manifest), "--root", str(world.root)]
    running = [
        subprocess.Popen([sys.executable, "-m", "mcpconf", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(3)
    ]
    told = [process.communicate(timeout=60)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], told
    world.write("~/.cursor/mcp.json", world.read("~/.cursor/mcp.json").replace("2026.10.19", "2026.1.1"))
    assert {item["reason"] for item in world.plan()["changes"]} == {"drifted"}, "the state was digested under the key"


def test_whoever_waits_too_long_for_another_apply_is_told(folder: Path):
    world = build(folder / "world")
    held_lock = machine(world.root).locks.exclusive("/home/dev/.local/state/mcpconf/lock", 1)
    with held_lock:
        ran = world.spawn("apply", "--yes", "--lock-timeout", "0.2")
        assert ran.code == ExitCode.LOCKED
        assert "another mcpconf is writing" in ran.stderr
        assert world.run("plan").code == 0, "looking needs no lock"
    assert world.run("apply", "--yes").code == 0
    assert copied(world.folder, folder / "copy").run("plan", "--detailed-exitcode").code == 0
