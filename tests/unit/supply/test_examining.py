"""What doctor says of the lock, of the programs that packages take, and of the store; and that every hint can be followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcpconf.artifacts import input_digest
from mcpconf.errors import Problem
from mcpconf.model.check import Check
from mcpconf.operations import manifest
from mcpconf.supply.examining import look_at_supply
from mcpconf.system.facts import rooted_machine
from mcpconf.workshop import Call, Ran
from tests.hints import commands
from tests.npm import FakeNpm, workshop
from tests.stored import install, lock, locked, trees_of
from tests.world import World

MANIFEST = 'mcpconf: 1\nlaunch: locked\nservers:\n  files: {package: "npm:files", version: "1.0.0"}\n'


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.say(MANIFEST)
    return made


def server(world: World):
    asked = manifest(str(world.manifest)).manifest.servers["files"]
    return locked(input_digest=input_digest(asked))


def look(world: World, shop=None) -> list[tuple[str, str, str]]:
    machine = rooted_machine(str(world.root))
    checks: tuple[Check, ...] = look_at_supply(str(world.manifest), machine, trees_of(world), shop)
    for item in checks:
        assert item.status == "ok" or commands(item.hint), item
    return [(item.status, item.subject, item.message) for item in checks]


def test_without_a_lock_nobody_knows_what_was_approved(world: World):
    assert look(world) == [("warning", "lock file", "there is none, so that nobody knows which bytes were approved")]


def test_servers_without_a_package_need_no_lock(world: World):
    world.say('mcpconf: 1\nservers: {tickets: {url: "https://mcp.example.org/"}}\n')
    assert look(world) == []


def test_a_lock_that_cannot_be_read_is_not_checked(world: World):
    world.layer("mcpconf.lock", "[")
    [(status, subject, message)] = look(world)
    assert (status, subject) == ("unknown", "lock file")
    assert message.startswith("the lock cannot be read")


def test_a_stale_lock_says_of_which_servers(world: World):
    lock(world, {name: server(world) for name in ("a", "b", "c", "d", "e", "f")})
    [first, *_] = look(world)
    assert first[:2] == ("warning", "lock file")
    assert first[2].startswith("stale: `a` is in the lock, but not in the manifest; `b` is")
    assert first[2].endswith("; 2 more")


def test_what_is_not_in_the_store_is_named_and_what_is_measured(world: World):
    lock(world, {"files": server(world)})
    fine = ("ok", "lock file", "1 server, as the manifest asks for them")
    assert look(world) == [fine, ("warning", "store", "not installed: files")]
    install(world, server(world))
    [first, (status, subject, message)] = look(world)
    assert (first, status, subject) == (fine, "ok", "store")
    assert message.startswith("1 installation, ")
    world.path("~/.local/share/mcpconf/building/0123456789abcdef").mkdir(parents=True)
    assert look(world)[-1] == ("note", "store", "1 folder left behind by what was ended by force")


class Programs(FakeNpm):
    """Each tells its version, but those of `broken`."""

    broken: tuple[str, ...] = ()

    def run(self, call: Call) -> Ran | Problem:
        assert call.argv[-1] == "--version"
        assert call.folder == "/home/dev"
        name = call.argv[-2].rpartition("/")[2].removesuffix("-cli.js")
        return Ran(1, b"", b"no") if name in self.broken else Ran(0, f"{name} 1.2.3\nmore\n".encode(), b"")

    def own(self, name: str) -> str:
        return f"/own/{name}"


def shop_of(world: World, folder: Path, *broken: str):
    npm = Programs(folder, {})
    npm.broken = broken
    return workshop(folder, npm)


def test_programs_are_told_with_version_and_those_that_are_missing_where_they_are_needed(world: World, tmp_path: Path):
    lock(world, {"files": server(world)})
    machine = tmp_path / "machine"
    told = look(world, shop_of(world, machine))
    assert [item[1:] for item in told if item[1] in ("node", "npm", "uv")] == [
        ("node", "1.2.3"),
        ("npm", "1.2.3"),
        ("uv", "1.2.3"),
    ]
    assert ("ok", "programs", "not to be used here, and not needed: docker") in told
    world.say(MANIFEST + '  image: {package: "oci:example.org/x/y", version: "1"}\n')
    assert ("warning", "docker", "`docker` is not on this machine") in look(world, shop_of(world, machine))


def test_a_program_that_does_not_run_is_told(world: World, tmp_path: Path):
    told = look(world, shop_of(world, tmp_path / "machine", "npm"))
    assert [item[0] for item in told if item[1] == "npm"] == ["warning"]
    assert "does not tell its version" in next(item[2] for item in told if item[1] == "npm")


def test_an_installation_that_everybody_may_replace_is_told_by_doctor_and_plan(world: World):
    lock(world, {"files": server(world)})
    folder = install(world, server(world))
    assert not [item for item in world.plan()["findings"] if item["rule"] == "MCP111"]
    folder.parent.chmod(0o777)
    shown = "/" + str(folder.parent.relative_to(world.root))
    assert ("warning", "store", "every user of the machine may write to it") in look(world)
    (finding,) = [item for item in world.plan()["findings"] if item["rule"] == "MCP111"]
    assert finding["message"] == (
        f"`files` is started from the store, and every user of the machine may write to `{shown}`"
    )
    folder.parent.chmod(0o755)
    assert "every user of the machine may write to it" not in str(look(world))


def test_a_lost_key_is_told_once_and_nobody_is_accused(world: World):
    world.say(MANIFEST + '  time: {package: "npm:time", version: "1.0.0"}\nhosts: {cursor: {create: true}}\n')
    asked = manifest(str(world.manifest)).manifest.servers
    servers = {name: locked(name, input_digest=input_digest(asked[name])) for name in ("files", "time")}
    lock(world, servers)
    for item in servers.values():
        install(world, item)
    world.path("~/.local/state/mcpconf/key").write_bytes(b"k" * 32)
    text = world.run("plan").stdout
    assert text.count("MCP102") == 1
    assert "was sealed with a key that is lost" in " ".join(text.split())
    assert "artifact:files" in text.partition("MCP102")[2] or "server:files" in text.partition("MCP102")[2]
    assert "find out who" not in text
