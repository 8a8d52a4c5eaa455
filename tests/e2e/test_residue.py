"""`mcpconf residue` as a document, and on the very machine that the tests run on."""

import os
import subprocess
import sys

import pytest
from jsonschema import Draft202012Validator

from mcpconf.documents.schema import schemas
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
