"""A manifest of a commit is read from git's objects: nothing is checked out, and nothing of the repository runs."""

import subprocess
from pathlib import Path

import pytest

from mcpconf.errors import McpconfError
from mcpconf.system.revisions import documents_at
from tests.world import World

AUTHOR = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always")
LAYER = "mcpconf: 1\nservers: {base: {command: [/opt/base]}}\n"
FIRST = "mcpconf: 1\ninclude: [org/base.yaml]\nservers: {x: {command: [/opt/x], permissions: {fs: []}}}\n"
SECOND = "mcpconf: 1\nservers: {x: {command: [/opt/x]}}\n"


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(("git", *AUTHOR, *words), cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two commits of a manifest; the layer is not in the second."""
    made = World(tmp_path)
    made.say(FIRST)
    made.layer("org/base.yaml", LAYER)
    (tmp_path / "link.yaml").symlink_to("/etc/passwd")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    made.say(SECOND)
    git(tmp_path, "rm", "-q", "org/base.yaml")
    git(tmp_path, "commit", "-qam", "second")
    return made


def test_two_commits_are_compared_with_their_layers(world: World) -> None:
    ran = world.run("permissions", "diff", "HEAD~1", "main")
    assert ran.code == 2
    assert "x   wider" in ran.stdout
    assert "+ any  (was none)" in ran.stdout
    assert "base (removed)   narrower" in ran.stdout
    assert (
        world.run("permissions", "diff", "main", "HEAD~1", "--format", "json").json["servers"][1]["verdict"]
        == "narrower"
    )


def test_a_file_is_compared_with_a_commit_and_one_server_of_it(world: World) -> None:
    assert world.run("permissions", "diff", "HEAD", "mcpconf.yaml").code == 0
    assert world.run("permissions", "diff", "HEAD~1:x", "mcpconf.yaml:x").code == 2
    assert world.run("permissions", "diff", "HEAD~1:x", "HEAD~1").code == 0


def test_nothing_of_a_hostile_repository_runs(world: World, tmp_path: Path) -> None:
    trap, sprung = tmp_path / "trap.sh", tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "diff.external", "filter.x.smudge", "filter.x.clean", "alias.ls-tree"):
        git(tmp_path, "config", key, str(trap))
    git(tmp_path, "config", "core.hooksPath", str(tmp_path))
    (tmp_path / ".git/info/attributes").write_text("* filter=x diff=x\n")
    sprung.unlink(missing_ok=True)
    assert world.run("permissions", "diff", "HEAD~1", "HEAD").code == 2
    assert not sprung.exists()


@pytest.mark.parametrize(
    ("revision", "message"),
    [
        ("nowhere", "`nowhere` is neither a file nor known to git"),
        ("--output=x", "`--output=x` is neither a file nor known to git"),
        ("HEAD~7", "`HEAD~7` is neither a file nor known to git"),
        ("HEAD^{tree}", "`HEAD^{tree}` is neither a file nor known to git"),
    ],
)
def test_what_git_does_not_know_is_named(world: World, revision: str, message: str) -> None:
    with pytest.raises(McpconfError) as caught:
        documents_at(revision, str(world.manifest))
    assert caught.value.problems[0].message == message


def test_a_manifest_that_is_not_in_the_commit(world: World) -> None:
    ran = world.run("permissions", "diff", "HEAD", "HEAD", "-m", str(world.folder / "other.yaml"))
    assert ran.code == 1
    assert "there is no manifest here" in ran.stderr


def test_a_link_in_a_commit_is_not_followed(world: World) -> None:
    ran = world.run("permissions", "diff", "HEAD", "HEAD", "-m", str(world.folder / "link.yaml"))
    assert ran.code == 1
    assert "it is no regular file" in ran.stderr


def test_layers_stay_in_the_repository(world: World) -> None:
    documents, path, _ = documents_at("HEAD~1", str(world.manifest))
    assert documents.read(path, "org/base.yaml").data == LAYER.encode()
    for outside in ("../x", "/etc/passwd", "~/x", "", "a\\b", "org/../../x"):
        assert documents.read(path, outside).kind == "invalid"
    assert documents.read(path, "org/none.yaml").kind == "missing"
    assert documents.lock(f"{path}.lock") is None


def test_without_a_repository_only_files_are_known(tmp_path: Path) -> None:
    with pytest.raises(McpconfError, match="there is no file `HEAD`"):
        documents_at("HEAD", str(tmp_path / "mcpconf.yaml"))
