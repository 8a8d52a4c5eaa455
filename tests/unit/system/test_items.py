"""A SQLite file of an application is only looked at, as bytes that never change, and within bounds."""

import sqlite3

import pytest

from mcpconf.errors import Problem
from mcpconf.system import items as module
from mcpconf.system.items import column, items

TABLE = "CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)"


def database(path, *statements, rows=()):
    with sqlite3.connect(path) as connection:
        for statement in statements or (TABLE,):
            connection.execute(statement)
        connection.executemany("INSERT INTO ItemTable VALUES (?, ?)", rows)
    connection.close()
    return str(path)


def test_only_what_is_asked_for_is_told(tmp_path):
    real = database(
        tmp_path / "a b?#.vscdb", rows=[("one", '{"a": 1}'), ("two", b"[]"), ("three", "x"), ("null", None)]
    )
    before = [(path, path.stat().st_mtime_ns) for path in tmp_path.iterdir()]
    assert items("/p", real, ["one", "two", "four", "null"]) == {"one": b'{"a": 1}', "two": b"[]"}
    assert [(path, path.stat().st_mtime_ns) for path in tmp_path.iterdir()] == before


def test_an_application_that_writes_is_not_waited_for(tmp_path):
    real = database(tmp_path / "x", rows=[("one", "1")])
    with sqlite3.connect(real) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        assert items("/p", real, ["one"]) == {"one": b"1"}
    writer.close()


def test_a_folder_that_nobody_may_write_to_is_read_all_the_same(tmp_path):
    real = database(tmp_path / "x", "PRAGMA journal_mode = WAL", TABLE, rows=[("one", "1")])
    tmp_path.chmod(0o500)
    assert items("/p", real, ["one"]) == {"one": b"1"}
    tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE Other (key, value)",),
        ("CREATE VIEW ItemTable AS SELECT 'one' AS key, zeroblob(1000) AS value",),
        (),
    ],
)
def test_without_such_a_table_there_is_nothing(tmp_path, statements):
    with sqlite3.connect(tmp_path / "x") as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    assert items("/p", str(tmp_path / "x"), ["one"]) == {}


@pytest.mark.parametrize("content", [b"no database at all " * 100, b"SQLite format 3\0" + b"\xff" * 4096])
def test_what_is_no_database_is_a_problem(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    found = items("/p", str(tmp_path / "x"), ["one"])
    assert isinstance(found, Problem)
    assert found.kind == "malformed"


def test_a_value_that_is_too_long_is_a_problem(tmp_path):
    real = database(tmp_path / "x", rows=[("one", b"x" * (module.MAXIMUM_ITEM_BYTES + 1))])
    assert isinstance(items("/p", real, ["one"]), Problem)


def test_a_file_that_is_read_for_ever_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SECONDS", 0.0)
    monkeypatch.setattr(module, "_STEPS", 1)
    real = database(tmp_path / "x", rows=[("one", "1")])
    found = items("/p", real, ["one"])
    assert isinstance(found, Problem)
    assert "interrupted" in found.message


def test_a_column_is_told_row_by_row_and_no_other_one(tmp_path):
    rows = [("one", "[1]"), ("two", None), ("three", b"x")]
    real = database(tmp_path / "x", rows=rows)
    assert column("/p", real, "ItemTable", "value") == (b"[1]", b"x")
    assert column("/p", real, "other", "value") == ()
    assert isinstance(column("/p", real, "ItemTable", "nothing"), Problem)


@pytest.mark.parametrize(("table", "name"), [("ItemTable; x", "value"), ("t", 'v"'), ("", "v")])
def test_only_letters_are_put_into_a_question(tmp_path, table, name):
    with pytest.raises(ValueError, match=r".*"):
        column("/p", str(tmp_path / "x"), table, name)


def test_no_more_rows_than_are_looked_at(tmp_path):
    real = database(tmp_path / "x", rows=[(str(number), "x") for number in range(module.MAXIMUM_ROWS + 5)])
    assert len(column("/p", real, "ItemTable", "value")) == module.MAXIMUM_ROWS
