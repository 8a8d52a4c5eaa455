"""Bundles and images in a plan: what is written into a host file, and what is held because something is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mcpconf.artifacts import Wish, artifacts, input_digest, installation, kind_of
from mcpconf.documents.lock import render_lock
from mcpconf.documents.manifest import load_manifest
from mcpconf.model.lock import Lock, LockedServer
from mcpconf.system.facts import rooted_machine
from mcpconf.workshop import Ran
from tests.bundles import ADDRESS, Answers, Shelf, bundle, described, workshop
from tests.stored import install
from tests.world import World

HERE = "${__dirname}"
ASKING = described(
    config={
        "command": "node",
        "args": [f"{HERE}/server/index.js", "--root", "${user_config.root}"],
        "env": {"TOKEN": "${user_config.token}", "CONF": f"{HERE}/conf.json", "LEVEL": "info"},
    },
    user_config={"root": {"required": True}, "token": {"required": True}},
)
MANIFEST = """
mcpconf: 1
servers:
  notes: SERVER
hosts: {cursor: {create: true, servers: [notes]}}
"""
NOTES = f"""{{package: "mcpb:{ADDRESS}", args: ["--root", "${{home}}/x"], env: {{TOKEN: {{secret: NOTES}}, LEVEL: debug}}}}"""


def machine(tmp_path: Path) -> World:
    world = World(
        tmp_path, {"os": "linux", "home": "/home/dev", "user": "dev", "env": {"PATH": "/usr/bin", "NOTES": "x"}}
    )
    for name in ("node", "docker", "skopeo"):
        world.write(f"/usr/bin/{name}", b"\x7fELF").chmod(0o755)
    return world


def locked(world: World, server: str, data: bytes = bundle(ASKING), clients: dict | None = None) -> LockedServer:
    """The manifest with this server, and the lock that belongs to it."""
    world.say(MANIFEST.replace("SERVER", server))
    asked = load_manifest(world.manifest.read_bytes(), "m", known_hosts={"cursor"}).manifest.servers["notes"]
    shop = workshop(world.folder, Shelf({ADDRESS: data}), Answers(clients or {}))
    found = artifacts(kind_of(asked)).lock(Wish("notes", asked), shop)
    assert isinstance(found, LockedServer), found
    found = found.model_copy(update={"input_digest": input_digest(asked)})
    world.layer("mcpconf.lock", render_lock(Lock(servers={"notes": found})).decode())
    if found.package.startswith("mcpb:"):
        install(world, found)
    return found


def entry(world: World) -> dict:
    ran = world.run("apply", "--yes", "--locked")
    assert ran.code in (0, 2, 3), (ran.stdout, ran.stderr)
    return json.loads(world.read("~/.cursor/mcp.json"))["mcpServers"]["notes"]


def test_a_package_json_above_a_bundle_without_one_is_found(tmp_path: Path):
    """For Node it would be the script's own, with names for further files in it."""
    world = machine(tmp_path)
    folder = world.path(installation(locked(world, NOTES), rooted_machine(str(world.root)).facts))
    world.write("~/package.json", "{}")
    found = [item["message"] for item in world.plan()["findings"] if item["rule"] == "MCP102"]
    assert found == ["`notes` would also load what lies in /home/dev/package.json, which no lock tells"]
    (folder / "tree/bundle").mkdir()
    (folder / "tree/bundle/package.json").write_text("{}")
    found = [item["message"] for item in world.plan()["findings"] if item["rule"] == "MCP102"]
    assert found == ["`notes` in the store is not what was built: 1 file added (bundle/package.json)"]


def test_a_bundle_is_written_as_it_is_started_from_the_store(tmp_path: Path):
    world = machine(tmp_path)
    locked(world, NOTES)
    written = entry(world)
    script = written["args"][0]
    tree = script.removesuffix("/bundle/server/index.js")
    assert tree.startswith("/home/dev/.local/share/mcpconf/store/mcpb/example.org+dl+notes-1.2.mcpb@1.2.0/")
    assert written["command"] == "/usr/bin/node"
    assert written["args"][1:] == ["--root", "${userHome}/x"]
    assert written["env"] == {"CONF": f"{tree}/bundle/conf.json", "LEVEL": "debug", "TOKEN": "${env:NOTES}"}
    again = world.plan("--locked")
    assert again["changes"] == []
    assert world.run("verify").code in (0, 3)


def test_a_bundle_that_asks_what_nobody_answers_is_held(tmp_path: Path):
    """Arguments and variables are no part of what is locked, so that the plan has to look."""
    world = machine(tmp_path)
    locked(world, NOTES)
    world.say(MANIFEST.replace("SERVER", NOTES.replace("TOKEN", "TOKEM")))
    told = world.run("plan", "--locked")
    assert told.code == 3
    assert "the bundle asks for `token`, which nothing answers" in " ".join(told.stdout.split())


def test_a_bundle_without_a_lock_is_held_and_still_known_by_name(tmp_path: Path):
    world = machine(tmp_path)
    world.say(MANIFEST.replace("SERVER", NOTES))
    plan = world.plan()
    assert [(change["address"], change["action"]) for change in plan["changes"]] == [("cursor/user/notes", "held")]
    told = " ".join(world.run("plan").stdout.split())
    assert "`notes` is to be started from the store, but the lock does not tell what it is" in told


def test_a_bundle_that_leaves_the_manifest_is_removed_everywhere(tmp_path: Path):
    world = machine(tmp_path)
    locked(world, NOTES)
    entry(world)
    world.say("mcpconf: 1\nhosts: {cursor: {}}\n")
    (change,) = world.plan()["changes"]
    assert (change["action"], change["reason"]) == ("delete", "revoked")


def test_a_bundle_that_the_policy_denies_is_an_error(tmp_path: Path):
    world = machine(tmp_path)
    locked(world, NOTES)
    world.say(world.manifest.read_text() + 'policy: {packages: {allow: ["npm:*"]}}\n')
    told = world.run("plan", "--locked")
    assert told.code == 3
    assert "MCP801" in told.stdout


def test_an_image_of_the_store_is_handed_its_variables_by_name(tmp_path: Path):
    world = machine(tmp_path)
    server = """{package: "oci:ghcr.io/a/b", version: "1.0", launch: locked, env: {B: "1", A: "2"}, hosts: {cursor: {env: {C: "3"}}}}"""
    data = b'{"schemaVersion": 2}'
    found = locked(world, server, clients={("/usr/bin/skopeo",): Ran(0, data, b"")})
    written = entry(world)
    image = f"ghcr.io/a/b@{found.artifacts['index'].digest}"
    assert written["command"] == "/usr/bin/docker"
    assert written["args"] == [
        *("run", "-i", "--rm", "--pull=never", "-e", "A", "-e", "B", "-e", "C", image),
    ]
    assert written["env"] == {"A": "2", "B": "1", "C": "3"}


@pytest.mark.parametrize("command", [["render"], ["validate"], ["verify"], ["drift"], ["status"]])
def test_commands_that_know_no_store_do_not_stumble_over_a_bundle(tmp_path: Path, command: list[str]):
    world = machine(tmp_path)
    world.say(MANIFEST.replace("SERVER", NOTES))
    ran = world.run(*command)
    assert ran.code in (0, 2, 3), (ran.stdout, ran.stderr)
