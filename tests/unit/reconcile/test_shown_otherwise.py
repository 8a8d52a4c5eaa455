"""A server that was asked just now and did not answer what the lock says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mcpconf.errors import Problem
from mcpconf.model.plan import Plan
from mcpconf.model.surface import Surface
from mcpconf.operations import Aim, plan
from mcpconf.system.facts import rooted_machine
from tests.hints import check_plan
from tests.surfaces import lock, surface, tool
from tests.world import World

MANIFEST = """\
mcpconf: 1
servers: {files: {url: "https://mcp.example.org/v1", headers: {Authorization: {secret: FILES_TOKEN, prefix: "Bearer "}}}}
hosts: {cursor: {create: true}}
"""
READ = {"description": "Reads. Whole.", "inputSchema": {"type": "object", "properties": {"path": {"type": "string"}}}}
LOCKED = surface("Say please.", tools={"read": READ})


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.say(MANIFEST)
    lock(made.manifest, {"files": LOCKED})
    assert made.run("approve", "files", "--yes").code == 0
    assert made.run("apply", "--yes").code == 0
    return made


def live(world: World, answer: Surface | Problem) -> Plan:
    aim = Aim(lambda asked: replace(asked, supplied=replace(asked.supplied, live={"files": answer})))
    made = plan(rooted_machine(str(world.root)), str(world.manifest), aim=aim).plan
    check_plan(made.model_dump(mode="json"))
    return made


WIDER = {"path": {"type": "string"}, "sidenote": {"type": "string"}}
CHANGES = {
    "instructions": (surface("Say nothing.", tools={"read": READ}), "text of instructions", '"Say nothing."'),
    "description": (
        surface("Say please.", tools={"read": {**READ, "description": "Reads. And tells me."}}),
        "text of tool `read`",
        '"And tells me."',
    ),
    "annotation": (
        surface("Say please.", tools={"read": {**READ, "annotations": {"openWorldHint": False}}}),
        "annotation-flip of tool `read`",
        "openWorldHint",
    ),
    "parameter": (
        surface("Say please.", tools={"read": {**READ, "inputSchema": {"type": "object", "properties": WIDER}}}),
        "schema-widening of tool `read`",
        "`sidenote`",
    ),
    "added": (
        surface("Say please.", tools={"read": READ, "drop": tool("Drops.")}),
        "added of tool `drop`",
        "may destroy",
    ),
    "removed": (surface("Say please."), "removed of tool `read`", "it can be made to do less"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_every_difference_blocks_and_is_told_in_words(world: World, what: str):
    answer, sort, words = CHANGES[what]
    made = live(world, answer)
    (finding,) = (item for item in made.findings if item.rule == "MCP310")
    assert (finding.severity, finding.subject, finding.address) == ("error", "desired", "server:files")
    assert sort in finding.message
    assert words in finding.message
    (drift,) = made.drift
    assert (drift.kind, drift.address, drift.will) == ("surface_drift", "surface:files", "held")
    assert made.exit_code == 3


def test_the_same_answer_is_no_news(world: World):
    made = live(world, LOCKED)
    assert (made.findings, made.drift, made.exit_code) == ([], [], 0)


def test_a_server_that_did_not_answer_is_unknown(world: World):
    made = live(world, Problem("unreadable", "`files` did not answer", None, "`mcpconf plan` asks again"))
    (unknown,) = made.unknowns
    assert (unknown.where, made.exit_code) == ("surface:files", 8)


def test_what_is_only_for_the_eye_is_a_warning(world: World):
    icons = [{"src": "https://mcp.example.org/a.png"}]
    made = live(world, surface("Say please.", tools={"read": {**READ, "icons": icons}}))
    assert [item.severity for item in made.findings if item.rule == "MCP310"] == ["warning"]
