"""Whole screens of the example, compared character by character.

`MCPCONF_GOLDENS=write pytest tests/e2e/test_goldens.py` writes them anew; read the difference before committing it.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tests.world import World

EXAMPLE = Path(__file__).parents[2] / "examples" / "workstation"
GOLDENS = Path(__file__).parents[1] / "goldens"
WRITE = os.environ.get("MCPCONF_GOLDENS") == "write"
EXPIRY = re.compile(r"until \d{4}-\d{2}-\d{2}")
OF_THIS_USER = re.compile(r'("owner": )\d+|("plan_digest": )"[^"]+"')
"""The number of whoever runs the test is in the preconditions, and so in the digest."""

BEFORE = {
    "plan": ("plan",),
    "plan-detailed": ("plan", "--detailed-exitcode", "--target", "4,5,8"),
    "plan-diff": ("plan", "--diff"),
    "plan-json": ("plan", "--format", "json"),
    "status": ("status",),
    "verify": ("verify",),
    "drift": ("drift",),
    "drift-json": ("drift", "--format", "json"),
    "hosts": ("hosts",),
    "state": ("show", "state"),
}
AFTER = {
    "plan-after": ("plan",),
    "status-after": ("status",),
    "verify-after": ("verify",),
    "drift-after": ("drift",),
    "apply-again": ("apply", "--yes"),
    "state-after": ("show", "state"),
}
MISTAKES = """\
mcpconf: 1
serverz: {}
servers:
  Files: {package: "npm:x", version: "1.0.0"}
  b: {package: "foo:x", version: latest}
  c: {url: "ftp://x", header: {A: b}}
  d: {command: a b}
  e: {package: "npm:x", version: "1.0.0", timeout: sixty, enabled: yes}
hosts:
  cursr: {}
  cursor: {servers: [a, bb]}
policy: {unmanaged: warm}
absent: {package: x}
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    """The example, with the modes that a clone gives under the usual umask."""
    made = World.example(tmp_path, EXAMPLE)
    for path in made.root.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return made


def compare(name: str, text: str) -> None:
    golden = GOLDENS / f"{name}.txt"
    if WRITE:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", BEFORE)
def test_a_machine_in_disorder(name: str, world: World) -> None:
    ran = world.run(*BEFORE[name])
    shown = OF_THIS_USER.sub(lambda match: f"{match[1] or match[2]}...", ran.stdout)
    shown = shown.replace(str(world.folder), "DIR")
    compare(name, f"{shown}{ran.stderr}[exit {ran.code}]\n")


@pytest.mark.parametrize("name", AFTER)
def test_the_same_machine_in_order(name: str, world: World) -> None:
    world.run("apply", "--yes")
    ran = world.run(*AFTER[name])
    compare(name, f"{ran.stdout}{ran.stderr}[exit {ran.code}]\n")


def test_apply(world: World) -> None:
    """It shows the plan first, as the plan command does."""
    plan = world.run("plan").stdout
    ran = world.run("apply", "--yes")
    assert ran.stdout.startswith(plan)
    told = ran.stdout.removeprefix(plan)
    compare("apply", EXPIRY.sub("until 2026-11-27", f"{told}{ran.stderr}[exit {ran.code}]\n"))


def test_mistakes_in_a_manifest(world: World) -> None:
    world.say(MISTAKES)
    ran = world.run("validate", "-m", str(world.manifest))
    compare("validate", f"{ran.stdout}{ran.stderr}[exit {ran.code}]\n".replace(str(world.folder), "DIR"))


def test_findings_in_a_manifest(world: World) -> None:
    world.say('mcpconf: 1\nservers: {a: {package: "npm:x", version: unpinned}}\npolicy: {require: [owner]}\n')
    ran = world.run("validate", "-m", str(world.manifest))
    compare("validate-findings", f"{ran.stdout}{ran.stderr}[exit {ran.code}]\n".replace(str(world.folder), "DIR"))


def test_the_plan_is_the_same_twice_and_fits_its_schema(world: World) -> None:
    from jsonschema import Draft202012Validator

    from mcpconf.documents.schema import schemas

    first, second = (world.run("plan", "--format", "json").stdout for _ in range(2))
    assert first == second
    assert not list(Draft202012Validator(schemas()["plan"]).iter_errors(json.loads(first)))
    applied = world.run("apply", "--yes", "--format", "json")
    assert not list(Draft202012Validator(schemas()["outcome"]).iter_errors(applied.json))


def test_the_text_knows_nothing_that_the_json_lacks(world: World) -> None:
    """Every address, path and name of a server that the text shows is in the JSON."""
    text, document = world.run("plan").stdout, world.run("plan", "--format", "json").stdout
    words = {word.strip(",;()`") for word in text.split() if "/" in word}
    assert len(words) > 20
    spelled = document.replace("/home/dev", "~") + document
    missing = {word for word in words if re.sub(r":\d+$", "", word) not in spelled}
    assert missing <= {"-/+"}
