"""Pre-images: named if a secret lies in them, private, and gone on their day."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from mcpconf import operations
from mcpconf.documents.store import Store, render_document
from mcpconf.errors import ExitCode
from mcpconf.transaction import apply as execute
from mcpconf.transaction.generations import Generation, Image
from tests.faults import Crash, Fault, FaultyFiles, FixedClock, apply, broken_disk, machine, no_space
from tests.world import World

OWN = "~/.local/state/mcpconf"
MANIFEST = """
mcpconf: 1
servers:
  files: {package: "npm:@modelcontextprotocol/server-filesystem", version: "2026.8.31", args: ["${home}/work"]}
  github: {url: "https://api.githubcopilot.com/mcp/", headers: {Authorization: {secret: TOKEN, prefix: "Bearer "}}}
  time: {package: "pypi:mcp-server-time", version: "2026.10.19"}
hosts: {cursor: {create: true}, claude-code: {create: true}}
"""
TIME = '  time: {package: "pypi:mcp-server-time", version: "2026.10.19"}\n'
SECRET = "Bearer ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.say(MANIFEST)
    assert world.run("apply", "--yes").code == 0
    return world


def reveal(world: World, text: str = SECRET) -> None:
    """Somebody replaces the reference by the secret itself."""
    found = world.read("~/.cursor/mcp.json")
    reference = "Bearer ${env:TOKEN}"
    assert reference in found
    world.write("~/.cursor/mcp.json", found.replace(reference, text))


def secret_lies_in(world: World) -> list[str]:
    return [
        str(path.relative_to(world.root))
        for path in world.root.rglob("*")
        if path.is_file() and SECRET.encode() in path.read_bytes()
    ]


def at(world: World, day: str):
    return machine(world.root, clock=FixedClock(f"{day}T12:00:00Z"))


def test_a_removed_secret_is_kept_for_seven_days_and_no_longer(world: World):
    reveal(world)
    outcome = apply(at(world, "2027-01-01"), world.manifest)
    assert (outcome.end, outcome.expires) == ("applied", "2027-01-08")
    assert [path.lstrip("/") for path in outcome.backups] == secret_lies_in(world)
    assert len(outcome.backups) == 1
    image = world.root / secret_lies_in(world)[0]
    assert stat.S_IMODE(image.stat().st_mode) == 0o600
    for folder in (image.parent, image.parent.parent, image.parent.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
    assert apply(at(world, "2027-01-07"), world.manifest).end == "nothing"
    assert secret_lies_in(world)
    assert apply(at(world, "2027-01-08"), world.manifest).end == "nothing"
    assert not secret_lies_in(world)


def test_a_secret_of_an_unmanaged_server_that_is_removed_is_named_too(world: World):
    servers = json.loads(world.read("~/.cursor/mcp.json"))
    servers["mcpServers"]["mine"] = {"url": "https://example.org/mcp", "headers": {"Authorization": SECRET}}
    world.write("~/.cursor/mcp.json", json.dumps(servers))
    world.say(MANIFEST + "policy: {unmanaged: remove}\n")
    outcome = apply(at(world, "2027-01-01"), world.manifest)
    assert (outcome.exit_code, outcome.expires) == (0, "2027-01-08")


def test_other_pre_images_go_after_thirty_days_or_ten_applies_and_first_ones_after_ninety(tmp_path: Path):
    world = World(tmp_path)
    world.write("~/.cursor/mcp.json", '{"first": 1}\n')
    for count in range(13):
        world.say(MANIFEST.replace("claude-code: {create: true}", "").replace("/work", f"/work/{count}"))
        assert apply(at(world, "2027-01-01"), world.manifest).exit_code == 0
    kept = generations(world)
    assert kept == [1, *range(4, 14)], "the first backup, and ten more"
    assert (world.path(f"{OWN}/generations/1/0")).read_text() == '{"first": 1}\n'
    assert apply(at(world, "2027-01-30"), world.manifest).exit_code == 0
    assert generations(world) == kept
    assert apply(at(world, "2027-01-31"), world.manifest).exit_code == 0
    assert generations(world) == [1]
    assert apply(at(world, "2027-03-31"), world.manifest).exit_code == 0
    assert generations(world) == [1]
    assert apply(at(world, "2027-04-01"), world.manifest).exit_code == 0
    assert generations(world) == []
    told = sorted(int(path.parent.name) for path in world.path(f"{OWN}/generations").glob("*/owned.json"))
    assert told == [*range(4, 14)], "what was ours is told of the last ten, without pre-images too"


def generations(world: World) -> list[int]:
    """Those of which a pre-image is kept."""
    return sorted(int(path.parent.name) for path in world.path(f"{OWN}/generations").glob("*/meta.json"))


def test_a_secret_and_an_ordinary_file_of_one_apply_have_each_their_day(world: World):
    reveal(world)
    world.say(MANIFEST.replace(TIME, ""))
    apply(at(world, "2027-01-01"), world.manifest)
    assert sorted(path.name for path in world.path(f"{OWN}/generations/2").iterdir()) == [
        "0",
        "1",
        "meta.json",
        "owned.json",
    ]
    apply(at(world, "2027-01-09"), world.manifest)
    assert sorted(path.name for path in world.path(f"{OWN}/generations/2").iterdir()) == [
        "1",
        "meta.json",
        "owned.json",
    ]
    assert not secret_lies_in(world)


def test_generations_that_nobody_knows_of_are_removed(world: World):
    world.write(f"{OWN}/generations/7/0", SECRET)
    world.write(f"{OWN}/generations/8/meta.json", "[" * 9999)
    world.write(f"{OWN}/generations/8/0", SECRET)
    world.write(f"{OWN}/generations/notes", "not ours")
    image = Image(path="/x", name="generations/9/0", expires="2999-01-01", literal=True, first=False)
    document = render_document(Generation(images=[image]).model_dump(mode="json"))
    world.write(f"{OWN}/generations/9/meta.json", document)
    world.write(f"{OWN}/generations/9/0", "known")
    world.write(f"{OWN}/generations/9/.0.mcpconf-0123456789abcdef", SECRET)
    assert world.run("apply", "--yes").code == 0
    assert not secret_lies_in(world)
    assert world.path(f"{OWN}/generations/9/0").exists()
    assert world.path(f"{OWN}/generations/notes").exists()


def test_a_pre_image_that_cannot_be_deleted_is_told_and_tried_again(world: World):
    world.write(f"{OWN}/generations/7/0", SECRET)
    files = FaultyFiles(None, Fault(1, broken_disk, operations=("remove",)))
    store = Store.of(machine(world.root, files))
    plan = operations.plan(machine(world.root), str(world.manifest)).plan
    outcome = execute(store, plan, store.load()[0], seen=False)
    assert (outcome.exit_code, len(outcome.failures)) == (0, 1)
    assert "could not be deleted" in outcome.failures[0].message
    assert secret_lies_in(world)
    assert world.run("apply", "--yes").code == 0
    assert not secret_lies_in(world)


def test_an_announced_day_is_kept_whatever_is_applied_in_between(world: World):
    reveal(world)
    assert apply(at(world, "2027-01-01"), world.manifest).expires == "2027-01-08"
    for count in range(12):
        world.say(MANIFEST.replace("/work", f"/work/{count}"))
        assert apply(at(world, "2027-01-02"), world.manifest).exit_code == 0
    assert secret_lies_in(world)
    assert apply(at(world, "2027-01-08"), world.manifest).exit_code == 0
    assert not secret_lies_in(world)


def test_an_apply_that_was_undone_keeps_its_pre_images_from_the_next(world: World):
    """Nothing was recorded of it, so that its number looks free."""
    world.say(MANIFEST.replace("/work", "/work/api"))
    files = FaultyFiles(None)

    def stop(target: str) -> None:
        if target.endswith(".cursor/mcp.json") or files.done.count(("commit", "/home/dev/.claude.json")):
            raise Crash

    files.meddle = stop
    with pytest.raises(Crash):
        apply(machine(world.root, files), world.manifest)
    assert world.run("recover").code == 0
    assert Store.of(machine(world.root)).load()[0].serial == 1
    kept = {path.name: path.read_bytes() for path in world.path(f"{OWN}/generations/2").iterdir()}
    world.say(MANIFEST.replace("/work", "/work/else").replace(TIME, ""))
    assert world.run("apply", "--yes").code == 0
    assert {path.name: path.read_bytes() for path in world.path(f"{OWN}/generations/2").iterdir()} == kept
    assert generations(world)[-1] == 3
    assert Store.of(machine(world.root)).load()[0].serial == 3


def test_an_apply_that_could_not_begin_leaves_no_pre_image(world: World):
    reveal(world)
    struck = []
    for count in range(1, 9):
        before = generations(world)
        files = FaultyFiles(None, Fault(count, no_space, operations=("stage",), lasting=False))
        outcome = apply(machine(world.root, files), world.manifest)
        operation, path = files.done[count - 1]
        if not path.startswith("/home/dev/.local"):
            break
        if operation != "stage":
            assert outcome.exit_code == 0
            reveal(world)
            continue
        struck.append(path.rpartition("/")[2])
        assert outcome.exit_code == ExitCode.STALE
        assert generations(world) == before
        assert not world.path(f"{OWN}/journal.json").exists()
    assert struck == ["meta.json", "0", "journal.json"]
