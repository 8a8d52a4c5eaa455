"""Scenarios: a machine, a manifest, commands as a user types them, and what must be seen. One file each in `cases/`.

A scenario has `manifest` (none where it is imported), `layers` (path beside it: content), `files` (path: content, a map for
what an application keeps by key in a SQLite file) and `steps`.
A step does one thing:
`commit` (`AUTHOR on DAY`: the manifest and what lies beside it),
`run` (with `exit`, `says`, `silent`, `changes`, `drift`, `summary`, `findings`, `unknowns`), `write`, `edit`
(path: [old, new]), `remove`, `mode`, `link` (path: target), `track` (folder: files that git tracks), `manifest`, `layers`, `check`
(path: whole content, or null for no such file), `manifest_is` (the whole manifest), or `imported` (the same, with the word
IN-90-DAYS for a date).
`changes` maps addresses to `action reason`, `drift` to `kind will`, several joined by ` and `; nothing else may be in the plan.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tests.hints import check_plan
from tests.world import World

CASES = sorted((Path(__file__).parent / "cases").rglob("*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_scenario(path: Path, tmp_path: Path) -> None:
    case = yaml.safe_load(path.read_text())
    world = World(tmp_path, {**World.__dataclass_fields__["facts"].default_factory(), **case.get("machine", {})})
    if "manifest" in case:
        world.say(case["manifest"])
    for name, content in case.get("layers", {}).items():
        world.layer(name, content)
    _put(world, case.get("files", {}))
    for number, step in enumerate(case["steps"], 1):
        _do(world, dict(step), f"step {number} of {path.name}")


def _do(world: World, step: dict, label: str) -> None:
    if "run" in step:
        _run(world, step, label)
    _put(world, step.get("write", {}))
    for name, (old, new) in step.get("edit", {}).items():
        text = world.read(name)
        assert text.count(old) == 1, f"{label}: {old!r} is {text.count(old)} times in {name}"
        world.write(name, text.replace(old, new))
    for name in step.get("remove", []):
        world.path(name).unlink()
    for folder, names in step.get("track", {}).items():
        world.track(folder, *names)
    for name, target in step.get("link", {}).items():
        world.path(name).symlink_to(target)
    for name, mode in step.get("mode", {}).items():
        world.path(name).chmod(int(mode, 8))
    if "manifest" in step:
        world.say(step["manifest"])
    if "commit" in step:
        world.commit(*step["commit"].split(" on "))
    for name, content in step.get("layers", {}).items():
        world.layer(name, content)
    _look(world, step, label)


def _put(world: World, files: dict) -> None:
    for name, content in files.items():
        put = world.keep if isinstance(content, dict) else world.write
        put(name, content)


def _look(world: World, step: dict, label: str) -> None:
    if "imported" in step:
        day = datetime.now(UTC).date() + timedelta(days=90)
        assert world.manifest.read_text() == step["imported"].replace("IN-90-DAYS", day.isoformat()), label
    if "manifest_is" in step:
        assert world.manifest.read_text() == step["manifest_is"], label
    for name, content in step.get("check", {}).items():
        found = world.read(name) if world.path(name).is_file() else None
        assert found == content, f"{label}: {name}"


def _json(world: World, words: list[str]) -> dict:
    return json.loads(world.run(*words, *(() if "--format" in words else ("--format", "json"))).stdout)


def _run(world: World, step: dict, label: str) -> None:
    words = step["run"].split()
    ran = world.run(*words)
    told = f"{label}: mcpconf {step['run']} -> {ran.code}\n{ran.stdout}\n{ran.stderr}"
    assert ran.code == step.get("exit", 0), told
    for text in step.get("says", []):
        assert text in ran.stdout + ran.stderr, f"{text!r} is missing\n{told}"
    for text in step.get("silent", []):
        assert text not in ran.stdout + ran.stderr, f"{text!r} is there\n{told}"
    if words[0] == "plan" and ran.stdout:
        check_plan(_json(world, words))
    if not {"changes", "drift", "summary", "findings", "unknowns", "unmanaged", "residue"} & set(step):
        return
    plan = _json(world, words)
    if "changes" in step:
        assert {item["address"]: f"{item['action']} {item['reason']}" for item in plan["changes"]} == step["changes"], (
            told
        )
    if "drift" in step:
        found = defaultdict(set)
        for item in plan["drift"]:
            found[item["address"]].add(f"{item['kind']} {item['will']}")
        assert {address: " and ".join(sorted(texts)) for address, texts in found.items()} == step["drift"], told
    if "summary" in step:
        assert {name: plan["summary"][name] for name in step["summary"]} == step["summary"], told
    if "findings" in step:
        assert sorted({f"{item['rule']} {item['severity']} {item['address']}" for item in plan["findings"]}) == sorted(
            step["findings"]
        ), told
    if "unknowns" in step:
        assert {item["where"].partition(":")[0]: item["kind"] for item in plan["unknowns"]} == step["unknowns"], told
    if "unmanaged" in step:
        assert {item["address"]: "new" if item["new"] else "seen" for item in plan["unmanaged"]} == step["unmanaged"], (
            told
        )
    if "residue" in step:
        assert sorted(item["address"] for item in plan["residue"]) == sorted(step["residue"]), told
