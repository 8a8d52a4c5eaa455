"""Completion in the shells themselves, wherever they are installed."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Self

import pytest

from mcpconf.cli.app import app
from mcpconf.cli.completing import subcommands
from tests.world import World

MANIFEST = """\
mcpconf: 1
servers:
  github: {url: "https://example.org/mcp"}
  # a comment
  files:
    command: [x]
    args: [y]
  $(touch evil): {command: [x]}
hosts:
  cursor: {}
"""
WORDS = [
    (("pl",), "plan"),
    (("plan", "--det"), "--detailed-exitcode"),
    (("plan", "--on-conflict", "o"), "overwrite"),
    (("plan", "--target", "gi"), "github"),
    (("remove", "fi"), "files"),
    (("docs", "quick"), "quickstart"),
    (("explain", "MCP61"), "MCP610 MCP611 MCP612 MCP613"),
    (("add", "x", "--host", "wi"), "windsurf"),
    (("plan", "-m", "mcp"), "mcpconf.yaml"),
    (("hosts", "--root", "mach"), "machine"),
    (("completion", "z"), "zsh"),
    (("schema", "mach"), "machine"),
    (("accept", "hosts"), ""),
]


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.say(MANIFEST)
    return made


def script(world: World, shell: str) -> Path:
    ran = world.run("completion", shell)
    assert ran.code == 0
    path = world.folder / f"completion.{shell}"
    path.write_text(ran.stdout)
    return path


def needs(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")


def few_programs(world: World) -> dict[str, str]:
    """A search path on which there is only `sed`."""
    programs = world.folder / "programs"
    programs.mkdir(exist_ok=True)
    (programs / "sed").unlink(missing_ok=True)
    (programs / "sed").symlink_to(shutil.which("sed"))
    return {"PATH": str(programs), "HOME": str(world.folder), "TERM": "dumb", "LC_ALL": "C.UTF-8"}


@pytest.mark.parametrize(("typed", "offered"), [*WORDS, (("plan", "--format", "=", "js"), "json")], ids=str)
def test_bash(typed: tuple[str, ...], offered: str, world: World) -> None:
    needs("bash")
    words = " ".join(f"'{word}'" for word in ("mcpconf", *typed))
    ask = f"source {script(world, 'bash')}; COMP_WORDS=({words}); COMP_CWORD={len(typed)}; _mcpconf; echo ${{COMPREPLY[@]}}"
    done = subprocess.run(
        [shutil.which("bash"), "--norc", "-c", ask],
        cwd=world.folder,
        env=few_programs(world),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout.strip(), done.stderr) == (offered, "")
    assert not (world.folder / "evil").exists()


@pytest.mark.parametrize(("typed", "offered"), WORDS, ids=str)
def test_fish(typed: tuple[str, ...], offered: str, world: World) -> None:
    needs("fish")
    ask = f"source {script(world, 'fish')}; complete -C 'mcpconf {' '.join(typed)}'"
    done = subprocess.run(
        [shutil.which("fish"), "--no-config", "-c", ask],
        cwd=world.folder,
        env=few_programs(world) | {"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    found = [line.split("\t")[0].rstrip("/") for line in done.stdout.splitlines()]
    assert " ".join(found) == offered
    assert not (world.folder / "evil").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_key_press(shell: str, world: World) -> None:
    """Typed into the shell, with a tab at the end, and run: what ran tells what was completed."""
    needs(shell)
    start = {"bash": ["--norc", "--noediting"][:1], "zsh": ["-f"]}[shell]
    ready = {"zsh": "autoload -U compinit; compinit -u -D; ", "bash": ""}[shell]
    path = script(world, shell)
    with Shell([shutil.which(shell), *start, "-i"], world.folder) as asked:
        asked.type(f"{ready}source {path}; mcpconf() {{ echo RAN: $* :; }}; PS1=REA''DY")
        for typed, offered in [item for item in WORDS if " " not in item[1] and item[1]]:
            whole = " ".join((*typed[:-1], offered))
            asked.type(f"mcpconf {' '.join(typed)}\t", f"RAN: {whole} :", f"RAN: {whole}/ :")
    assert not (world.folder / "evil").exists()


class Shell:
    """An interactive shell on a terminal."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self._controller, terminal = pty.openpty()
        self._running = subprocess.Popen(
            command,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "dumb", "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
        os.close(terminal)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_) -> None:
        self._running.kill()
        self._running.wait()
        os.close(self._controller)

    def type(self, line: str, *answers: str) -> None:
        """Waits for one of the answers, and for the prompt that comes then."""
        os.write(self._controller, f"{line}\n".encode())
        shown, until = "", time.monotonic() + 30
        while not (any(answer in shown for answer in answers or ("",)) and "READY" in shown[shown.find("RAN") + 1 :]):
            assert time.monotonic() < until, shown
            if select.select([self._controller], [], [], 1)[0]:
                shown += os.read(self._controller, 65536).decode(errors="replace")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_and_option_is_in_the_script(shell: str, world: World) -> None:
    text = script(world, shell).read_text()
    known = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert {command.name for command in subcommands()} == known
    for command in subcommands():
        assert command.help
        for option in command.options:
            for word in option.spellings:
                assert word in text or f" -l {word[2:]}" in text or f" -s {word[1:]}" in text


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_can_read_its_script(shell: str, world: World) -> None:
    needs(shell)
    subprocess.run([shutil.which(shell), "-n", str(script(world, shell))], check=True)


def test_no_script_for_another_shell(world: World) -> None:
    ran = world.run("completion", "tcsh")
    assert (ran.code, ran.stdout) == (64, "")
    assert "one of `bash`, `zsh`, `fish`" in ran.stderr
