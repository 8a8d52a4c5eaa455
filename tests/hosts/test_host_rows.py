"""The loader takes the rows that exist and refuses everything the vocabulary does not have, by its place."""

import re
import time
import tomllib
from pathlib import Path

import pytest

from mcpconf.errors import ExitCode, McpconfError
from mcpconf.hosts.keeping import load_keeper
from mcpconf.hosts.places import Disk, destination, locations
from mcpconf.hosts.rows import load_row
from mcpconf.ports import Facts
from mcpconf.system.sources import bundled_rows

HOSTS = Path(__file__).parents[2] / "mcpconf" / "hosts"
TEXTS = {path.stem: path.read_text() for path in sorted((HOSTS / "data").glob("*.toml"))}
SMALL = """
id = "example"
title = "Example"
docs = "https://example.org"
checked = "2026-11-20"
present = ["{home}/.example"]
place = [{ file = "user", at = ["servers", "{server}"] }]
[file]
user = { path = "{home}/.example/mcp.json" }
[entry]
words = { stdio = [] }
"""


def refused(text):
    with pytest.raises(McpconfError) as caught:
        load_row(text, "row.toml")
    assert caught.value.code is ExitCode.NO_PLAN
    (problem,) = caught.value.problems
    return str(problem.where), problem.message


def test_the_small_row_is_a_row():
    row = load_row(SMALL, "row.toml")
    assert (row.id, row.merge, row.files["user"].write, row.dialect.command) == ("example", "entry", True, "command")


def test_a_row_that_comes_along_is_read_when_it_is_asked_for():
    rows = bundled_rows.__wrapped__()
    assert [*rows] == sorted(TEXTS)
    assert ("cursor" in rows, "tern" in rows, len(rows)) == (True, False, len(TEXTS))
    assert not any(rows.read.values())
    assert rows["cursor"] is rows["cursor"]
    assert [name for name, row in rows.read.items() if row is not None] == ["cursor"]
    with pytest.raises(KeyError):
        rows["tern"]


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_row_is_named_like_its_file_and_stays_small(name):
    text = TEXTS[name]
    assert load_row(text, name).id == name
    assert len(text.splitlines()) <= 150
    assert max(map(len, text.splitlines())) <= 200


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_file_is_used_by_a_place_or_a_rule(name):
    row = load_row(TEXTS[name], name)
    used = {file for item in (*row.places, *row.rules) for file in item.files}
    assert set(row.files) <= used


def test_no_host_is_named_in_code():
    names = {
        word
        for name, text in TEXTS.items()
        for word in (name, *re.findall("[a-z]+", tomllib.loads(text)["title"].lower()))
    }
    names -= {"code", "vs", "cli", "desktop", "continue", "build", "files", "old"}
    for path in sorted(HOSTS.glob("*.py")):
        assert not names & set(re.findall(r"[a-z][a-z-]*", path.read_text().lower())), path


def test_rows_load_fast_enough_for_every_plan():
    started = time.process_time()
    for _ in range(5):
        for name, text in TEXTS.items():
            load_row(text, name)
    assert (time.process_time() - started) / 5 / len(TEXTS) < 0.01


