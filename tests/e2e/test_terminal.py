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
SETTINGS = ("NO_COLOR", "COLUMNS", "FORCE_COLOR", "CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "PAGER")
COLOURED = re.compile(r"\x1b\[[0-9;]*m")


def on_terminal(
    world: World, *arguments: str, typed: str = "", columns: int = 120, rows: int = 40, **env: str
) -> tuple[int, str]:
    """Run with a terminal on all three streams; what it showed in the end, without carriage returns."""
    code, shown = as_it_went(world, *arguments, typed=typed, columns=columns, rows=rows, **env)
    return code, re.sub(r"\x1b\[K(\w+ \.\.\. \d+ s)?", "", shown)


def as_it_went(
    world: World, *arguments: str, typed: str = "", columns: int = 120, rows: int = 40, **env: str
) -> tuple[int, str]:
    """With the signs of life that are taken back."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    command = [sys.executable, "-m", "mcpconf", *world._placed(arguments)]
    with subprocess.Popen(
        command,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**kept, "TERM": "xterm", **({} if "PAGER" in env else {"MCPCONF_PAGER": ""}), **env},
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
    assert on_terminal(world, "plan", "--zz") == (
        64,
        "\x1b[31merror:\x1b[0m no such option: --zz\n  hint: `mcpconf plan --help` shows what it takes\n",
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


PAGER = """\
import os, pathlib, sys
folder = pathlib.Path(sys.argv[1])
lines = sys.stdin.readline() if "early" in sys.argv else sys.stdin.read()
(folder / "paged").write_text(lines)
(folder / "settings").write_text(os.environ["LESS"])
print("PAGED")
"""


def paging(world: World, *more: str) -> str:
    script = world.folder / "pager.py"
    script.write_text(PAGER)
    return " ".join([sys.executable, str(script), str(world.folder), *more])


def test_a_long_plan_is_paged_whole(world: World) -> None:
    plan = world.run("plan").stdout
    code, shown = on_terminal(world, "plan", columns=100, MCPCONF_PAGER=paging(world))
    assert (code, shown) == (0, "PAGED\n")
    assert COLOURED.sub("", (world.folder / "paged").read_text()) == plan
    assert (world.folder / "settings").read_text() == "FRX"


def test_to_leave_a_pager_early_is_no_error(world: World) -> None:
    world.say((world.manifest.read_text()) + "".join(f"  # {number}\n" for number in range(9000)))
    for command, code in (("plan", 0), ("status", 2), ("docs", 0)):
        words = (command, "commands") if command == "docs" else (command,)
        assert on_terminal(world, *words, MCPCONF_PAGER=paging(world, "early"), rows=8) == (code, "PAGED\n")


@pytest.mark.parametrize("pager", ["/nowhere/pager -x", "less 'unclosed", "cat", "", "/etc/passwd"])
def test_without_a_pager_that_starts_the_text_is_printed(pager: str, world: World) -> None:
    plan = world.run("plan").stdout
    code, shown = on_terminal(world, "plan", columns=100, MCPCONF_PAGER=pager)
    assert (code, COLOURED.sub("", shown)) == (0, plan)


def test_a_pager_is_no_shell(world: World) -> None:
    evil = world.folder / "evil"
    on_terminal(world, "plan", MCPCONF_PAGER=f"cat -- ; touch {evil} $(touch {evil})")
    assert not evil.exists()


def test_the_own_pager_wins_over_the_common_one(world: World) -> None:
    assert on_terminal(world, "plan", PAGER=paging(world)) == (0, "PAGED\n")
    assert "PAGED" not in on_terminal(world, "plan", PAGER=paging(world), MCPCONF_PAGER="")[1]


@pytest.mark.parametrize(
    ("arguments", "more"),
    [
        (("plan", "--no-pager"), {}),
        (("plan", "--format", "json"), {}),
        (("verify",), {}),
        (("apply", "--yes"), {}),
        (("plan",), {"rows": 500}),
        (("plan",), {"TERM": "dumb"}),
        (("plan",), {"CI": "true"}),
        (("plan",), {"GITHUB_ACTIONS": "true"}),
        (("plan",), {"GITLAB_CI": "1"}),
        (("plan",), {"TF_BUILD": "True"}),
    ],
    ids=str,
)
def test_nothing_is_paged_where_nobody_wants_it(arguments: tuple[str, ...], more: dict, world: World) -> None:
    _, shown = on_terminal(world, *arguments, **{"MCPCONF_PAGER": paging(world), **more})
    assert "PAGED" not in shown
    assert len(shown) > 20


def test_a_pipe_is_never_paged(world: World) -> None:
    ran = world.spawn("plan", env={**os.environ, "MCPCONF_PAGER": paging(world), "TERM": "xterm"})
    assert ran.stdout == world.run("plan").stdout


@pytest.mark.parametrize("said", ["", "0", "false"])
def test_a_build_that_is_none(said: str, world: World) -> None:
    assert on_terminal(world, "plan", MCPCONF_PAGER=paging(world), CI=said) == (0, "PAGED\n")


def test_a_build_is_never_asked(world: World) -> None:
    before = world.snapshot()
    code, shown = on_terminal(world, "apply", typed="yes\n", CI="true")
    assert code == 64
    assert "there is no terminal to ask on" in shown
    assert world.snapshot() == before


def test_a_build_has_the_width_of_a_log(world: World) -> None:
    plain = world.run("plan").stdout
    _, shown = on_terminal(world, "plan", "--color", "never", columns=60, CI="true")
    assert shown == plain


def test_quiet_says_only_what_came_of_it(world: World) -> None:
    told = world.run("plan", "--quiet")
    assert (told.code, told.stderr) == (0, "")
    assert told.stdout == world.run("verify").stdout
    code, shown = on_terminal(world, "apply", "--quiet")
    assert code == 64
    assert "`--quiet` shows nothing to decide on" in shown
    applied = world.run("apply", "--yes", "-q")
    assert applied.code == 0
    assert applied.stdout.startswith("Applied: 14 changes in 5 files, verified.\n")
    assert "CHANGES" not in applied.stdout


def waiting(world: World, *arguments: str, **env: str) -> str:
    """What a command shows that has to wait for another one."""
    with world.path("~/.local/state/mcpconf/lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        code, shown = as_it_went(world, *arguments, "--lock-timeout", "2.5", **env)
    assert code == 7
    return shown


def test_long_work_shows_a_sign_of_life_and_takes_it_back(world: World) -> None:
    shown = waiting(world, "apply", "--yes")
    assert re.search(r"\r?\x1b\[Kworking \.\.\. [12] s", shown)
    before, clear, rest = shown.rpartition("\x1b[K")
    assert clear
    assert COLOURED.sub("", rest).startswith("error: ")
    assert "\n" not in before


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"CI": "1"}], ids=str)
def test_no_sign_of_life_where_it_would_be_in_the_way(env: dict[str, str], world: World) -> None:
    assert "working" not in waiting(world, "apply", "--yes", **env)


def test_no_sign_of_life_when_quiet_or_quick(world: World) -> None:
    assert "working" not in waiting(world, "apply", "--yes", "--quiet")
    assert "\x1b[K" not in as_it_went(world, "docs", "--no-pager", "quickstart")[1]


def test_sentences_fit_a_narrow_terminal(world: World) -> None:
    world.write("~/.cursor/mcp.json", "{")
    for words in (("plan",), ("status",), ("hosts",), ("doctor",), ("docs",), ("apply", "--yes")):
        _, shown = on_terminal(world, *words, "--color", "never", columns=60, MCPCONF_PAGER="")
        unbroken = re.compile(r"`[^`]+`|\S+")
        long = [line for line in shown.splitlines() if len(line) > 60 > 2 * max(map(len, unbroken.findall(line)))]
        assert long == [], words
