"""An administrator takes a server off other users' homes, as each of them and never in their place."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mcpconf.errors import ExitCode, McpconfError
from mcpconf.model.person import Answered, Person
from mcpconf.report.people import gravest, people_data, render_people
from mcpconf.report.style import Style
from mcpconf.system import people
from tests.world import World

NOBODY = 65534
SECONDS = 60.0
ENTRY = {"command": "npx", "args": ["-y", "@x/files@1.0.0"]}


def program() -> str:
    """A Python of this version that every user may start; "" if there is none."""
    for candidate in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        path = Path(candidate).resolve()
        folders = [path, *path.parents]
        if path.exists() and all(folder.stat().st_mode & 0o005 == 0o005 for folder in folders):
            return str(path)
    return ""


BECOMES = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or not program(), reason="takes root, and a Python for everybody"
)


@pytest.fixture
def person() -> Iterator[Person]:
    """Somebody with a home, in which a server is."""
    home = Path(tempfile.mkdtemp(dir="/tmp"))
    (home / ".cursor").mkdir()
    (home / ".cursor" / "mcp.json").write_text(
        json.dumps({"mcpServers": {"files": ENTRY, "other": {"command": "/opt/other"}}})
    )
    _give(home)
    yield Person("mcpconf-somebody", NOBODY, NOBODY, str(home))
    shutil.rmtree(home)


def _give(home: Path) -> None:
    home.chmod(0o700)
    for path in (home, *home.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def run(person: Person, *words: str) -> Answered:
    return people.run_as(person, ["revoke", "--manifest", "/nowhere/mcpconf.yaml", *words], SECONDS, program())


@BECOMES
def test_what_is_written_in_a_home_is_its_users(person: Person) -> None:
    ran = run(person, "--yes", "--", "files")
    assert ran.code == 0, ran.said.decode()
    left = json.loads((Path(person.home) / ".cursor" / "mcp.json").read_text())
    assert [*left["mcpServers"]] == ["other"]
    state = Path(person.home) / ".local" / "state" / "mcpconf"
    assert {path.stat().st_uid for path in (state, *state.rglob("*"))} == {NOBODY}
    assert {path.stat().st_mode & 0o077 for path in (state, *state.rglob("*"))} == {0}
    assert b"mcpconf-somebody" in people.run_as(person, ["revoke", "--list"], SECONDS, program()).said


@BECOMES
def test_nothing_planted_in_a_home_leads_where_its_user_may_not_go(person: Person, tmp_path: Path) -> None:
    """Links of the file, of its folder and of the state to what belongs to root."""
    mine = tmp_path / "mcp.json"
    mine.write_text(json.dumps({"mcpServers": {"files": ENTRY}}))
    before = mine.read_text()
    home = Path(person.home)
    for code, target, link in (
        (8, mine, home / ".cursor" / "mcp.json"),
        (8, tmp_path, home / ".cursor"),
        (1, tmp_path, home / ".local"),
    ):
        if link.is_dir() and not link.is_symlink():
            shutil.rmtree(link)
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        os.chown(link, NOBODY, NOBODY, follow_symlinks=False)
        ran = run(person, "--yes", "--", "files")
        assert (ran.code, b"error" in ran.said or b"NOT CHECKED" in ran.said) == (code, True), ran.said.decode()
        assert mine.read_text() == before
        assert [path.name for path in tmp_path.iterdir()] == ["mcp.json"]


@BECOMES
def test_nobody_keeps_the_administrator_waiting(person: Person) -> None:
    ran = people.run_as(person, ["revoke", "--list"], 0.0, program())
    assert (ran.code, "did not end within 0 s" in ran.why) == (None, True)
    ran = people.run_as(person, ["revoke", "--list"], SECONDS, "/nowhere/python")
    assert (ran.code, "install mcpconf for all" in ran.why) == (None, True)
    assert gravest([ran, ran._replace(code=0)]) == ExitCode.INCOMPLETE


def test_only_the_administrator_reaches_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for ask in (people.people, lambda: people.person("root")):
        with pytest.raises(McpconfError, match="only the administrator"):
            ask()


@BECOMES
def test_users_are_those_with_a_home_of_their_own() -> None:
    found = people.people()
    assert "root" in {item.name for item in found}
    assert all(Path(item.home).stat().st_uid == item.uid for item in found)
    assert "nobody" not in {item.name for item in found}
    with pytest.raises(McpconfError, match="no user `nobody-of-that-name`"):
        people.person("nobody-of-that-name")


def test_the_gravest_code_counts_and_what_others_say_cannot_move_the_cursor() -> None:
    ann, dev = Person("ann", 1, 1, "/home/ann"), Person("dev\x1b[2J", 2, 2, "/home/dev")
    answers = [
        Answered(ann, 0, b'{"exit_code": 0}'),
        Answered(dev, 2, b'warning: one\n\x1b[2J\xe2\x80\xae\n{"a": 1}\n'),
    ]
    assert gravest(answers) == ExitCode.CHANGES
    text = render_people(answers, Style())
    assert "\x1b" not in text
    assert "2 users, with exit codes: ann 0, dev\\x1b[2J 2" in text
    users = people_data(answers)["users"]
    assert [item["result"] for item in users] == [{"exit_code": 0}, {"a": 1}]
    assert gravest([Answered(ann, 64), Answered(dev, 0)]) == ExitCode.SUCCESS
    assert gravest([Answered(ann, 64)]) == ExitCode.USAGE
    assert gravest([Answered(ann, 8), Answered(dev, 3)]) == ExitCode.BLOCKED
    assert gravest([Answered(ann, -9)]) == ExitCode.INCOMPLETE
    assert people_data([Answered(ann, None, b"nonsense", "why")])["users"][0]["problem"] == "why"


def test_nobody_is_asked_in_the_name_of_others(tmp_path: Path) -> None:
    world = World(tmp_path)
    command = [sys.executable, "-m", "mcpconf", "revoke", "files", "--user", "root"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, "look with `--dry-run`" in ran.stderr) == (64, True)
    ran = world.run("revoke", "files", "--yes", "--all-users")
    assert (ran.code, "different machines" in ran.stderr) == (64, True)
    ran = world.run("residue", "--user", "root")
    assert (ran.code, "different machines" in ran.stderr) == (64, True)
