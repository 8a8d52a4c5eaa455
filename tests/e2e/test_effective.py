"""Which hosts are there, and what they really run: as data that fits its schema, in few columns, and without secrets or control characters."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mcpconf.documents.schema import schemas
from tests.world import World

SECRET = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
EXAMPLE = Path(__file__).parents[2] / "examples" / "workstation"


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    servers = {
        "hub": {"command": "npx", "args": ["-y", "hub@1"], "env": {"TOKEN": SECRET}},
        "bad\u001b[31m": {"command": "/opt/\u202eevil"},
        "far": {"type": "http", "url": f"https://example.org/mcp?token={SECRET}"},
    }
    made.write("~/.claude.json", json.dumps({"mcpServers": servers, "projects": {"/home/dev/api": {}}}))
    made.write("~/api/.mcp.json", json.dumps({"mcpServers": {"hub": {"command": "/opt/hub"}}}))
    return made


def test_the_data_fits_its_schema_and_tells_each_entry(world: World) -> None:
    ran = world.run("hosts", "--effective", "--format", "json")
    assert ran.code == 0
    assert not list(Draft202012Validator(schemas()["effective"]).iter_errors(ran.json))
    (host,) = ran.json["hosts"]
    anywhere, project = host["folders"]
    assert [server["name"] for server in anywhere["servers"]] == ["bad\x1b[31m", "far", "hub"]
    (hub,) = [server for server in project["servers"] if server["name"] == "hub"]
    assert hub["values"] == {"transport": "stdio", "launch": ["/opt/hub"]}
    assert hub["parts"] == [{"address": "claude-code/project:~/api/hub", "file": "/home/dev/api/.mcp.json", "line": 1}]
    assert [(item["address"], item["why"], item["by"]) for item in hub["idle"]] == [
        ("claude-code/user/hub", "shadowed", "/home/dev/api/.mcp.json:1")
    ]


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("words", [(), ("--effective",), ("claude-code",)])
def test_no_secret_and_no_control_character_is_printed(words: tuple[str, ...], form: str, world: World) -> None:
    ran = world.run("hosts", *words, "--format", form)
    assert SECRET not in ran.stdout
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", ran.stdout)


@pytest.mark.parametrize("words", [(), ("--effective",), ("codex",), ("--effective", "vscode")])
def test_it_fits_eighty_columns_and_colour_only_adds(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World.example(tmp_path, EXAMPLE)
    monkeypatch.setenv("COLUMNS", "80")
    plain = world.run("hosts", *words).stdout
    assert max(map(len, plain.splitlines())) <= 80
    coloured = world.run("hosts", *words, "--color", "always").stdout
    assert coloured != plain
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain
    monkeypatch.setenv("NO_COLOR", "1")
    assert world.run("hosts", *words).stdout == plain


def test_a_version_is_read_from_files_and_nothing_is_started(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write("/usr/lib/node_modules/@openai/codex/package.json", '{"name": "@openai/codex", "version": "0.171.0"}')
    world.write("~/.codex/config.toml", "")
    for number in ("3.9.1", "3.10.0", "3.8.9"):
        folder = f"~/.vscode/extensions/rooveterinaryinc.roo-cline-{number}"
        world.write(f"{folder}/package.json", json.dumps({"version": number}))
    world.path("~/.config/Code/User/globalStorage/rooveterinaryinc.roo-cline").mkdir(parents=True)
    world.write("/usr/share/code/resources/app/package.json", '{"version": "\\u001b[31m"}')
    told = {host["id"]: host["version"] for host in world.run("hosts", "--format", "json").json["hosts"]}
    assert {host: told[host] for host in ("codex", "roo", "vscode", "cursor")} == {
        "codex": "0.171.0",
        "roo": "3.10.0",
        "vscode": None,
        "cursor": None,
    }


def test_what_was_written_by_mcpconf_is_counted_and_a_broken_file_is_not_passed_over(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write("~/.cursor/mcp.json", '{"mcpServers": {"mine": {"command": "/opt/mine"}}}')
    world.write("/etc/claude-code/managed-settings.json", '{"managedMcpServers": {"far": {"type": "http"}}}')
    world.say('mcpconf: 1\nservers: {ours: {command: ["/opt/ours"]}}\nhosts: {cursor: {}}\n')
    assert world.run("apply", "--yes").code == 0
    ran = world.run("hosts")
    counts = {line.split()[0]: line.split()[1:-1] for line in ran.stdout.splitlines()}
    assert counts["cursor"] == ["-", "1", "2", "-", "1", "-"]
    assert counts["claude-code"] == ["-", "1", "1", "-", "-", "1"]
    world.write("~/.cursor/mcp.json", "{")
    ran = world.run("hosts")
    assert ran.code == 8
    assert "? ~/.cursor/mcp.json:1" in ran.stdout
    assert world.run("hosts", "claude-code").code == 0
    assert world.run("hosts", "codecs").code == 64
