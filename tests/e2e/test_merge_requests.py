"""Approvals of a merge request: they count if they were given after the head was pushed, while it is the newest."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import mcpconf
from tests.e2e.test_check import Repository, repository
from tests.e2e.test_history_of_the_manifest import git
from tests.world import Ran

__all__ = ["repository"]

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "pull-requests"
EARLY, PUSHED, LATE = "2026-11-20T08:00:00.000Z", "2026-11-20T09:00:00.000Z", "2026-11-20T10:30:00.000+01:00"


def version(commit: str, at: str = PUSHED) -> dict:
    return {"id": 110, "head_commit_sha": commit, "base_commit_sha": "0" * 40, "created_at": at, "state": "collected"}


def approval(name: str, at: str = LATE) -> dict:
    return {"user": {"id": 1, "username": name, "name": "Somebody", "state": "active"}, "approved_at": at}


def answer(*approvals: dict) -> dict:
    return {"id": 5, "iid": 5, "state": "opened", "approvals_required": 2, "approved_by": [*approvals]}


def check(repository: Repository, *pages: object, author: str = "ada") -> Ran:
    path = repository.folder / "machine" / "approvals.json"
    path.write_text("\n".join(json.dumps(page) for page in pages))
    return repository.check("--reviews", str(path), "--author", author)


@pytest.fixture
def head(repository: Repository) -> str:
    return repository.change(files={"args": ["${home}/src"]})


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([approval("grace")], 0),
        ([approval("LINUS", PUSHED)], 0),
        ([approval("mallory"), approval("grace")], 0),
        ([approval("grace", EARLY)], 3),
        ([approval("mallory")], 3),
        ([], 3),
    ],
)
def test_who_approved_the_head_counts(repository: Repository, head: str, given: list[dict], code: int) -> None:
    assert check(repository, answer(*given), [version(head), version("1" * 40, EARLY)]).code == code


def test_the_order_and_the_number_of_pages_do_not_matter(repository: Repository, head: str) -> None:
    older, newer = [version("1" * 40, EARLY)], [version(head)]
    assert check(repository, older, answer(approval("grace")), newer).code == 0


def test_what_was_pushed_since_then_was_approved_by_nobody(repository: Repository, head: str) -> None:
    later = version("2" * 40, "2026-11-20T09:10:00.000Z")
    assert check(repository, answer(approval("grace")), [later, version(head)]).code == 3


def test_a_head_that_comes_back_is_approved_anew(repository: Repository, head: str) -> None:
    again = version(head, "2026-11-20T09:40:00.000Z")
    assert check(repository, answer(approval("grace")), [again, version("2" * 40), version(head, EARLY)]).code == 3


def test_an_authors_own_approval_does_not_count_either(repository: Repository, head: str) -> None:
    assert check(repository, answer(approval("grace")), [version(head)], author="Grace").code == 3


def test_whoever_may_approve_is_a_member(repository: Repository) -> None:
    policy = {"approvals": [{"when": {"direction": "wider"}, "require": 1}], "privilege": {}}
    repository.change(policy=policy)
    git(repository.folder, "branch", "-f", "main", "HEAD")
    head = repository.change(files={"args": ["${home}/src"]}, policy=policy)
    assert check(repository, answer(approval("nobody-in-the-policy")), [version(head)]).code == 0
    assert check(repository, answer(approval("nobody-in-the-policy", EARLY)), [version(head)]).code == 3


@pytest.mark.parametrize(
    ("pages", "told"),
    [
        ((answer(),), "without the versions of the merge request"),
        ((answer(), answer(), [version("1" * 40)]), "one map with `approved_by` was expected"),
        (({"message": "401 Unauthorized"}, [version("1" * 40)]), "one map with `approved_by` was expected"),
        (({"approved_by": {}}, [version("1" * 40)]), "one map with `approved_by` was expected"),
        ((answer({"user": {"username": "grace"}}), [version("1" * 40)]), "`user.username` and `approved_at`"),
        ((answer(approval("grace", "yesterday")), [version("1" * 40)]), "`user.username` and `approved_at`"),
        ((answer({"user": "grace", "approved_at": LATE}), [version("1" * 40)]), "`user.username` and `approved_at`"),
        ((answer(), [{"head_commit_sha": "1" * 40}]), "`head_commit_sha` and `created_at`"),
        ((answer(), ["1" * 40]), "`head_commit_sha` and `created_at`"),
        ((answer(), 1), "a list of reviews was expected"),
    ],
)
def test_what_is_no_answer_is_never_taken_for_nobody(
    repository: Repository, tmp_path: Path, pages: tuple[object, ...], told: str
) -> None:
    repository.change(files={"args": ["${home}/src"]})
    ran = check(repository, *pages)
    assert ran.code == 1
    assert told in " ".join(ran.stderr.split())


CURL = """\
#!/usr/bin/env python3
import json, pathlib, sys, urllib.parse
folder, words = pathlib.Path(__file__).parent, sys.argv[1:]
out = words[words.index("--output") + 1]
assert (pathlib.Path(words[words.index("--header") + 1][1:]).read_text()) == "PRIVATE-TOKEN: glpat-1"
url = urllib.parse.urlsplit(words[-1])
with open(folder / "asked", "a") as file:
    file.write(f"{'POST' if 'POST' in words else 'GET'} {url.path}\\n")
