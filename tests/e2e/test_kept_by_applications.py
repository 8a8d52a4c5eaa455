"""Approvals that a desktop application keeps in a SQLite file are told with their place, and never written."""

import json

from tests.world import World

STATE = "~/.config/Code/User/globalStorage/state.vscdb"
MANIFEST = """
mcpconf: 1
servers: {files: {command: ["/opt/files"], permissions: {tools: {auto: []}}}}
hosts: {vscode: {create: true}}
"""


def test_an_approval_that_nobody_declared_is_for_a_person_to_take_back(tmp_path):
    world = World(tmp_path)
    world.say(MANIFEST)
    world.keep(STATE, {"chat/autoconfirm": {"mcp_files_drop": True, "mcp_other_get": True}, "secret": "TOP"})
    before = world.path(STATE).read_bytes()
    plan = world.run("plan", "--format", "json").json
    (residue,) = plan["residue"]
    assert residue["address"] == "grant:vscode/user/kept#chat%2Fautoconfirm.mcp_files_drop"
    assert residue["where"].endswith("/globalStorage/state.vscdb")
    assert world.run("apply", "--yes").code in (0, 2)
    assert world.path(STATE).read_bytes() == before
    assert world.run("plan", "--detailed-exitcode").code == 2
    world.keep(STATE, {"chat/autoconfirm": {}})
    assert world.run("plan", "--detailed-exitcode").code == 0


def test_one_that_is_not_understood_is_unknown_and_not_none(tmp_path):
    world = World(tmp_path)
    world.say(MANIFEST)
    world.keep(STATE, {"chat/autoconfirm": "{not json"})
    done = world.run("plan", "--format", "json")
    assert done.code == 8
    assert "state.vscdb" in done.stdout
    world.path(STATE).write_bytes(b"no database")
    done = world.run("plan", "--format", "json")
    assert done.code == 8
    assert "cannot be read as a SQLite file" in done.stdout


def test_an_approval_by_an_old_name_stays_where_it_is(tmp_path):
    world = World(tmp_path)
    world.say(MANIFEST)
    world.keep(STATE, {"chat/autoconfirm": {"mcp_files_read": True}})
    before = world.path(STATE).read_bytes()
    world.run("apply", "--yes")
    assert world.run("rename", "files", "documents").code == 0
    done = world.run("apply", "--yes")
    assert done.code in (0, 2)
    assert json.loads(world.read("~/.config/Code/User/mcp.json"))["servers"].keys() == {"documents"}
    assert world.path(STATE).read_bytes() == before
