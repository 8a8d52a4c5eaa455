"""Laws of plan and apply over random machines, manifests and hand edits."""

from __future__ import annotations

import json

from hypothesis import Phase, event, given, settings

from mcpconf.model.plan import Summary
from tests.laws.loop_worlds import CANARY, CODEX, STORIES, Story, after_edits, everything, kept_line, told
from tests.world import World

OVERWRITE = ("--on-conflict", "overwrite", "--move-secrets", "--allow-mass-removal")
COUNTED = ("create", "update", "replace", "delete", "revoke", "conflict", "held", "drift", "residue")
MAY_DELETE = {"must_be_absent", "unmanaged"}


def plan(world: World, *words: str) -> dict:
    ran = world.run("plan", "--format", "json", *words)
    assert ran.code in (0, 2, 3, 8), ran.stderr
    return json.loads(ran.stdout)


def check_codes(world: World) -> None:
    """The exit codes, the counts and the first line of the text say the same thing."""
    data = plan(world)
    text = world.run("plan", "--detailed-exitcode")
    summary = data["summary"]
    changed = any(summary[name] for name in COUNTED)
    blocked = data["exit_code"] == 3
    assert (data["detailed_exit_code"] == 2) == (changed and not blocked and data["complete"])
    assert (data["exit_code"] == 8) == (not data["complete"] and not blocked)
    assert text.code == data["detailed_exit_code"]
    assert text.stdout.startswith("No changes") == (data["detailed_exit_code"] == 0)
    assert summary["unknown"] >= len(data["unknowns"])
    assert set(summary) == set(Summary.model_fields)
    for name in ("create", "update", "replace", "delete", "revoke", "conflict", "held"):
        assert summary[name] == sum(change["action"] == name for change in data["changes"])
    assert len({change["address"] for change in data["changes"]}) == len(data["changes"])
    assert [change["index"] for change in data["changes"]] == list(range(1, len(data["changes"]) + 1))
    event(f"exit {data['detailed_exit_code']}")


@settings(max_examples=15, phases=[Phase.generate])
@given(STORIES)
def test_codes_counts_and_words_agree(story: Story):
    with told(story) as world:
        check_codes(world)
        world.run("apply", "--yes")
        after_edits(world, story)
        check_codes(world)
        assert world.run("status").code == world.run("verify").code == world.run("plan", "--detailed-exitcode").code


@settings(max_examples=8, phases=[Phase.generate])
@given(STORIES)
def test_a_plan_is_the_same_each_time_and_writes_nothing(story: Story):
    with told(story) as world:
        for _ in range(2):
            before = everything(world)
            first, second = world.run("plan", "--format", "json"), world.run("plan", "--format", "json")
            assert first.stdout == second.stdout
            assert world.run("plan").stdout == world.run("plan").stdout
            assert everything(world) == before
            world.run("apply", "--yes")
            after_edits(world, story)


@settings(max_examples=15, phases=[Phase.generate])
@given(STORIES)
def test_apply_makes_the_plan_true_once(story: Story):
    with told(story) as world:
        world.run("apply", "--yes")
        after_edits(world, story)
        left = _stuck(plan(world, *OVERWRITE))
        done = world.run("apply", "--yes", *OVERWRITE)
        assert done.code in (0, 3, 4, 5, 8), done.stdout + done.stderr
        again = plan(world, *OVERWRITE)
        expected = {change["address"] for change in again["changes"]} <= left
        assert expected or done.code in (4, 5), (left, again["changes"], done.stdout)
        if not left and not again["residue"] and not again["unknowns"]:
            new = [item for item in again["drift"] if item["counted"] and item["kind"] != "unmanaged"]
            assert new == []
        before = everything(world)
        world.run("apply", "--yes", *OVERWRITE)
        if done.code in (0, 3, 8):
            assert everything(world) == before
        event(f"apply {done.code}, {'stuck' if left else 'free'}")


def _stuck(data: dict) -> set[str]:
    """Addresses that an apply cannot settle."""
    return {change["address"] for change in data["changes"] if change["action"] in ("held", "conflict", "unknown")}


@settings(max_examples=15, phases=[Phase.generate])
@given(STORIES)
def test_what_is_not_announced_stays_byte_for_byte(story: Story):
    with told(story) as world:
        world.run("apply", "--yes", *OVERWRITE)
        after_edits(world, story)
        data = plan(world, *OVERWRITE)
        before = world.snapshot()
        world.run("apply", "--yes", *OVERWRITE)
        after = world.snapshot()
        touched = {change["file"] for change in data["changes"] if change["edits"]}
        for name, old in before.items():
            if f"/{name}" not in touched:
                assert after[name] == old, name
        removed = {change["address"].rpartition("/")[2] for change in data["changes"] if change["action"] == "delete"}
        for path in story.machine:
            name = str(world.path(path).relative_to(world.root))
            if name in before and "keep-me" not in removed:
                line = kept_line(path)
                assert before[name].decode().count(line) == after[name].decode().count(line)
                odd = "model = 'x'   # spaced" if path == CODEX else '"theme" :"dark", "numbers":[1.50,1e3],'
                assert before[name].decode().count(odd) == after[name].decode().count(odd)


@settings(max_examples=10, phases=[Phase.generate])
@given(STORIES)
def test_a_lost_state_deletes_nothing_by_itself(story: Story):
    with told(story) as world:
        world.run("apply", "--yes")
        after_edits(world, story)
        state = world.path("~/.local/state/mcpconf")
        for file in sorted(state.rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
        data = plan(world)
        deleted = {change["reason"] for change in data["changes"] if change["action"] == "delete"}
        assert deleted <= (MAY_DELETE if story.then["policy"]["unmanaged"] == "remove" else {"must_be_absent"})
        assert data["residue"] == []


@settings(max_examples=4, phases=[Phase.generate])
@given(STORIES)
def test_no_secret_of_the_machine_leaves_its_files(story: Story):
    with told(story) as world:
        out = []
        saved = world.folder / "saved.plan"
        for _ in range(2):
            out += [
                world.run("plan", "--diff"),
                world.run("plan", "--format", "json", "--on-conflict", "overwrite"),
                world.run("plan", "--out", str(saved), *OVERWRITE),
                world.run("status"),
                world.run("status", "--format", "json"),
                world.run("verify"),
                world.run("hosts"),
                world.run("show", str(saved)),
                world.run("show", "state", "--format", "json"),
                world.run("accept", "cursor/user/other"),
                world.run("apply", "--yes", *OVERWRITE),
                world.run("apply", str(saved)),
            ]
            after_edits(world, story)
        assert all(CANARY not in ran.stdout + ran.stderr for ran in out)
        assert CANARY.encode() not in saved.read_bytes()
        for name, data in everything(world).items():
            if "/mcpconf/" in name and "/generations/" not in name and "/backups/" not in name:
                assert CANARY.encode() not in data, name
