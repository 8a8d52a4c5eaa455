"""Engines of containers that are not asked, and one that does not answer."""

import json
from dataclasses import replace

from mcpconf.canonical import digest
from mcpconf.model.observed import Observed
from mcpconf.reconcile.gone import Gone
from mcpconf.residue import engines
from mcpconf.residue.looking import Looked, Surroundings
from mcpconf.system.facts import rooted_machine
from tests.world import LINUX, World

NONE: frozenset[str] = frozenset()
FILES = Gone("oci:ghcr.io/x/files", "cursor/user/files", NONE, NONE, NONE)
WITH = (
    "mcpconf: 1\nservers:\n  files: {package: 'oci:ghcr.io/x/files', version: '1.0.0', hash: 'sha256:"
    + "0" * 64
    + "'}\n  clock: {package: 'npm:clock', version: '1.0.0'}\nhosts: {cursor: {}}\n"
)


def around(machine) -> Surroundings:
    return Surroundings(machine, {}, Observed(), lambda words: digest([*words]))


def test_no_engine_is_asked_for_what_was_no_image(tmp_path):
    class Refuses:
        def contained(self):
            raise AssertionError

    machine = replace(rooted_machine(str(World(tmp_path).root)), processes=Refuses())
    looked = engines.look(around(machine), (replace(FILES, identity="npm:files"),))
    assert looked == Looked(skipped="nothing that is gone was an image")


def test_where_no_engine_is_installed_that_is_said(tmp_path):
    looked = engines.look(around(rooted_machine(str(World(tmp_path).root))), (FILES,))
    assert looked == Looked(skipped="no engine of containers is installed here")


def test_what_an_engine_that_does_not_answer_may_keep_is_not_verified(tmp_path):
    world = World(tmp_path, {**LINUX, "engines": {"docker": {"answers": False}}})
    world.write("~/.cursor/mcp.json", "{}")
    world.say(WITH)
    assert world.run("apply", "--yes").code == 0
    world.say("mcpconf: 1\nservers: {}\nhosts: {cursor: {}}\n")
    for words in (("apply", "--yes"), ("backups", "purge", "--all", "--yes"), ("apply", "--yes")):
        assert world.run(*words).code == 0
    state = json.loads(world.read("~/.local/state/mcpconf/state.json"))
    assert [mark["identity"] for mark in state["tombstones"]] == ["oci:ghcr.io/x/files"]
