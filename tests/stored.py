"""Installations in the store of a machine that a folder stands for: built as `mcpconf install` builds them, without a client."""

from __future__ import annotations

from pathlib import Path

from mcpconf.artifacts import installation
from mcpconf.artifacts.records import RECORD, TREE, write_record
from mcpconf.documents.lock import render_lock
from mcpconf.documents.store import Store
from mcpconf.model.lock import Artifact, Component, Lock, LockedServer
from mcpconf.system.facts import rooted_machine
from mcpconf.system.paths import Resolver
from mcpconf.system.trees import SystemTrees
from tests.world import World

FILES = {"bin.js": b"run me", "lib/a.js": b"a", "lib/b.js": b"b", "package.json": b"{}"}


def locked(name: str = "files", version: str = "1.0.0", **more) -> LockedServer:
    digest = "sha512-" + "A" * 85 + "A=="
    program = more.get("program", "bin.js")
    part = Component(
        name=name, version=version, artifacts={"": Artifact(digest=digest)}, layout={"bin": {name: program}}
    )
    given = {
        "input_digest": "sha256:" + "0" * 64,
        "package": f"npm:{name}",
        "version": version,
        "artifacts": part.artifacts,
        "closure": {f"node_modules/{name}": part},
        "program": "bin.js",
        **more,
    }
    return LockedServer(**given)


def trees_of(world: World) -> SystemTrees:
    facts = rooted_machine(str(world.root)).facts
    return SystemTrees(Resolver(str(world.root), homes=(facts.home,)), f"{facts.data_folder}/building")


def install(world: World, server: LockedServer, files: dict[str, bytes] | None = None) -> Path:
    """Build an installation, and give its folder."""
    machine, trees = rooted_machine(str(world.root)), trees_of(world)
    key = Store.of(machine).prepare()
    with trees.room() as room:
        for name, data in (FILES if files is None else files).items():
            path = world.path(f"{room}/{TREE}/{name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        world.path(f"{room}/{TREE}").mkdir(parents=True, exist_ok=True)
        record = write_record(server, machine.files.tree(f"{room}/{TREE}"), key)
        assert isinstance(record, bytes), record
        world.path(f"{room}/{RECORD}").write_bytes(record)
        folder = installation(server, machine.facts)
        assert trees.move(room, folder)
    return world.path(folder)


def lock(world: World, servers: dict[str, LockedServer]) -> None:
    world.layer("mcpconf.lock", render_lock(Lock(servers=servers)).decode())
