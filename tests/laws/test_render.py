"""What `render` says that a machine gets is what a plan on an empty machine of the same facts creates, on every system."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from mcpconf.system.sources import bundled_rows
from tests.world import World

HOMES = {"linux": "/home/dev", "macos": "/Users/dev", "windows": "C:/Users/dev"}
SERVERS = {
    "files": {"package": "npm:@a/files", "version": "1.0.0", "args": ["${home}/work", "$$x"]},
    "here": {"command": ["/opt/here", "${workspace}"], "hosts": {"cursor": {"name": "near", "env": {"LEVEL": "info"}}}},
    "far": {"url": "https://example.org/mcp", "headers": {"Authorization": {"secret": "KEY", "prefix": "Bearer "}}},
    "events": {"url": "https://example.org/sse", "transport": "sse", "timeout": "30", "oauth": {"scopes": ["read"]}},
    "time": {"package": "pypi:time", "version": "1.0.0", "bin": "clock", "env": {"TOKEN": {"secret": "TOKEN"}}},
    "image": {"package": "oci:ghcr.io/a/image", "version": "1.0.0", "env": {"A": "b"}, "enabled": "false"},
    "tools": {"command": ["node", "tools.js"], "permissions": {"tools": {"call": ["a", "b"], "auto": ["a"]}}},
    "old": {"command": ["/opt/old"], "expires": "2020-01-31"},
}
some = st.lists(st.sampled_from(sorted(SERVERS)), unique=True, max_size=4)
some_hosts = st.lists(st.sampled_from(sorted(bundled_rows())), unique=True, min_size=1, max_size=4)
selections = st.fixed_dictionaries({"create": st.just("true")}, optional={"servers": some})
MANIFESTS = st.fixed_dictionaries(
    {
        "mcpconf": st.just(1),
        "servers": st.just(SERVERS),
        "hosts": st.dictionaries(st.sampled_from(sorted(bundled_rows())), selections, min_size=1),
    },
    optional={
        "groups": st.fixed_dictionaries(
            {
                "g": st.fixed_dictionaries(
                    {"when": st.just({"labels": ["x"]})},
                    optional={
                        "add": st.fixed_dictionaries({"servers": some}),
                        "drop": st.fixed_dictionaries({"servers": some, "hosts": some_hosts}),
                    },
                )
            }
        ),
        "projects": st.lists(
            st.fixed_dictionaries({"path": st.sampled_from(["~/a", "~/b/c d"])}, optional={"servers": some}),
            unique_by=lambda project: project["path"],
            max_size=2,
        ),
        "policy": st.just({"expired": "remove"}),
        "absent": st.just([{"package": "npm:@a/files", "reason": "bad"}]),
    },
)


@pytest.mark.parametrize("system", sorted(HOMES))
@given(manifest=MANIFESTS, labels=st.sampled_from([[], ["x"]]))
@settings(max_examples=12, deadline=None, phases=[Phase.generate])
def test_render_says_what_a_plan_creates(system, manifest, labels):
    with TemporaryDirectory() as folder:
        world = World(Path(folder), {"os": system, "home": HOMES[system], "user": "dev", "labels": labels})
        for project in manifest.get("projects", ()):
            world.path(project["path"]).mkdir(parents=True, exist_ok=True)
        world.say(json.dumps(manifest))
        rendered, planned = world.run("render", "--format", "json").json, world.plan()
    listed = [entry for host in rendered["hosts"] for entry in host["entries"]]
    written = {entry["address"]: (entry["file"], entry["entry"], entry["written"]) for entry in listed}
    created = {
        address: (change["file"], change["after"], change["edits"][-1]["value"])
        for change in planned["changes"]
        if change["action"] == "create" and change["kind"] == "server"
        for address in (change["address"], *change["also"])
    }
    held = {
        address
        for change in planned["changes"]
        if change["action"] == "held" and change["kind"] == "server"
        for address in (change["address"], *change["also"])
    }
    assert {address: entry for address, entry in written.items() if address not in held} == created
    skipped = {item["address"] for host in rendered["hosts"] for item in host["skipped"]}
    found = {
        item["address"] for item in planned["findings"] if item["rule"] in ("cannot-say", "not-enforced", "MCP801")
    }
    assert {address for address in found if not address.startswith("server:")} == skipped
    assert held <= {*written, *skipped}
