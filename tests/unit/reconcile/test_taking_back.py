"""Approvals in lists and maps of hosts made for it."""

import json

import pytest

from tests.made_up import Loop, row, told
from tests.world import World

LIST = """
file.own = { path = "{home}/own.json" }
file.rules = { path = "{home}/rules.json" }
rule = [{ effect = "auto", in = "rules", at = ["allow", "[{server}:{tool}]"], glob = "tool", empty = "all" }]
"""
KEYS = """
file.own = { path = "{home}/own.json" }
rule = [{ effect = { yes = "auto" }, in = "own", at = ["rules", "{server}:{tool}"], glob = "tool" }]
"""
ENTRY = """
file.own = { path = "{home}/own.json" }
rule = [{ effect = "auto", in = "entry", at = ["limits", "allow", "[{tool}]"] }]
"""
NONE_DECLARED = {"x": {"command": ["/opt/x"], "permissions": {"tools": {"auto": []}}}}
SERVERS = {"x": {"command": ["/opt/x"], "permissions": {"tools": {"auto": ["a", "b_*"]}}}}


def loop(tmp_path, more):
    return Loop(World(tmp_path), row("h", more))


def test_a_list_whose_emptiness_means_all_is_never_emptied(tmp_path):
    made = loop(tmp_path, LIST)
    made.world.write("~/rules.json", '{"allow": ["x:drop", "x:write"]}')
    plan = made.apply(NONE_DECLARED)
    assert told(plan) == [("create", "new", "h/user/x")]
    assert [item.address for item in plan.residue] == [
        "grant:h/user/rules#allow.=x:drop",
        "grant:h/user/rules#allow.=x:write",
    ]
    assert "an empty list there means everything" in plan.residue[0].instruction
    assert made.world.read("~/rules.json") == '{"allow": ["x:drop", "x:write"]}'
    made.world.write("~/rules.json", '{"allow": ["x:drop", "y:z"]}')
    assert told(made.apply(NONE_DECLARED)) == [("revoke", "not_declared", "grant:h/user/rules#allow.=x:drop")]
    assert made.world.read("~/rules.json") == '{"allow": ["y:z"]}'


def test_a_key_for_all_tools_makes_room_for_the_declared_ones(tmp_path):
    made = loop(tmp_path, KEYS)
    made.world.write("~/own.json", '{"rules": {"x:*": "yes", "x:drop": "yes", "y:z": "yes", "x:c": "no"}}')
    plan = made.apply(SERVERS)
    assert ("revoke", "not_declared", "grant:h/user/own#rules.x:%2A") in told(plan)
    assert json.loads(made.world.read("~/own.json"))["rules"] == {
        "y:z": "yes",
        "x:c": "no",
        "x:a": "yes",
        "x:b_*": "yes",
    }
    assert made.state.grants == {"grant:h/user/own#rules.x:a": "x", "grant:h/user/own#rules.x:b_%2A": "x"}
    assert made.plan(SERVERS).detailed_exit_code == 0


@pytest.mark.parametrize("policy", ["warn", "remove"])
def test_an_approval_inside_an_unmanaged_entry_is_known_by_itself(tmp_path, policy):
    made = loop(tmp_path, ENTRY)
    mine = '{"servers": {"mine": {"command": "/mine", "limits": {"allow": ["a"]}}}}'
    made.world.write("~/own.json", mine)
    made.apply({}, policy={"grants": policy})
    assert made.plan({}, policy={"grants": policy}).detailed_exit_code == 0
    assert (made.world.read("~/own.json") == mine) == (policy == "warn")
    made.world.write("~/own.json", mine.replace('"a"', '"a", "b"'))
    found = made.plan({}, policy={"grants": policy})
    assert {item.address for item in found.drift} == {
        "grant:h/user/own#servers.mine.limits.allow.=b",
        *(["grant:h/user/own#servers.mine.limits.allow.=a"] if policy == "remove" else []),
    }


def test_a_list_in_an_entry_is_created_below_its_map_and_read_back(tmp_path):
    made = loop(tmp_path, ENTRY)
    servers = {"x": {"command": ["/opt/x"], "permissions": {"tools": {"auto": ["a"]}}}}
    made.apply(servers)
    assert json.loads(made.world.read("~/own.json")) == {
        "servers": {"x": {"command": "/opt/x", "limits": {"allow": ["a"]}}}
    }
    assert made.plan(servers).detailed_exit_code == 0
    none = {"x": {"command": ["/opt/x"], "permissions": {"tools": {}}}}
    assert told(made.apply(none)) == [("update", "manifest_changed", "h/user/x")]
    assert json.loads(made.world.read("~/own.json")) == {"servers": {"x": {"command": "/opt/x"}}}
