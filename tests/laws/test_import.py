"""The law of import: what it writes asks for exactly what is there, but for secrets, which become references."""

from __future__ import annotations

import json
import shutil

import yaml
from hypothesis import Phase, assume, event, given, settings
from hypothesis import strategies as st

from mcpconf.system.sources import bundled_rows
from tests.laws.import_worlds import SYSTEMS, check, machines, observed, world_of


@settings(max_examples=60, phases=[Phase.generate])
@given(machines(secrets=False), st.sampled_from(sorted(SYSTEMS)))
def test_without_secrets_nothing_is_to_be_done(machine, system):
    with world_of(machine, system) as world:
        data = check(world)
        event(f"{len(data['servers'])} servers, {len(data['left_out'])} left out")


@settings(max_examples=60, phases=[Phase.generate])
@given(machines(secrets=True), st.sampled_from(sorted(SYSTEMS)))
def test_each_literal_secret_becomes_a_reference_and_nothing_else_changes(machine, system):
    with world_of(machine, system) as world:
        data = check(world)
        event(f"{len(data['secrets'])} secrets")
        done = world.run("apply", "--yes", "--move-secrets")
        assert done.code in (0, 8), done.stdout + done.stderr
        assert not world.plan("--move-secrets")["changes"]


NAMES = st.sampled_from(["one", "two", "three-four"])
ASKED = st.one_of(
    st.builds(
        lambda version, args, env, more: {
            "package": "npm:@acme/one",
            "version": version,
            "args": args,
            "env": env,
            **more,
        },
        st.sampled_from(["1.0.0", "2.0.0"]),
        st.lists(st.sampled_from(["a", "${home}/work", "${workspace}", "--flag", "1.0"]), max_size=2),
        st.dictionaries(
            st.sampled_from(["LEVEL", "TOKEN"]), st.sampled_from(["info", {"secret": "TOKEN"}, "${env:X}"]), max_size=2
        ),
        st.sampled_from([{}, {"timeout": 60}, {"enabled": False}, {"cwd": "/srv"}]),
    ),
    st.builds(
        lambda url, headers, more: {"url": url, "headers": headers, "bridge": "carrier", **more},
        st.sampled_from(["https://mcp.example.com/mcp", "https://mcp.example.com/other"]),
        st.sampled_from([{}, {"X-Kind": "plain"}, {"Authorization": {"secret": "KEY", "prefix": "Bearer "}}]),
        st.sampled_from([{}, {"transport": "sse"}, {"timeout": 60}, {"oauth": {"scopes": ["read"]}}]),
    ),
    st.just({"command": ["/opt/tool", "serve"]}),
)
CARRIERS = st.sampled_from(
    [
        {"package": "npm:mcp-remote", "version": "0.1.38"},
        {"package": "npm:mcp-remote", "version": "0.1.38", "args": ["3334", "--debug"], "env": {"LEVEL": "${home}"}},
        {"command": ["mcp-remote"]},
        {"command": ["mcp-remote"], "cwd": "/srv"},
    ]
)
MANIFESTS = st.builds(
    lambda servers, carrier, project: {
        "mcpconf": 1,
        "servers": {**servers, "carrier": carrier},
        "hosts": {host: {"create": True} for host in bundled_rows()},
        "projects": [{"path": "~/src/api"}] if project else [],
    },
    st.dictionaries(NAMES, ASKED, min_size=1, max_size=3),
    CARRIERS,
    st.booleans(),
)


@settings(max_examples=25, phases=[Phase.generate])
@given(MANIFESTS)
def test_what_was_applied_to_every_host_is_imported_as_it_is(manifest):
    """Whatever a row spells, import finds again, once the state is lost.

    But for one address under two transports: it is one server to import, and a host that has no word for the transport is
    left out then, which is told.
    """
    addresses = [server["url"] for server in manifest["servers"].values() if "url" in server]
    assume(len(addresses) == len(set(addresses)))
    with world_of({}) as world:
        world.say(json.dumps(manifest))
        done = world.run("apply", "--yes")
        assert done.code == 0, done.stdout + done.stderr
        shutil.rmtree(world.path("~/.local/state/mcpconf"), ignore_errors=True)
        wanted = {str(entry.address) for entry in observed(world, ("~/src/api",)).entries}
        world.manifest.unlink()
        data = check(world)
        taken = {address for server in data["servers"] for address in server["addresses"]}
        left = {item["address"] for item in data["left_out"] if item["obstacle"] != "shadowed"}
        assert taken >= wanted - {item["address"] for item in data["left_out"]}
        assert not left
        event(f"{len({address.partition('/')[0] for address in taken})} hosts")


HEADERS = st.dictionaries(
    st.sampled_from(["X-Kind", "Accept-Language"]),
    st.sampled_from(["core", "de, en", "a: b", "$$5", "${home}/x"]),
    max_size=2,
)
SIGN_INS = st.sampled_from(
    [{}, {"resource": "https://mcp.example.com/"}, {"scopes": ["read", "write"], "client_id": "ours"}]
)


@settings(max_examples=40, phases=[Phase.generate])
@given(
    CARRIERS.filter(lambda carrier: "cwd" not in carrier),
    HEADERS,
    SIGN_INS,
    st.sampled_from(["http", "sse"]),
    st.sampled_from(sorted(SYSTEMS)),
)
def test_what_a_bridge_carries_is_imported_as_what_it_reaches(carrier, headers, oauth, transport, system):
    """But for the transport, which a bridge finds out by itself; and where the host can say all of the bridge."""
    far = {"url": "https://mcp.example.com/mcp", **({"headers": headers} if headers else {})}
    far |= {"oauth": oauth} if oauth else {}
    servers = {"far": {**far, "transport": transport, "bridge": "carrier"}, "carrier": carrier}
    hosts = {"claude-desktop": {"create": True}}
    with world_of({}, system) as world:
        world.say(json.dumps({"mcpconf": 1, "servers": servers, "hosts": hosts}))
        done = world.run("apply", "--yes")
        assert done.code == 0, done.stdout + done.stderr
        shutil.rmtree(world.path("~/.local/state/mcpconf"), ignore_errors=True)
        world.manifest.unlink()
        check(world, projects=())
        found = yaml.safe_load(world.manifest.read_text())
        assert found["servers"] == {"far": {**far, "bridge": "mcp-remote"}, "mcp-remote": carrier}