@pytest.mark.parametrize(
    ("old", "new", "where", "message"),
    [
        ('title = "Example"', 'titel = "Example"', "row.toml#title", "`title` is missing"),
        ('title = "Example"', "title = 1", "row.toml#title", "must be a str, not a int"),
        ('title = "Example"', 'title = "Example"\nfancy = 1', "row.toml#fancy", "`fancy` is no key here"),
        ('id = "example"', 'id = "../x"', "row.toml#id", "is no valid `id`"),
        ('checked = "2026-11-20"', 'checked = "today"', "row.toml#checked", "is no valid `checked`"),
        ('checked = "2026-11-20"', 'checked = "2026-11-20"\nmerge = "maybe"', "row.toml#merge", "`maybe` is none of"),
        (
            'checked = "2026-11-20"',
            'checked = "2026-11-20"\nversion = {pip = "x"}',
            "row.toml#version.pip",
            "no key here",
        ),
        ('present = ["{home}/.example"]', "present = [1]", "row.toml#present", "must be a list of texts"),
        ('file = "user"', 'file = "nowhere"', "row.toml#place[0].file", "`nowhere` is none of `user`"),
        ('"servers", "{server}"', '"servers"', "row.toml#place[0].at", "ends in `{server}`"),
        ('"servers", "{server}"', '"servers", 5', "row.toml#place[0].at", "list of texts"),
        ('"servers", "{server}"', "", "row.toml#place[0].at", "list of texts"),
        (
            '"servers", "{server}"',
            '["a", "[b]"], "{server}"',
            "row.toml#place[0].at",
            "all be keys, or all be list elem",
        ),
        ("stdio = []", "pipe = []", "row.toml#entry.words.pipe", "`pipe` is no key here"),
        ("stdio = []", "stdio = [2]", "row.toml#entry.words.stdio", "must be a list of texts"),
        ('mcp.json" }', 'mcp.json", format = "xml" }', "row.toml#file.user.format", "`xml` is none of"),
        ('mcp.json" }', 'mcp.json", write = "no" }', "row.toml#file.user.write", "must be a bool"),
        (
            'mcp.json" }',
            'mcp.json", needs = "trust" }',
            "row.toml#file.user.needs",
            "no rule of this row gives `trust`",
        ),
        ('mcp.json" }', 'mcp.json" }\nentry = { path = "x" }', "row.toml#file.entry", "no id for a file"),
        ('user = { path = "{home}/.example/mcp.json" }', "user = 5", "row.toml#file.user", "must be a table"),
        ("[file]\n", "[file]\n#", "row.toml#file", "at least one file"),
        ('path = "{home}', 'path = "' + "x" * 400 + "{home}", "row.toml#file.user.path", "is no valid `path`"),
        ("[entry]", '[names]\naccepts = "("\n[entry]', "row.toml#names.accepts", "no regular expression"),
        ("[entry]", '[refs]\ndefault = "$NAME-DEFAULT"\n[entry]', "row.toml#refs.default", "is no valid `default`"),
        ("[entry]", '[refs]\nreserved = ["%ANY%"]\n[entry]', "row.toml#refs.reserved", "must end in a bracket"),
        ("[entry]", '[refs]\nfields = ["name"]\n[entry]', "row.toml#refs.fields", "`name` is none of"),
        ("[entry]", '[names]\nkeep = "z-a"\n[entry]', "row.toml#names.keep", "no class of characters"),
        ('"{server}"', '"[name={server}]"', "row.toml#entry.fixed", "a place finds servers by it"),
        ('"{server}"', '"[name={tool}]"', "row.toml#place[0].at", "in `[key={server}]`"),
        (
            "[entry]",
            '[[rule]]\neffect = "auto"\nin = "user"\nat = ["list", "[!off&name={server}]"]\n[entry]',
            "row.toml#rule[0].at",
            "no list of conditions",
        ),
        ("[entry]", '[entry]\nlift.command = { path = "program" }', "row.toml#entry.lift.command", "read as `command`"),
        (
            "[entry]",
            '[entry]\nurl_also = { httpUrl = "stdio" }',
            "row.toml#entry.url_also.httpUrl",
            "`stdio` is none of",
        ),
        ("[entry]", '[entry]\nurl = { stdio = "url" }', "row.toml#entry.url.stdio", "`stdio` is no key here"),
        ("[entry]", "[entry]\nheaders = [1]", "row.toml#entry.headers", "must be a list of texts"),
        ("[entry]", "[entry]\nfixed = { a = [] }", "row.toml#entry.fixed.a", "a text, a number or a truth value"),
        ("[entry]", '[base]\na = { any = "{b}" }\nb = { any = "/b" }\n[entry]', "row.toml#base.a", "before it is used"),
        ('path = "{home}', 'path = "${A:-{home}', "row.toml#file.user.path", "a bracket that is not closed"),
        ("[entry]", '[base.a]\nbsd = "/b"\n[entry]', "row.toml#base.a.bsd", "`bsd` is no key here"),
        ("[entry]", '[[rule]]\neffect = "magic"\n[entry]', "row.toml#rule[0].effect", "`magic` is none of"),
        ("[entry]", '[[rule]]\neffect = {a = "x"}\n[entry]', "row.toml#rule[0].effect.a", "`x` is none of"),
        (
            "[entry]",
            '[[rule]]\neffect = "auto"\nin = "q"\nat = ["a"]\n[entry]',
            "row.toml#rule[0].in",
            "`q` is none of",
        ),
        (
            "[entry]",
            '[[rule]]\neffect = "auto"\nin = "user"\nat = ["a"]\nis = [1]\n[entry]',
            "row.toml#rule[0].is",
            "a text, a number or a truth value",
        ),
        ("[entry]", "[entry]\ntimeout = { key = 't', unit = 'h' }", "row.toml#entry.timeout.unit", "`h` is none of"),
        ("[entry]", "[entry]\noff = { key = 'off' }", "row.toml#entry.off.is", "`is` is missing"),
        ("place = [{", "place = [1, {", "row.toml#place[0]", "a list of tables is expected"),
        ('id = "example"', 'id = "example', "row.toml", "no valid TOML"),
    ],
)
def test_a_mistake_is_told_by_its_place(old, new, where, message):
    assert old in SMALL
    found_where, found_message = refused(SMALL.replace(old, new, 1))
    assert found_where == where
    assert message in found_message


