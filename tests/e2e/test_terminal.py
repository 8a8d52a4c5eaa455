"""A terminal: colour, width, and the one question."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.world import World

EXAMPLE = Path(__file__).parents[2] / "examples" / "workstation"
COLOURED = re.compile(r"\x1b\[[0-9;]*m")


def on_terminal(world: World, *arguments: str, typed: str = "", columns: int = 120, **env: str) -> tuple[int, str]:
    """Run with a terminal on all three streams; what it showed, without carriage returns."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "FORCE_COLOR")}
    command = [sys.executable, "-m", "mcpconf", *world._placed(arguments)]
    with subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, env={**kept, "TERM": "xterm", **env}
    ) as running:
        os.close(terminal)
        os.write(controller, typed.encode())
        shown = b""
        while chunk := _read(controller):
            shown += chunk
    os.close(controller)
    return running.returncode, shown.decode().replace("\r", "")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # the other end is closed
        return b""


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.example(tmp_path, EXAMPLE)


def test_colour_only_adds(world: World) -> None:
    plain = world.run("plan", "--color", "never").stdout
    coloured = world.run("plan", "--color", "always").stdout
    assert "\x1b" not in plain
    assert coloured != plain
    assert COLOURED.sub("", coloured) == plain


@pytest.mark.parametrize(
    ("arguments", "env", "coloured"),
    [
        ((), {}, True),
        ((), {"NO_COLOR": "1"}, False),
        ((), {"NO_COLOR": ""}, True),
        ((), {"TERM": "dumb"}, False),
        ((), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
    ],
    ids=str,
)
def test_colour_follows_terminal_and_conventions(
    arguments: tuple[str, ...], env: dict[str, str], *, coloured: bool, world: World
) -> None:
    code, shown = on_terminal(world, "status", *arguments, **env)
    assert code == 2
    assert ("\x1b[" in shown) is coloured


def test_errors_have_colour_on_a_terminal_too(world: World) -> None:
    assert on_terminal(world, "plan", "--nope") == (
        64,
        "\x1b[31merror:\x1b[0m no such option: --nope\n  hint: `mcpconf plan --help` shows what it takes\n",
    )


def test_a_pipe_gets_no_colour_unless_forced(world: World) -> None:
    kept = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    assert "\x1b" not in world.spawn("plan", env={**kept, "TERM": "xterm"}).stdout
    assert "\x1b" in world.spawn("plan", env={**kept, "FORCE_COLOR": "1"}).stdout
    assert "\x1b" in world.spawn("plan", env={**kept, "CLICOLOR_FORCE": "1"}).stdout


def test_prose_fits_the_terminal(world: World) -> None:
    for columns in (60, 140):
        _, shown = on_terminal(world, "plan", "--color", "never", columns=columns)
        prose = [line for line in shown.splitlines() if "FINDINGS" in shown and line.startswith("    hint: ")]
        assert prose
        assert all(len(line) <= columns for line in prose)
    _, shown = on_terminal(world, "plan", "--color", "never", COLUMNS="40")
    assert "    hint: remove the switch, and approve\n          servers one by one, then\n" in shown


@pytest.mark.parametrize("answer", ["no", "", "Yes"])
def test_only_yes_goes_on(answer: str, world: World) -> None:
    before = world.snapshot()
    code, shown = on_terminal(world, "apply", typed=f"{answer}\n")
    assert code == 4
    assert "Apply these changes? Only `yes` goes on: " in shown
    assert "Answered no: nothing was written." in shown
    assert world.snapshot() == before


def test_an_end_of_input_is_no_yes(world: World) -> None:
    before = world.snapshot()
    code, _ = on_terminal(world, "apply", typed="\x04")
    assert code == 4
    assert world.snapshot() == before


def test_an_interrupt_at_the_question_writes_nothing(world: World) -> None:
    """Typed by a person: the terminal makes a signal of it only for the foreground, so the answer is no at least."""
    before = world.snapshot()
    code, _ = on_terminal(world, "apply", typed="\x03\nno\n")
    assert code in (4, 130)
    assert world.snapshot() == before


def test_yes_applies_and_a_person_has_seen_the_plan(world: World) -> None:
    world.write("~/src/shop/.cursor/mcp.json", '{"mcpServers": {"rogue": {"command": "x"}}}')
    assert "rogue" in world.run("plan").stdout.partition("DRIFT")[2].partition("CHANGES")[0]
    code, shown = on_terminal(world, "apply", typed="yes\n")
    assert code == 0
    assert "Applied: 14 changes in 5 files, verified." in shown
    assert world.run("verify").code == 0


def test_nothing_to_write_is_not_asked_about(world: World) -> None:
    assert world.run("apply", "--yes").code == 0
    code, shown = on_terminal(world, "apply")
    assert code == 0
    assert shown.replace("\x1b[32m", "").startswith("No changes.")
    assert "Only `yes`" not in shown


def test_root_in_the_place_of_another_user_writes_nothing(world: World) -> None:
    """The real machine is only refused here, never looked at."""
    if os.geteuid() != 0:
        return
    for command in (("apply", "--yes"), ("recover",)):
        done = subprocess.run(
            [sys.executable, "-m", "mcpconf", *command],
            capture_output=True,
            text=True,
            check=False,
            cwd=world.folder,
            env={**os.environ, "SUDO_USER": "dev"},
        )
        assert (done.returncode, done.stdout) == (64, "")
        assert "without `sudo`" in done.stderr
