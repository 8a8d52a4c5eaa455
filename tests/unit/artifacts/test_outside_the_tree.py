"""What lies around an installation: forged records, files that Node would load as well, and folders that cannot be checked."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from mcpconf.artifacts import input_digest
from mcpconf.artifacts.records import Changed, parse_record, state_of
from mcpconf.canonical import canonical, keyed
from mcpconf.documents.store import Store
from mcpconf.model.lock import LockedServer
from mcpconf.operations import manifest
from mcpconf.system.facts import rooted_machine
from tests.stored import FILES, install, lock, locked
from tests.world import World

EMPTY = '{"mcpServers": {}}'
HOST = "~/.cursor/mcp.json"


@pytest.fixture
def world(tmp_path: Path) -> World:
    facts = {"os": "linux", "home": "/home/dev", "user": "dev", "env": {"PATH": "/usr/bin"}}
    made = World(tmp_path, facts)
    made.write("/usr/bin/node", b"\x7fELF").chmod(0o755)
    made.write(HOST, EMPTY)
    return made


def stored(world: World, package: str = "npm:files", **more) -> tuple[LockedServer, Path]:
    """One server that is started from the store, and its installation."""
    said = f'package: "{package}", version: "1.0.0"'
    world.say(f"mcpconf: 1\nlaunch: locked\nservers:\n  files: {{{said}}}\nhosts: {{cursor: {{}}}}\n")
    asked = manifest(str(world.manifest)).manifest.servers["files"]
    server = locked("files", package=package, input_digest=input_digest(asked), **more)
    lock(world, {"files": server})
    return server, install(world, server)


def found_by(world: World) -> list[tuple[str, str]]:
    return [(item["severity"], item["message"]) for item in world.plan()["findings"] if item["rule"] == "MCP102"]


def test_no_digest_that_a_plan_shows_seals_a_record(world: World):
    """Whoever writes a host's file chooses of what the plan shows a keyed digest."""
    server, folder = stored(world)
    assert world.run("apply", "--yes").code == 0
    sealed = (folder / "record.json").read_bytes()
    record = parse_record(sealed)
    assert record is not None
    body = record.model_dump(exclude={"seal"})
    body["files"] = {**body["files"], "bin.js": "- sha256:" + hashlib.sha256(b"evil").hexdigest()}
    machine = rooted_machine(str(world.root))
    key = Store.of(machine).key()
    assert key is not None
    for entry in (["installation", body], ["saved plan", body]):
        world.write(HOST, json.dumps({"mcpServers": {"files": entry}}))
        shown = [item["precondition"]["value"] for item in world.plan()["changes"] if item.get("precondition")]
        assert keyed(key, entry) in shown
        (folder / "tree/bin.js").write_bytes(b"evil")
        for digest in shown:
            for seal in (digest, digest.replace("keyed:", "sealed:")):
                (folder / "record.json").write_bytes(canonical({**body, "seal": seal}))
                assert state_of(server, machine, key) == Changed(
                    reason="its record was edited, or sealed with another key"
                )
        (folder / "record.json").write_bytes(sealed)
        (folder / "tree/bin.js").write_bytes(FILES["bin.js"])


@pytest.mark.parametrize("name", ["node_modules", "package.json", ".x"])
def test_what_lies_beside_the_tree_was_not_built(world: World, name: str):
    server, folder = stored(world)
    (folder / name).write_text("planted")
    machine = rooted_machine(str(world.root))
    expected = Changed(reason=f"`{name}` lies beside its tree, where nothing was built")
    assert state_of(server, machine, Store.of(machine).key()) == expected
    assert world.run("store", "verify").code == 3


@pytest.mark.parametrize("level", range(9))
def test_modules_above_an_installation_are_found(world: World, level: int):
    """Node looks for what a package may do without in every folder up to the root."""
    _, folder = stored(world)
    assert found_by(world) == []
    above = folder.parents[level]
    (above / "node_modules").mkdir()
    path = f"/{(above / 'node_modules').relative_to(world.path('/'))}"
    assert found_by(world) == [("error", f"`files` would also load what lies in {path}, which no lock tells")]
    assert world.run("apply", "--yes").code == 3
    assert world.read(HOST) == EMPTY


@pytest.mark.parametrize("name", [".node_modules", ".node_libraries"])
def test_modules_of_the_user_are_found(world: World, name: str):
    stored(world)
    world.path(f"~/{name}").mkdir()
    assert [path for _, message in found_by(world) for path in message.split() if name in path]


def test_they_are_looked_for_where_a_store_behind_a_link_lies(world: World):
    _, folder = stored(world)
    disk = world.path("~/disk")
    (disk / "node_modules").mkdir(parents=True)
    store = folder.parents[2]
    store.rename(disk / "store")
    store.symlink_to("/home/dev/disk/store")
    assert [message for _, message in found_by(world) if "/home/dev/disk/node_modules," in message]


def test_what_node_does_not_start_looks_nowhere_else(world: World):
    stored(world, "pypi:files", program="-m files")
    world.path("~/node_modules").mkdir()
    assert found_by(world) == []


def test_an_installation_that_cannot_be_checked_is_written_nowhere(world: World):
    _, folder = stored(world)
    folder.rename(world.path("~/evil"))
    folder.symlink_to("/home/dev/evil")
    ran = world.run("apply", "--yes")
    assert ran.code == 3, ran
    assert "held by not-checked: `files` in the store cannot be checked" in ran.stdout
    assert world.read(HOST) == EMPTY