def test_of_several_files_the_first_that_exists_takes_new_servers():
    text = SMALL.replace('"user"', '["user", "old"]').replace("[entry]", 'old = { path = "{home}/.old.json" }\n[entry]')
    row, facts = load_row(text, "row.toml"), Facts("linux", "/home/dev", "dev", "1")
    for there, expected in ((set(), "user"), ({"/home/dev/.old.json"}, "old")):
        target = destination(row, facts, "user", "", Disk(there.__contains__, lambda _folder: ()))
        assert target is not None
        assert target.location.file == expected


def test_a_variable_may_tell_the_folder_above():
    row = load_row(SMALL.replace("{home}/.example/mcp.json", "${ROOT/config:-{home}/.example}/mcp.json"), "row.toml")
    for environment, folder in (
        ({}, "/home/dev/.example"),
        ({"ROOT": "/r/"}, "/r/config"),
        ({"ROOT": "r"}, "/home/dev/.example"),
    ):
        facts = Facts("linux", "/home/dev", "dev", "1", environment)
        assert [place.path for place in locations(row, facts, [], lambda _folder: ())] == [f"{folder}/mcp.json"]


def test_a_bracket_around_no_hole_is_text():
    row = load_row(SMALL.replace("/mcp.json", "/{X}.json"), "row.toml")
    found = locations(row, Facts("linux", "/home/dev", "dev", "1"), [], lambda _folder: ())
    assert [place.path for place in found] == ["/home/dev/.example/{X}.json"]


def test_a_row_nested_too_deeply_is_refused():
    assert "no valid TOML" in refused("x = " + "[" * 100_000)[1]


KEEPER = """
id = "keeper"
title = "Keeper"
docs = "https://example.org"
checked = "2026-11-27"
[[store]]
id = "tokens"
path = "{home}/.keeper/{server}.json"
kind = "named"
"""


@pytest.mark.parametrize("path", sorted((HOSTS / "keepers").glob("*.toml")), ids=lambda path: path.stem)
def test_a_keeper_is_named_like_its_file_and_keeps_something(path):
    keeper = load_keeper(path.read_text(), path.name)
    assert (keeper.id, bool(keeper.stores), keeper.id in TEXTS) == (path.stem, True, False)


@pytest.mark.parametrize(
    ("old", "new", "where", "message"),
    [
        ('"named"', '"vault"', "keeper.toml#store[0].kind", "`vault` is none of `document`, `named`"),
        ('kind = "named"', "", "keeper.toml#store[0].at", "`at` is missing"),
        ('"Keeper"', '"Keeper"\nfancy = 1', "keeper.toml#fancy", "is no key here"),
        ('"named"', '"named"\nunit = "h"', "keeper.toml#store[0].unit", "`h` is none of `ms`, `s`"),
        ('id = "keeper"', "id =", "keeper.toml", "no valid TOML"),
    ],
)
def test_a_keeper_is_read_strictly(old, new, where, message):
    assert KEEPER.count(old) == 1
    with pytest.raises(McpconfError) as caught:
        load_keeper(KEEPER.replace(old, new), "keeper.toml")
    (problem,) = caught.value.problems
    assert (str(problem.where), message in problem.message) == (where, True)
