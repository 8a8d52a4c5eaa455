"""The index of advisories: the same answers as all records, found at once; and what happens to one that is no index."""

from __future__ import annotations

import json
import os
import sqlite3
import zipfile
from pathlib import Path

import pytest

from mcpconf.advisories import Advisories
from mcpconf.advisories.indexed import indexed
from mcpconf.errors import McpconfError, Problem
from mcpconf.ports import Machine
from mcpconf.system.advisories import advisories, build_index
from mcpconf.system.facts import rooted_machine
from mcpconf.system.paths import Resolver
from mcpconf.system.vulndb import SqliteIndex, mark
from tests.world import World

INDEX = "~/.local/share/mcpconf/vulndb.sqlite"


def record(name: str, id: str, ecosystem: str = "npm", fixed: str = "1.1.0") -> str:  # noqa: A002
    events = [{"introduced": "0"}, {"fixed": fixed}]
    about = {"package": {"ecosystem": ecosystem, "name": name}, "ranges": [{"type": "SEMVER", "events": events}]}
    return json.dumps({"id": id, "modified": "2026-11-20T00:00:00Z", "affected": [about]})


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.json", record("a", "GHSA-1"))
        archive.writestr("2.json", record("a", "GHSA-2", fixed="2.0.0"))
        archive.writestr("3.json", record("Some_Name", "PYSEC-1", "PyPI"))
        archive.writestr("4.json", "{")
    return path


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def machine(world: World) -> Machine:
    return rooted_machine(str(world.root))


def found(world: World) -> Advisories:
    answer = indexed(machine(world).advisories)
    assert isinstance(answer, Advisories)
    return answer


def test_an_index_gives_the_answers_of_all_that_it_was_built_from(world: World, source: Path):
    about = build_index(str(source), machine(world))
    assert (about.source, about.records, about.unread) == (str(source), 3, 1)
    read, looked_up = advisories(str(source), rooted_machine(str(world.root))), found(world)
    for ecosystem, name, version in (
        ("npm", "a", "1.0.0"), ("npm", "a", "1.5.0"), ("npm", "a", "2.0.0"), ("npm", "b", "1.0.0"),
        ("npm", "A", "1.0.0"), ("pypi", "some.name", "1.0"), ("pypi", "other", "1.0"), ("oci", "a", "1"),
    ):  # fmt: skip
        assert looked_up.judge(ecosystem, name, version) == read.judge(ecosystem, name, version), (name, version)
    assert [item.id for item in looked_up.judge("npm", "a", "1.0.0").known] == ["GHSA-1", "GHSA-2"]
    assert (looked_up.count, looked_up.newest, looked_up.ecosystems) == (3, "2026-11-20T00:00:00Z", {"npm", "pypi"})


def test_an_index_that_is_built_again_holds_only_what_is_there_now(world: World, source: Path, tmp_path: Path):
    build_index(str(source), machine(world))
    (tmp_path / "other.json").write_text(record("b", "GHSA-3"))
    left = world.write(
        "~/.local/share/mcpconf/.vulndb.sqlite.mcpconf-0123456789abcdef", "left by a run that was killed"
    )
    build_index(str(tmp_path / "other.json"), machine(world))
    assert found(world).judge("npm", "a", "1.0.0").known == ()
    assert found(world).avoided("npm", "b", "1.0.0")
    assert not left.exists()
    assert oct(world.path(INDEX).stat().st_mode & 0o777) == "0o600"


def test_what_holds_no_record_leaves_the_index_as_it_was(world: World, source: Path, tmp_path: Path):
    build_index(str(source), machine(world))
    before = world.path(INDEX).read_bytes()
    (tmp_path / "none.json").write_text("[]")
    with pytest.raises(McpconfError, match="holds no OSV record"):
        build_index(str(tmp_path / "none.json"), machine(world))
    with pytest.raises(McpconfError, match="there are no advisories here"):
        build_index(str(tmp_path / "gone"), machine(world))
    assert world.path(INDEX).read_bytes() == before
    assert sorted(path.name for path in world.path(INDEX).parent.iterdir() if "mcpconf-" in path.name) == []


def test_without_an_index_nothing_is_known(world: World):
    index = machine(world).advisories
    assert (index.about(), index.records("npm", "a"), index.current()) == (None, (), True)
    assert indexed(index) is None


def _endless(path: Path) -> None:
    with sqlite3.connect(path) as opened:
        opened.execute("PRAGMA user_version = 1")
        opened.execute(
            "CREATE VIEW about AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        )
    opened.close()


def _other_values(path: Path) -> None:
    with sqlite3.connect(path) as opened:
        opened.execute("PRAGMA user_version = 1")
        opened.execute("CREATE TABLE about (a, b, c, d, e, f)")
        opened.execute("INSERT INTO about VALUES (1, 2, 3, 4, 5, 6)")
        opened.execute("CREATE TABLE advisories (ecosystem, name, id, record)")
        opened.execute("INSERT INTO advisories VALUES ('npm', 'a', 'x', 'text')")
    opened.close()


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_bytes(b"no database at all, and longer than a header of one has to be" * 20),
        lambda path: path.write_bytes(b""),
        lambda path: path.mkdir(),
        os.mkfifo,
        lambda path: path.symlink_to("/etc/passwd"),
        _endless,
        _other_values,
    ],
    ids=["text", "empty", "folder", "pipe", "link", "endless", "values"],
)
def test_what_is_no_index_is_a_problem_and_never_an_answer(make, world: World):
    world.path(INDEX).parent.mkdir(parents=True)
    make(world.path(INDEX))
    index = machine(world).advisories
    assert isinstance(index.about(), Problem)
    assert isinstance(index.records("npm", "a"), Problem)
    assert isinstance(indexed(index), Problem)


def test_an_index_is_taken_for_its_source_until_that_changes(world: World, source: Path, tmp_path: Path):
    here = machine(world)
    place = SqliteIndex(Resolver(""), str(world.path(INDEX)))
    build_index(str(source), here)
    assert place.current()
    before = mark(str(source))
    os.utime(source, ns=(1, 1))
    assert mark(str(source)) != before
    assert not place.current()
    source.unlink()
    assert place.current(), "it is all that is left of it"
    assert advisories("", here).source == str(source)


def test_a_source_that_changed_is_read_itself(world: World, source: Path, monkeypatch: pytest.MonkeyPatch):
    here = machine(world)
    build_index(str(source), here)
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr("5.json", record("new", "GHSA-5"))
    monkeypatch.setattr(SqliteIndex, "current", lambda _self: mark(str(source)) == "other")
    assert advisories("", here).avoided("npm", "new", "1.0.0")
    assert not found(world).avoided("npm", "new", "1.0.0")
