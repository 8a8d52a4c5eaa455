"""Runs the examples of a page of the manual, and gives the page back with what they print now.

A page says `<!-- example: NAME -->`: from there on its commands run in a fresh copy of `examples/NAME`, with the folder
`machine` as the machine; `<!-- example: NAME without PATH... -->` takes away what is named. `<!-- file: PATH -->` before a fenced block writes it to that file. In a `console` block each line
after `$ ` is run, as a shell would, and the lines below it are all that it prints; a line `...` stands for any lines.
Days, commits and keyed digests differ from run to run and are replaced.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import typer

ROOT = Path(__file__).resolve().parents[1]
_DIRECTIVE = re.compile(r"<!-- (example|file): (.+) -->")
_SHELL = re.compile(r"[|;&<>$*~]")
_TODAY = date(2026, 11, 26)
_PERIODS = (0, 7, 30, 90)
_KEYED = re.compile(r"keyed:[0-9a-f]{4}\b")
_COMMIT = re.compile(r"(?:(?<=\.yaml@)|(?<=commit )|(?<=apply  ))[0-9a-f]{7}\b")
_COMMITS = ("4f1c9e2", "b70d5a3", "1d8ea06")
"""Stand for the commits of one screen, in the order in which it names them."""

_MACHINE = "machine"
_ENVIRONMENT = {
    "COLUMNS": "100",
    "NO_COLOR": "1",
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{
        f"GIT_{who}_{what}": f"dev{'@example.org' * (what == 'EMAIL')}"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    },
}


def rerun(text: str) -> str:
    """The text of a page, its examples run anew."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return "".join(_pieces(text, Path(folder)))


def _pieces(text: str, folder: Path) -> Iterator[str]:
    where, number, target = folder, 0, ""
    lines = iter(text.splitlines(keepends=True))
    for line in lines:
        yield line
        directive = _DIRECTIVE.fullmatch(line.strip())
        if directive and directive[1] == "example":
            number += 1
            where = _copied(directive[2], folder / str(number))
            os.chdir(where)
        elif directive:
            target = directive[2]
        elif line.startswith("```"):
            block = list(_until_fence(lines))
            if target:
                path = where / target
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("".join(block[:-1]))
                target = ""
            yield from (*_session(block[:-1], where), block[-1]) if line.startswith("```console") else block


def _until_fence(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line
        if line.startswith("```"):
            return


def _copied(example: str, folder: Path) -> Path:
    """With the modes that a clone gives under the usual umask."""
    name, _, missing = example.partition(" without ")
    shutil.copytree(ROOT / "examples" / name, folder)
    for path in missing.split():
        (folder / path).unlink() if (folder / path).is_file() else shutil.rmtree(folder / path)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() or path.suffix == ".sh" else 0o644)
    return folder


def _session(block: list[str], folder: Path) -> Iterator[str]:
    commands: list[tuple[str, list[str]]] = []
    for line in block:
        if line.startswith("$ "):
            commands.append((line, []))
        else:
            commands[-1][1].append(line)
    for line, expected in commands:
        printed = _masked(_run(line[2:].rstrip("\n"), folder), folder)
        yield line
        yield "".join(expected) if _fits("".join(expected), printed) else printed


def _fits(expected: str, printed: str) -> bool:
    pattern = re.escape(expected).replace(re.escape("...\n"), "(?:.*\n)*?")
    lines = expected.splitlines()
    return expected == printed or ("..." in lines and re.fullmatch(pattern, printed) is not None)


def _masked(printed: str, folder: Path) -> str:
    printed = printed.replace(f"{folder}/", "")
    today = datetime.now(UTC).date()
    printed = re.sub(rf"\b{today} \d\d:\d\d\b", f"{today} 15:12", printed)
    told = {f"{today + timedelta(days=days)}": f"{_TODAY + timedelta(days=days)}" for days in _PERIODS}
    printed = re.sub("|".join(told), lambda found: told[found[0]], printed)
    named = dict(zip(dict.fromkeys(_COMMIT.findall(printed)), _COMMITS, strict=False))
    printed = _COMMIT.sub(lambda found: named.get(found[0], found[0]), _KEYED.sub("keyed:983e", printed))
    return printed if not printed or printed.endswith("\n") else f"{printed}\n"


def _run(command: str, folder: Path) -> str:
    if command.startswith("mcpconf ") and not _SHELL.search(command):
        return _here(shlex.split(command)[1:])
    programs = folder.parent / "programs"
    if not programs.exists():
        programs.mkdir()
        (programs / "mcpconf").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tests.transcripts "$@"\n')
        (programs / "mcpconf").chmod(0o755)
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={
            **os.environ,
            **_ENVIRONMENT,
            "HOME": str(folder / _MACHINE / "home" / "dev"),
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


def _here(words: list[str]) -> str:
    """In this process, which is fast."""
    from mcpconf.cli.door import run

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        run(_placed(words))
    return printed.getvalue()


def _placed(words: list[str]) -> list[str]:
    """Commands that look at the machine look at this one."""
    from mcpconf.cli.app import app

    command = typer.main.get_command(app).commands.get(words[0]) if words else None
    options = {name for parameter in command.params for name in parameter.opts} if command else set()
    more = {"--root": _MACHINE, "--machine": f"{_MACHINE}/machine.yaml"}
    return [
        *words,
        *(word for name, value in more.items() if name in options and name not in words for word in (name, value)),
    ]


if __name__ == "__main__":
    from mcpconf.cli.door import run

    sys.exit(run(_placed(sys.argv[1:])))
