"""Laws of the emergency stop over random machines, manifests and hand edits."""

from __future__ import annotations

import json
import tomllib

from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from tests.laws.loop_worlds import CODEX, CONTAINERS, NAMES, PROJECT, STORIES, Story, after_edits, everything, told
from tests.world import World

OVERWRITE = ("--on-conflict", "overwrite", "--move-secrets", "--allow-mass-removal")
REVOKED = "revoked_locally"


def entries(world: World) -> dict[tuple[str, str], object]:
    """Every server of every file that can be read, without the help of mcpconf."""
    found = {}
    for path in (*CONTAINERS, CODEX):
        if not world.path(path).is_file():
            continue
        text = world.read(path)
        try:
            if path == CODEX:
                servers = tomllib.loads(text).get("mcp_servers", {})
            else:
                servers = json.loads(text.replace("// a comment\n", "")).get(CONTAINERS[path], {})
        except ValueError:
            continue
        found |= {(path, name): value for name, value in servers.items()}
    return found


def shortened(before: bytes, after: bytes) -> bool:
    """Whether bytes were only taken away."""
    left = iter(before)
    return all(byte in left for byte in after)


def revoked(world: World, name: str) -> dict:
    ran = world.run("revoke", name, "--yes", "--reason", "a law", "--format", "json")
    assert ran.code in (0, 2, 8), ran.stdout + ran.stderr
    assert ran.json["exit_code"] == ran.code
    return ran.json


def to_do(world: World, name: str) -> list[dict]:
    return world.run("revoke", name, "--dry-run", "--format", "json").json["changes"]


@settings(max_examples=10, phases=[Phase.generate])
@given(STORIES, st.sampled_from((*NAMES, "other")), st.sampled_from(["before", "after"]))
def test_it_goes_and_nothing_else_and_stays_away(story: Story, name: str, apply: str):
    with told(story) as world:
        if apply == "before":
            world.run("apply", "--yes", *OVERWRITE)
            after_edits(world, story)
        before, bytes_before = entries(world), world.snapshot()
        done = revoked(world, name)
        after, bytes_after = entries(world), world.snapshot()
        assert bytes_before.keys() == bytes_after.keys()
        assert all(shortened(bytes_before[path], bytes_after[path]) for path in bytes_before)
        assert all(before[place] == value for place, value in after.items()), "what is left is as it was"
        assert len(before) - len(after) == len(done["outcome"]["applied"])
        left = {item["address"] for item in (*done["left"]["unmanaged"], *done["left"]["residue"])}
        unread = {item["where"].partition(":")[0] for item in done["left"]["unknowns"]}
        unread = {path.replace(world.facts["home"], "~", 1) for path in unread}
        staying = [place for place in after if place[1] == name and place[0] not in {PROJECT, *unread}]
        assert len(staying) <= len(left), (staying, left)
        assert done["left"]["changes"] == []
        assert (done["exit_code"] == 0) == (not done["left"]["residue"] and not done["left"]["unknowns"])

        world.run("apply", "--yes", *OVERWRITE)
        assert to_do(world, name) == [], "apply does not bring it back"
        changes = [item for item in world.plan(*OVERWRITE)["changes"] if item["reason"] == REVOKED]
        assert {item["action"] for item in changes} <= {"held"}
        event(f"{len(done['outcome']['applied'])} taken away, exit {done['exit_code']}")


@settings(max_examples=10, phases=[Phase.generate])
@given(STORIES, st.sampled_from(NAMES))
def test_undone_the_manifest_has_its_way(story: Story, name: str):
    with told(story) as world:
        world.run("apply", "--yes", *OVERWRITE)
        revoked(world, name)
        world.run("apply", "--yes", *OVERWRITE)
        before = world.snapshot()
        known = world.run("revoke", "--list", "--format", "json").json["revoked"]
        assert [item["target"] for item in known] in ([name], [])
        if known:
            assert world.run("revoke", "--undo", name).code == 0
        assert world.snapshot() == before, "undo writes to no host"
        world.run("apply", "--yes", *OVERWRITE)
        plan = world.plan(*OVERWRITE)
        assert not [item for item in plan["changes"] if item["reason"] == REVOKED]
        assert not plan["withheld"]
        waiting = [item for item in plan["changes"] if item["server"] == name and item["action"] == "create"]
        stopped = any(item["action"] == "conflict" for item in plan["changes"])
        assert stopped or not waiting
        event(f"{name in story.first['servers']}")


@settings(max_examples=5, phases=[Phase.generate])
@given(STORIES, st.sampled_from(NAMES))
def test_a_dry_run_writes_nothing_and_a_second_time_there_is_nothing(story: Story, name: str):
    with told(story) as world:
        world.run("apply", "--yes", *OVERWRITE)
        before = everything(world)
        assert world.run("revoke", name, "--dry-run").code in (0, 8)
        assert everything(world) == before
        revoked(world, name)
        hosts = world.snapshot()
        again = revoked(world, name)
        assert again["outcome"]["applied"] == []
        assert world.snapshot() == hosts