answers = json.loads((folder / "answers.json").read_text())
if out != "/dev/null":
    pathlib.Path(out).write_text(json.dumps(answers[url.path.rpartition("/")[2]]))
"""
INSTALL = f"""\
#!/bin/sh
mkdir -p "$1/bin"
printf '#!/bin/sh\\nexec "{sys.executable}" -m mcpconf "$@"\\n' > "$1/bin/mcpconf"
printf '#!/bin/sh\\nexec "{sys.executable}" "$@"\\n' > "$1/bin/python"
chmod +x "$1/bin/mcpconf" "$1/bin/python"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(("token", "code"), [("glpat-1", 0), ("", 3)])
def test_the_job_of_the_example_reads_approvals_and_leaves_one_note(
    repository: Repository, head: str, tmp_path_factory: pytest.TempPathFactory, token: str, code: int
) -> None:
    tools, source = tmp_path_factory.mktemp("tools"), tmp_path_factory.mktemp("source")
    install = source / ".github" / "actions" / "check" / "install"
    install.parent.mkdir(parents=True)
    for file, text in ((tools / "curl", CURL), (install, INSTALL)):
        file.write_text(text)
        file.chmod(0o755)
    git(source, "init", "-q")
    git(source, "add", "-A")
    git(source, "commit", "-q", "-m", "release")
    answers = {
        "5": {"author": {"username": "ada"}},
        "approvals": answer(approval("grace")),
        "versions": [version(head)],
        "user": {"id": 7},
        "notes": [],
    }
    (tools / "answers.json").write_text(json.dumps(answers))
    git(repository.folder, "remote", "add", "origin", str(repository.folder))
    _, jobs = yaml.safe_load_all((EXAMPLES / "gitlab-check.yml").read_text())
    [script] = jobs["mcpconf-check"]["script"]
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=repository.folder,
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PATH": f"{tools}:{os.environ['PATH']}",
            "PYTHONPATH": str(Path(mcpconf.__file__).parents[1]),
            "MCPCONF_SOURCE": str(source),
            "MCPCONF_COMMIT": git(source, "rev-parse", "HEAD"),
            "MCPCONF_MANIFEST": "mcpconf.yaml",
            "MCPCONF_TOKEN": token,
            "CI_PROJECT_ID": "1",
            "CI_MERGE_REQUEST_PROJECT_ID": "1",
            "CI_MERGE_REQUEST_IID": "5",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_COMMIT_SHA": head,
            "CI_API_V4_URL": "https://gitlab.example/api/v4",
        },
    )
    assert done.returncode == code, done.stderr
    asked = (tools / "asked").read_text().splitlines() if token else []
    request = "/api/v4/projects/1/merge_requests/5"
    assert asked == [
        *([f"GET {request}", f"GET {request}/approvals", f"GET {request}/versions"] if token else []),
        *(["GET /api/v4/user", f"GET {request}/notes", f"POST {request}/notes"] if token else []),
    ]
    assert json.loads((repository.folder / "mcpconf-review.json").read_text())["exit_code"] == code
