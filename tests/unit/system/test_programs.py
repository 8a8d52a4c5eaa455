"""Programs that are run for their output: in time, in bounds, alone, and gone afterwards."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from mcpconf.errors import Problem
from mcpconf.system.paths import Resolver
from mcpconf.system.programs import SystemPrograms
from mcpconf.workshop import Call, Ran


def ran(script: str, folder: Path, programs: SystemPrograms | None = None, **more) -> Ran | Problem:
    programs = programs or SystemPrograms(Resolver(""))
    return programs.run(Call((sys.executable, "-c", script), str(folder), **more))


def gone(pid: int) -> bool:
    """Whether a process ends soon; one that nobody waits for may be left as a name without a program."""
    for _ in range(100):
        try:
            status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if status == "Z":
            return True
        time.sleep(0.05)
    return False


def test_what_it_prints_and_how_it_ends(tmp_path: Path):
    found = ran("import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)", tmp_path)
    assert found == Ran(7, b"out\n", b"err\n")


def test_it_runs_in_its_folder_with_the_environment_of_the_user_and_its_own(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("OF_THE_USER", "one")
    script = "import os; print(os.getcwd(), os.environ['OF_THE_USER'], os.environ['OWN'])"
    found = ran(script, tmp_path, env={"OWN": "two"})
    assert found == Ran(0, f"{tmp_path} one two\n".encode(), b"")


def test_one_that_is_not_there_is_told(tmp_path: Path):
    found = SystemPrograms(Resolver("")).run(Call(("/nowhere/to/be-found",), str(tmp_path)))
    assert isinstance(found, Problem)
    assert (found.kind, found.hint) == ("missing", "install `be-found`")
    assert "No such file" in found.message


def test_a_word_that_can_be_no_argument_is_told(tmp_path: Path):
    found = SystemPrograms(Resolver("")).run(Call((sys.executable, "a\0b"), str(tmp_path)))
    assert isinstance(found, Problem)
    assert "cannot be started" in found.message


def test_time_over_the_whole_group_ends(tmp_path: Path):
    script = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('child', 'w').write(str(child.pid)); time.sleep(60)"
    )
    found = ran(script, tmp_path, seconds=1.5)
    assert isinstance(found, Problem)
    assert "did not end within 1.5 s" in found.message
    assert gone(int((tmp_path / "child").read_text()))


def test_what_it_leaves_running_ends_with_it(tmp_path: Path):
    script = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('child', 'w').write(str(child.pid))"
    )
    begun = time.monotonic()
    assert ran(script, tmp_path) == Ran(0, b"", b"")
    assert time.monotonic() - begun < 4, "its child holds the pipe, and does not hold us up"
    assert gone(int((tmp_path / "child").read_text()))


def test_a_flood_is_cut_off_and_lands_on_no_disk(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    script = "import sys\nfor _ in range(400): sys.stdout.write('x' * 65536); sys.stderr.write('y' * 65536)"
    found = ran(script, tmp_path, SystemPrograms(Resolver(""), limit=100_000))
    assert isinstance(found, Ran)
    assert (found.code, found.out, found.err) == (0, b"x" * 100_000, b"y" * 100_000)
    assert not list((tmp_path / "temporary").iterdir())


def test_an_endless_flood_ends_with_its_time(tmp_path: Path):
    found = ran("while True: print('x' * 60000)", tmp_path, SystemPrograms(Resolver(""), limit=1000), seconds=1.0)
    assert isinstance(found, Problem)
    assert "did not end" in found.message


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="asks /proc")
def test_it_inherits_neither_descriptors_nor_the_standard_input(tmp_path: Path):
    with (tmp_path / "held").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        script = (
            "import os, sys\n"
            "print(sorted(os.readlink('/proc/self/fd/' + n) for n in os.listdir('/proc/self/fd')\n"
            "      if os.path.exists('/proc/self/fd/' + n)))\n"
            "print(repr(sys.stdin.read()))"
        )
        found = ran(script, tmp_path)
    assert isinstance(found, Ran)
    assert b"held" not in found.out
    assert found.out.endswith(b"''\n")


def test_ended_from_elsewhere_it_stops_at_once_and_no_other_starts(tmp_path: Path):
    programs = SystemPrograms(Resolver(""))
    found: list[Ran | Problem] = []
    script = "open('begun', 'w').close(); import time; time.sleep(60)"
    thread = threading.Thread(target=lambda: found.append(ran(script, tmp_path, programs)))
    thread.start()
    while not (tmp_path / "begun").exists():
        time.sleep(0.02)
    programs.end()
    thread.join(10)
    assert [item.code for item in found if isinstance(item, Ran)] == [-9]
    late = ran("open('late', 'w')", tmp_path, programs)
    assert isinstance(late, Problem)
    assert "interrupted" in late.message
    assert not (tmp_path / "late").exists()
