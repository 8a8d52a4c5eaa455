"""What a manifest says of tools, on every host: said, or told as what the host does not keep; and never said twice."""

from __future__ import annotations

import json

import pytest

from mcpconf.documents.manifest import load_manifest
from mcpconf.hosts.tools import sayable
from mcpconf.resolve.servers import neutral
from mcpconf.system.sources import bundled_rows
from tests.world import World

ROWS = bundled_rows()
LISTS = {"call": ["read", "write", "drop"], "auto": ["read"], "except": ["drop"]}


def manifest(host: str, tools: dict | None) -> dict:
    permissions = {"permissions": {"tools": tools}} if tools is not None else {}
    return {
        "mcpconf": 1,
        "servers": {"hub": {"command": ["/opt/hub"], **permissions}},
        "hosts": {host: {"create": True}},
    }


def told(plan: dict) -> list[str]:
    return [item["message"] for item in plan["findings"] if item["rule"] == "not-enforced"]


@pytest.mark.parametrize("host", sorted(ROWS))
def test_each_list_is_said_or_told(host, tmp_path):
    machine = {"os": "windows", "home": "C:/Users/dev", "user": "dev"} if host == "visual-studio" else None
    world = World(tmp_path, *([machine] if machine else []))
    world.say(json.dumps(manifest(host, LISTS)))
    before = world.plan()
    if not before["changes"]:
        assert before["findings"], "nothing is written, and nobody says why"
        return
    server = load_manifest(json.dumps(manifest(host, LISTS)).encode(), "m", known_hosts=ROWS).manifest.servers["hub"]
    said = sayable(ROWS[host], neutral(server))
    lost = "".join(told(before))
    assert ("`except`" in lost) is ("except" in said.unenforced)
    assert ("`call`" in lost) is ("call" in said.unenforced)
    assert ("`auto`" in lost) is bool(said.unsaid)
    assert world.run("apply", "--yes").code == 0
    after = world.run("plan", "--detailed-exitcode", "--format", "json")
    assert after.code == 0, after.stdout
    assert not after.json["changes"]
    assert not [item for item in after.json["unmanaged"] if item["kind"] == "grant"]

    world.say(json.dumps(manifest(host, None)))
    assert world.run("apply", "--yes").code == 0
    assert not world.plan()["changes"]
    limits = [item for item in world.plan()["unmanaged"] if "drop" in item["address"]]
    assert not limits
