"""What git and the system say of the real machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from mcpconf.ports import Origin
from mcpconf.system.facts import real_machine
from mcpconf.system.history import GitHistory
from mcpconf.system.paths import Resolver

AUTHOR = ("-c", "user.name=a", "-c", "user.email=a@example.org")


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(("git", *AUTHOR, *words), cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_a_manifest_has_the_commit_it_stands_in_and_says_whether_it_differs(tmp_path: Path):
    history = GitHistory(Resolver(""))
    manifest = tmp_path / "deep" / "mcpconf.yaml"
    manifest.parent.mkdir()
    manifest.write_text("mcpconf: 1\n")
    assert history.origin(str(manifest)) == Origin()
    git(tmp_path, "init", "-q")
    assert history.origin(str(manifest)) == Origin()
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "x")
    head = git(tmp_path, "rev-parse", "HEAD")
    assert history.origin(str(manifest)) == Origin(head, dirty=False)
    manifest.write_text("mcpconf: 1\n\n")
    assert history.origin(str(manifest)) == Origin(head, dirty=True)
    assert history.origin(str(tmp_path / "gone.yaml")) == Origin()


def test_a_hostile_repository_runs_nothing(tmp_path: Path):
    """`core.fsmonitor` of a repository's own configuration is a program; asking for the origin must not start it."""
    trap, sprung = tmp_path / "trap.sh", tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\n")
    trap.chmod(0o755)
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "mcpconf.yaml").write_text("mcpconf: 1\n")
    git(repository, "init", "-q")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "x")
    for key in ("core.fsmonitor", "core.pager", "diff.external", "filter.x.clean"):
        git(repository, "config", key, str(trap))
    (repository / ".gitattributes").write_text("* filter=x\n")
    history = GitHistory(Resolver(""))
    assert history.origin(str(repository / "mcpconf.yaml")).dirty is False
    assert history.tracked(str(repository / "mcpconf.yaml")) is True
    assert history.ignored(str(repository / "mcpconf.yaml")) is False
    assert not sprung.exists()


def test_what_a_file_held_before_is_read_from_its_commits(tmp_path: Path):
    history, lock = GitHistory(Resolver("")), tmp_path / "deep" / "mcpconf.lock"
    lock.parent.mkdir()
    assert [*history.earlier(str(lock))] == []
    git(tmp_path, "init", "-q")
    for text in ("one", "two"):
        lock.write_text(text)
        (tmp_path / "other").write_text(text)
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-qm", text)
    lock.unlink()
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "gone")
    assert [*history.earlier(str(lock))] == [b"two", b"one"]


def test_what_a_partial_clone_lacks_is_not_fetched(tmp_path: Path):
    """A missing object makes git start what the repository's own configuration names."""
    trap, sprung = tmp_path / "trap.sh", tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\n")
    trap.chmod(0o755)
    repository = tmp_path / "repository"
    repository.mkdir()
    lock = repository / "mcpconf.lock"
    lock.write_text("lock")
    git(repository, "init", "-q")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "x")
    blob = git(repository, "rev-parse", "HEAD:mcpconf.lock")
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    for key, text in {
        "core.repositoryformatversion": "1",
        "extensions.partialClone": "evil",
        "remote.evil.url": str(repository),
        "remote.evil.promisor": "true",
        "remote.evil.uploadpack": str(trap),
    }.items():
        git(repository, "config", key, text)
    assert [*GitHistory(Resolver("")).earlier(str(lock))] == []
    assert not sprung.exists()


def test_the_author_is_who_git_says(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    path = str(tmp_path / "mcpconf.yaml")
    assert GitHistory(Resolver("")).author(path) == ""
    (tmp_path / ".gitconfig").write_text("[user]\nemail = dev@example.org\n")
    assert GitHistory(Resolver("")).author(path) == "dev@example.org"


def test_what_a_repository_ignores_is_known_or_nothing_is_said(tmp_path: Path, monkeypatch):
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("/a/\n*.json\n!/b/keep.json\n")
    (tmp_path / ".git" / "info").mkdir(exist_ok=True)
    (tmp_path / ".git" / "info" / "exclude").write_text("/c\n")
    answers = {"a/x": True, "b/x.json": True, "b/keep.json": False, "c": True, "d": False, ":(top)d": False}
    history = GitHistory(Resolver(""))
    assert {name: history.ignored(str(tmp_path / name)) for name in answers} == answers
    assert history.ignored("/nowhere/x") is None
    tree = GitHistory(Resolver(str(tmp_path.parent), homes=("/home",)))
    assert tree.ignored(f"/{tmp_path.name}/a/x") is True
    (tmp_path.parent / "linked").mkdir()
    (tmp_path.parent / "linked" / ".git").write_text(f"gitdir: {tmp_path}/.git\n")
    assert tree.ignored("/linked/a/x") is None
    monkeypatch.setenv("PATH", "")
    assert history.ignored(str(tmp_path / "a/x")) is None


def test_a_repository_above_the_tree_of_a_machine_is_not_asked(tmp_path: Path):
    """And a file amid a merge, which the index holds in other stages, is tracked all the same."""
    git(tmp_path, "init", "-q", "-b", "main")
    file = tmp_path / "machine" / "home" / "mcp.json"
    file.parent.mkdir(parents=True)
    for branch, text in (("main", "a"), ("one", "b"), ("two", "c")):
        if branch != "main":
            git(tmp_path, "checkout", "-q", "-b", branch, "main")
        file.write_text(text)
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-qm", branch)
    subprocess.run(("git", *AUTHOR, "merge", "-q", "one"), cwd=tmp_path, check=False, capture_output=True)
    assert GitHistory(Resolver("")).tracked(str(file)) is True
    assert GitHistory(Resolver(str(tmp_path / "machine"))).tracked("/home/mcp.json") is False


def test_the_real_machine_has_the_facts_of_this_process():
    facts = real_machine().facts
    assert facts.home == os.environ["HOME"]
    assert facts.os in ("linux", "macos", "windows")
    assert len(facts.id) == 16
    assert facts.id == real_machine().facts.id
