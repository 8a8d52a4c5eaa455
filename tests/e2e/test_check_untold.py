"""Nothing that a change loosens passes untold, whatever part of the documents says it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.test_check import Repository
from tests.e2e.test_history_of_the_manifest import git


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


PROJECT = {"path": "~/src/shop", "hosts": ["cursor"], "servers": ["files"]}
BWRAP = {"enforce": "bwrap", "fs": [], "net": {"out": "none"}}


def based_on(repository: Repository, **said: object) -> None:
    git(repository.folder, "checkout", "-q", "main")
    repository.change(**said)
    git(repository.folder, "checkout", "-q", "-B", "change")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"launch": "locked"}, {"launch": "pinned"}, ("server:files", "launch")),
        ({"hosts": {"codex": {"managed": "true"}}}, {"hosts": {"codex": {}}}, ("host:codex", "managed")),
        ({"hosts": {"codex": {}}}, {"hosts": {"codex": {"create": "true"}}}, ("host:codex", "create")),
        (
            {"projects": [{**PROJECT, "unmanaged": "remove"}]},
            {"projects": [{**PROJECT, "unmanaged": "keep"}]},
            ("project:~/src/shop", "unmanaged"),
        ),
        ({"projects": [PROJECT]}, {"projects": [{**PROJECT, "tracked": "write"}]}, ("project:~/src/shop", "tracked")),
        (
            {"files": {"permissions": BWRAP}},
            {"files": {"permissions": {**BWRAP, "enforce": None}}},
            ("server:files", "enforce"),
        ),
        ({}, {"files": {"version": "^2026.8", "hash": None}}, ("server:files", "version")),
        ({}, {"files": {"surface": {"resources": "true"}}}, ("server:files", "surface")),
        ({}, {"files": {"was": ["documents"]}}, ("server:files", "was")),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_each_part_of_the_manifest_is_told(
    before: dict, after: dict, told: tuple[str, str], repository: Repository
) -> None:
    based_on(repository, **before)
    if permissions := after.get("files", {}).get("permissions"):
        after["files"]["permissions"] = {key: value for key, value in permissions.items() if value is not None}
    repository.change(**after)
    report = repository.report()
    found = {(item["address"], item["dimension"]): item["direction"] for item in report["changes"]}
    assert found.get(told) in ("wider", "both"), report["changes"]


def locked(repository: Repository, edit: Callable[[dict], object]) -> dict:
    """The head with a lock that somebody edited."""
    path = repository.folder / "mcpconf.lock"
    lock = json.loads(path.read_text())
    edit(lock["servers"]["files"])
    path.write_text(json.dumps(lock))
    repository.commit()
    return repository.report()


def test_a_dependency_that_only_the_lock_names_is_told(repository: Repository) -> None:
    other = {"name": "evil", "version": "6.6.6", "artifacts": {"one": {"digest": "sha512-" + "B" * 85 + "A=="}}}
    report = locked(repository, lambda server: server["closure"].update({"node_modules/evil": other}))
    [change] = [item for item in report["changes"] if item["dimension"] == "dependencies"]
    assert (change["direction"], change["text"]) == ("both", "1 added: evil 6.6.6")


def test_another_program_of_the_package_is_told(repository: Repository) -> None:
    report = locked(repository, lambda server: server.update(program="dist/other.js"))
    assert [item["text"] for item in report["changes"] if item["dimension"] == "lock"] == [
        "starts none  ->  dist/other.js"
    ]


def test_what_the_base_forbids_stays_forbidden_by_a_change_that_allows_it(repository: Repository) -> None:
    based_on(repository, absent=[{"package": "pypi:mcp-server-other", "reason": "unsafe"}])
    repository.change(servers={"other": {"package": "pypi:mcp-server-other", "version": "1.0.0"}})
    report = repository.report()
    assert ("absent", "absent") in {(item["address"], item["dimension"]) for item in report["changes"]}
    assert any("`absent` forbids" in item["message"] for item in report["findings"])


def test_a_repository_that_keeps_no_lock_is_not_held_to_one(repository: Repository) -> None:
    git(repository.folder, "checkout", "-q", "main")
    (repository.folder / "mcpconf.lock").unlink()
    repository.commit()
    git(repository.folder, "checkout", "-q", "-B", "change")
    repository.world.say(repository.world.manifest.read_text().replace("2026.10.19", "2026.10.20"))
    repository.commit()
    assert not any("there is no lock" in item["message"] for item in repository.report()["findings"])


def test_a_lock_that_a_change_takes_away_is_missed(repository: Repository) -> None:
    (repository.folder / "mcpconf.lock").unlink()
    repository.commit()
    report = repository.report()
    assert report["exit_code"] == 3
    assert any("there is no lock" in item["message"] for item in report["findings"])
    assert {item["severity"] for item in report["changes"] if item["dimension"] == "lock"} == {"critical"}


def test_reviews_without_a_person_and_texts_of_many_pages(repository: Repository, tmp_path: Path) -> None:
    based_on(repository, policy={"approvers": {}})
    head = repository.change(files={"args": ["${home}/src"]}, policy={"approvers": {}})
    path = tmp_path / "machine" / "reviews.json"
    ghost = {"user": None, "state": "APPROVED", "commit_id": head, "author_association": "MEMBER"}
    path.write_text("[] " * 300_000 + json.dumps([ghost]))
    assert repository.check("--reviews", str(path), "--author", "ada").code == 3


def test_a_repository_that_git_cannot_read_is_told_as_such(repository: Repository) -> None:
    repository.change(servers={"time": None})
    (repository.folder / ".git" / "HEAD").write_text("nonsense\n")
    ran = repository.check()
    assert ran.code == 1
    assert "git could not read" in ran.stderr
