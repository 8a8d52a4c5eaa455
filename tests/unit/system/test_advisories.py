"""OSV records on disk: folders and archives, as they are given out, and as nobody should make them."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from mcpconf.errors import ExitCode, McpconfError
from mcpconf.ports import Machine
from mcpconf.system.advisories import VARIABLE, advisories
from mcpconf.system.facts import rooted_machine
from tests.world import World


def record(name: str, id: str = "GHSA-1") -> str:  # noqa: A002
    about = {"package": {"ecosystem": "npm", "name": name}, "versions": ["1.0.0"]}
    return json.dumps({"id": id, "modified": "2026-11-20T00:00:00Z", "affected": [about]})


def here(tmp_path: Path, **env: str) -> Machine:
    world = World(tmp_path / "world")
    made = rooted_machine(str(world.root))
    return replace(made, facts=replace(made.facts, home=str(tmp_path / "home"), env=env))


def archive(path: Path, **members: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, text in members.items():
            opened.writestr(f"{name}.json", text)
        opened.writestr("README.md", "no record")


def test_a_folder_of_archives_and_files_as_osv_gives_them_out(tmp_path: Path):
    archive(tmp_path / "osv" / "npm" / "all.zip", a=record("a"), b=record("b", "GHSA-2"))
    (tmp_path / "osv" / "more.json").write_text(record("c", "GHSA-3"))
    found = advisories(str(tmp_path / "osv"), here(tmp_path))
    assert found is not None
    assert (found.count, found.unread) == (3, 0)
    assert all(found.avoided("npm", name, "1.0.0") for name in "abc")


def test_one_archive_or_one_file(tmp_path: Path):
    archive(tmp_path / "all.zip", a=record("a"), broken="{")
    (tmp_path / "one.json").write_text(record("b"))
    found = advisories(str(tmp_path / "all.zip"), here(tmp_path))
    assert found is not None
    assert (found.count, found.unread) == (1, 1)
    assert advisories(str(tmp_path / "one.json"), here(tmp_path)) is not None


def test_the_variable_then_the_data_folder_then_nothing(tmp_path: Path):
    assert advisories("", here(tmp_path)) is None
    data = tmp_path / "data"
    archive(data / "mcpconf" / "advisories" / "all.zip", a=record("a"))
    found = advisories("", here(tmp_path, XDG_DATA_HOME=str(data)))
    assert found is not None
    assert found.avoided("npm", "a", "1.0.0")
    (tmp_path / "b.json").write_text(record("b"))
    other = advisories("", here(tmp_path, XDG_DATA_HOME=str(data), **{VARIABLE: str(tmp_path / "b.json")}))
    assert other is not None
    assert not other.avoided("npm", "a", "1.0.0")


def test_a_member_that_unpacks_to_too_much_is_no_record(tmp_path: Path):
    archive(tmp_path / "all.zip", a=record("a"), bomb=" " * (64 * 1024 * 1024) + record("b"))
    found = advisories(str(tmp_path / "all.zip"), here(tmp_path))
    assert found is not None
    assert (found.count, found.unread) == (1, 1)


@pytest.mark.parametrize("content", [b"PK\x03\x04 not really", b"", b"[]"], ids=["half", "empty", "list"])
def test_what_holds_no_record_is_an_error_and_never_an_answer(content: bytes, tmp_path: Path):
    path = tmp_path / "all.zip"
    path.write_bytes(content)
    with pytest.raises(McpconfError) as raised:
        advisories(str(path), here(tmp_path))
    assert raised.value.code == ExitCode.NO_PLAN
    assert raised.value.problems[0].hint


def test_a_path_where_nothing_is(tmp_path: Path):
    with pytest.raises(McpconfError, match="there are no advisories here"):
        advisories(str(tmp_path / "gone"), here(tmp_path))


def test_a_damaged_archive_is_not_read_in_part(tmp_path: Path):
    path = tmp_path / "all.zip"
    archive(path, a=record("a"), b=record("b"))
    data = bytearray(path.read_bytes())
    data[60:64] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    with pytest.raises(McpconfError, match="cannot be read"):
        advisories(str(path), here(tmp_path))
