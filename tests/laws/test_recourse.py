"""Laws of going back, over random machines, manifests and hand edits."""

from __future__ import annotations

import json

from hypothesis import Phase, event, given, settings

from mcpconf.documents.store import Store
from mcpconf.observe import applied_folders, observe
from mcpconf.system.sources import bundled_rows
from tests.faults import machine
from tests.laws.loop_worlds import CANARY, STORIES, Story, after_edits, everything, told
from tests.world import World

OVERWRITE = ("--on-conflict", "overwrite", "--move-secrets", "--allow-mass-removal")


def entries(world: World) -> dict[str, object]:
    """Every entry of the machine as it is written, by address."""
    here = machine(world.root)
    found = observe(here, bundled_rows(), applied_folders(Store.of(here).load()[0]))
    return {str(entry.address): entry.raw for entry in (*found.entries, *found.others)}


def ours(world: World) -> dict[str, object]:
    state = Store.of(machine(world.root)).load()[0]
    return {address: raw for address, raw in entries(world).items() if address in state.entries}


def generation(world: World) -> int:
    return world.run("history", "--format", "json").json["current"] or 0


@settings(max_examples=10, phases=[Phase.generate])
@given(STORIES)
def test_going_back_gives_what_was_ours_then(story: Story):
    with told(story) as world:
        world.run("apply", "--yes", *OVERWRITE)
        number, then = generation(world), ours(world)
        after_edits(world, story)
        world.run("apply", "--yes", *OVERWRITE)
        if not number:
            event("nothing to go back to")
            return
        plan = json.loads(world.run("rollback", str(number), "--dry-run", "--format", "json", *OVERWRITE).stdout)
        before = entries(world)
        done = world.run("rollback", str(number), "--yes", *OVERWRITE)
        assert done.code in (0, 3, 4, 5, 8), done.stdout + done.stderr
        event(f"rollback {done.code}")
        stuck = {change["address"] for change in plan["changes"] if not change["edits"]}
        stuck |= {item["address"] for item in plan["rollback"]["stays"]}
        if done.code in (0, 3, 8):
            now = ours(world)
            assert {a: _without_foreign(raw) for a, raw in now.items() if a not in stuck} == {
                a: _without_foreign(raw) for a, raw in then.items() if a not in stuck and a in now
            }
            assert set(then) - stuck <= set(now) | _unreadable(plan)
            touched = {change["address"] for change in plan["changes"]}
            left = {address: raw for address, raw in before.items() if address not in touched}
            assert {address: raw for address, raw in entries(world).items() if address not in touched} == left
            same = everything(world)
            again = world.run("rollback", str(number), "--yes", *OVERWRITE)
            assert everything(world) == same, again.stdout
        assert all(CANARY not in ran.stdout + ran.stderr for ran in (done, world.run("history"), world.run("log")))
        for name, data in everything(world).items():
            if name.endswith(("owned.json", "log.jsonl", "state.json")):
                assert CANARY.encode() not in data, name


def _without_foreign(raw: dict) -> dict:
    """A key that somebody added stays, whatever is gone back to."""
    return {key: value for key, value in raw.items() if key != "strange"}


def _unreadable(plan: dict) -> set[str]:
    return {change["address"] for change in plan["changes"] if change["action"] == "unknown"}
