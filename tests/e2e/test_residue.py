"""`mcpconf residue` as a document, and on the very machine that the tests run on."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from mcpconf import operations
from mcpconf.documents.schema import schemas
from mcpconf.reconcile.situation import Choices
from mcpconf.recourse.revoke import Asked, revoke
from mcpconf.report.outcome import render_outcome
from mcpconf.report.style import Style
from mcpconf.report.text import render_plan
from mcpconf.system.facts import rooted_machine
from mcpconf.system.processes import OwnProcesses
from tests.world import World

WITH = "mcpconf: 1\nservers:\n  files: {command: [%s], env: {FILES_TOKEN: '${env:FILES_TOKEN}'}}\nhosts: {cursor: {}}\n"
WITHOUT = "mcpconf: 1\nservers: {}\nhosts: {cursor: {}}\n"


def test_the_document_is_as_its_schema_says(tmp_path):
    world = World(tmp_path)
    world.write("~/.cursor/mcp.json", "{}")
    world.write("~/.bashrc", "export FILES_TOKEN=s3cr3t-value\n")
    world.say(WITH % "/opt/files")
    world.commit("Ada", "2026-03-01")
    world.say(WITHOUT)
    commit = world.commit("Grace", "2026-05-02")
    ran = world.run("residue", "files", "--format", "json")
    assert (ran.code, ran.json["exit_code"]) == (2, 2)
    assert not list(Draft202012Validator(schemas()["residue"]).iter_errors(ran.json))
    assert [item["place"] for item in ran.json["residue"]] == ["variables"]
    assert ran.json["residue"][0]["revoked_by"]["commit"] == commit
    answers = {item["place"]: item["answer"] for item in ran.json["places"]}
    assert (answers["hosts"], answers["processes"], answers["caches"]) == ("clean", "not_looked_at", "clean")
    assert "s3cr3t" not in ran.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="processes are seen on Linux")
def test_a_server_that_still_runs_is_found_and_its_end_is_seen(tmp_path):
    world = World(tmp_path)
    (tmp_path / "home" / ".cursor").mkdir(parents=True)
    script = tmp_path / "files-server.py"
    script.write_text("import sys; sys.stdin.read()\n")
    world.say(WITH % f"{sys.executable}, {script}")
    world.commit("Ada", "2026-03-01")
    world.say(WITHOUT)
    world.commit("Grace", "2026-05-02")
    command = [sys.executable, "-m", "mcpconf", "residue", "files", "-m", str(world.manifest)]
    environment = {**os.environ, "HOME": str(tmp_path / "home")}

    def residue() -> subprocess.CompletedProcess:
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, env={**environment, "FILES_TOKEN": "s3cr3t"}
    ) as server:
        ran = residue()
        server.stdin.close()
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert f"process {server.pid}" in ran.stdout
    assert "`FILES_TOKEN`" in ran.stdout
    assert "Grace" in ran.stdout
    assert "s3cr3t" not in ran.stdout
    ran = residue()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "gone: nothing of `files` is left" in ran.stdout


def taken_off(machine, world: World, *, revoked: bool, stop: bool):
    """Takes the server off the machine, as `apply` or `revoke` would; gives the plan that was agreed to, and its outcome."""
    shown = []
    if revoked:
        asked = Asked("files", stop_processes=stop)
        _, outcome = revoke(machine, str(world.manifest), asked, lambda found: (shown.append(found.plan), "yes")[1])
    else:
        confirm = lambda plan, _scrubber: (shown.append(plan), "yes")[1]  # noqa: E731
        outcome = operations.apply(machine, str(world.manifest), confirm, Choices(stop_processes=stop))
    return shown[0], outcome


@pytest.mark.skipif(sys.platform != "linux", reason="processes are seen on Linux")
@pytest.mark.parametrize("revoked", [False, True])
def test_what_still_runs_is_ended_where_that_is_asked_for(tmp_path, revoked):
    world = World(tmp_path)
    world.write("~/.cursor/mcp.json", "{}")
    script = tmp_path / "files-server.py"
    script.write_text("import sys; sys.stdin.read()\n")
    machine = replace(rooted_machine(str(world.root)), processes=OwnProcesses())
    world.say(WITH % f"{sys.executable}, {script}")
    assert world.run("apply", "--yes").code == 0
    if not revoked:
        world.say(WITHOUT)
    reads = [sys.executable, "-c", "import sys; sys.stdin.read()", str(script)]
    argv, pipe = [sys.executable, str(script)], {"stdin": subprocess.PIPE}
    with subprocess.Popen(argv, **pipe) as server, subprocess.Popen(reads, **pipe) as other:
        plan, outcome = taken_off(machine, world, revoked=revoked, stop=False)
        assert [item.process.pid for item in plan.residue if item.process] == [server.pid]
        assert (outcome.ended, server.poll()) == ([], None)
        plan, outcome = taken_off(machine, world, revoked=revoked, stop=True)
        assert f"Ends 1 process: {server.pid}." in render_plan(plan, Style()) or revoked
        assert outcome.ended == [server.pid]
        assert f"1 process ended: {server.pid}." in render_outcome(outcome, Style())
        assert (server.wait(5), other.poll()) == (-15, None)
        other.stdin.close()
    _, outcome = taken_off(machine, world, revoked=revoked, stop=True)
    assert (outcome.ended, outcome.running) == ([], [])
