"""Random approvals on a machine, random tools declared: what is beyond goes, everything else stays byte for byte."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from mcpconf.model.tools import EVERY, covers
from tests.laws.loop_worlds import everything
from tests.world import World

TOOLS = ("list", "read_a", "drop")
SERVERS = ("one", "two", "gone", "stranger")
LISTS = {
    "~/.claude/settings.json": (("permissions", "allow"), "mcp__{server}__{tool}", "mcp__{server}"),
    "~/src/api/.claude/settings.local.json": (("permissions", "allow"), "mcp__{server}__{tool}", "mcp__{server}__*"),
    "~/.cursor/permissions.json": (("mcpAllowlist",), "{server}:{tool}", "{server}:*"),
    "~/.cursor/cli-config.json": (("permissions", "allow"), "Mcp({server}:{tool})", "Mcp({server}:*)"),
}
CODEX = "~/.codex/config.toml"

autos = st.lists(st.sampled_from([*TOOLS, "read_*", EVERY]), max_size=3, unique=True)
approvals = st.fixed_dictionaries(
    {
        path: st.lists(st.tuples(st.sampled_from(SERVERS), st.sampled_from([*TOOLS, EVERY])), max_size=5, unique=True)
        for path in [*LISTS, CODEX]
    }
)
policies = st.sampled_from(["keep", "warn", "remove"])


def manifest(one: list[str], servers: tuple[str, ...], policy: str) -> str:
    said = {name: {"command": [f"/opt/{name}"]} for name in servers}
    said["one"]["permissions"] = {"tools": {"auto": one}}
    hosts = {host: {"create": True} for host in ("claude-code", "cursor", "codex")}
    return json.dumps({"mcpconf": 1, "servers": said, "hosts": hosts, "policy": {"grants": policy}})


def text_of(path: str, server: str, tool: str) -> str:
    _, single, whole = LISTS[path]
    return (whole if tool == EVERY else single).format(server=server, tool=tool)


def write(world: World, found: dict) -> None:
    for path, pairs in found.items():
        if path == CODEX:
            continue
        keys, *_ = LISTS[path]
        value = ["Keep(me)", *(text_of(path, *pair) for pair in pairs), "Edit"]
        for key in reversed(keys):
            value = {key: value, "odd": 1.50}
        world.write(path, json.dumps(value, indent=3) + "\n")
    world.write(CODEX, "# mine\nmodel = 'x'   # spaced\n" + "".join(_toml(world, found[CODEX])))


def _toml(world: World, pairs: list) -> list[str]:
    """Approvals of codex lie in entries: they are added to those that were written, or to one of the user's own."""
    text = world.read(CODEX) if world.path(CODEX).is_file() else ""
    blocks = [text.replace("# mine\nmodel = 'x'   # spaced\n", "")]
    there = {name for name in SERVERS if f"[mcp_servers.{name}]" in text}
    missing = dict.fromkeys(server for server, _ in pairs if server not in there)
    blocks += [f'\n[mcp_servers.{name}]\ncommand = "/opt/{name}"\n' for name in missing]
    for server, tool in pairs:
        if tool != EVERY and f"[mcp_servers.{server}.tools.{tool}]" not in text:
            blocks.append(f'\n[mcp_servers.{server}.tools.{tool}]\napproval_mode = "approve"\n')
    return blocks


@settings(max_examples=25, phases=[Phase.generate], deadline=None)
@given(autos, approvals, policies)
def test_no_approval_beyond_what_is_declared_remains(auto: list[str], found: dict, policy: str):
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.write("~/.claude.json", '{"projects": {"/home/dev/src/api": {}}}\n')
        world.say(manifest([], ("one", "two", "gone"), "warn"))
        world.run("apply", "--yes")
        write(world, found)
        before = world.snapshot()
        world.say(manifest(auto, ("one", "two"), policy))
        plan = world.plan()
        done = world.run("apply", "--yes", "--on-conflict", "overwrite")
        assert done.code == 0, done.stdout + done.stderr
        again = world.run("plan", "--detailed-exitcode", "--format", "json").json
        assert again["changes"] == [] == again["residue"], again
        state = everything(world)
        world.run("apply", "--yes", "--on-conflict", "overwrite")
        assert everything(world) == state
        _check_lists(world, auto, found, policy)
        _check_entry(world, auto)
        _check_bytes(world, before, {change["file"] for change in plan["changes"]})
        event(f"{sum(change['action'] == 'revoke' for change in plan['changes'])} revoked")


def _check_lists(world: World, auto: list[str], found: dict, policy: str) -> None:
    for path, pairs in found.items():
        if path == CODEX:
            continue
        keys, *_ = LISTS[path]
        value = json.loads(world.read(path))
        for key in keys:
            value = value[key]
        assert (value[0], "Edit" in value, "Keep(me)" in value) == ("Keep(me)", True, True)
        for server, tool in pairs:
            stays = text_of(path, server, tool) in value
            if server == "one":
                assert stays == any(covers(item, tool) for item in auto), (path, tool)
            elif server == "gone":
                assert not stays
            else:
                reached = "/src/" not in path
                assert stays == (policy != "remove" or not reached)
        added = set(value) - {"Keep(me)", "Edit", *(text_of(path, *pair) for pair in pairs)}
        every = {"mcp__one", "one:*", "Mcp(one:*)"} if EVERY in auto else set()
        assert added <= every | {text_of(path, "one", tool) for tool in auto if tool != EVERY}


def _check_entry(world: World, auto: list[str]) -> None:
    entry = tomllib.loads(world.read(CODEX))["mcp_servers"]["one"]
    approved = {tool for tool, said in entry.get("tools", {}).items() if said.get("approval_mode") == "approve"}
    assert approved == (set() if EVERY in auto else {tool for tool in auto if "*" not in tool})
    assert (entry.get("default_tools_approval_mode") == "approve") == (EVERY in auto)


def _check_bytes(world: World, before: dict[str, bytes], touched: set[str]) -> None:
    after = world.snapshot()
    for name, data in before.items():
        if f"/{name}" not in touched:
            assert after[name] == data, name
        elif name.endswith(".json"):
            lines = after[name].decode().splitlines()
            kept = [line for line in data.decode().splitlines() if '"odd"' in line or "Keep(me)" in line]
            assert all(line in lines for line in kept)
    assert "# mine\nmodel = 'x'   # spaced\n" in world.read(CODEX)
