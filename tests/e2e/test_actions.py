"""The actions for pull requests: their shell steps run for real, in a repository, against a `gh` that keeps what it is told."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.actions import ACTIONS, Runner
from tests.e2e.test_check import Repository
from tests.e2e.test_check_hostile import evil
from tests.e2e.test_history_of_the_manifest import git

pytestmark = pytest.mark.skipif(not (shutil.which("bash") and shutil.which("jq")), reason="needs bash and jq")

GH = """\
#!{python} -I
import json, sys
from pathlib import Path
folder = Path({folder!r})
words = sys.argv[1:]
assert words.pop(0) == "api"
method, fields, path = "GET", {{}}, ""
while words:
    word = words.pop(0)
    if word == "--method":
        method = words.pop(0)
    elif word in ("-f", "-F"):
        key, _, value = words.pop(0).partition("=")
        fields[key] = Path(value[1:]).read_text() if word == "-F" and value[:1] == "@" else value
    elif word not in ("--paginate", "--silent"):
        path = word
with (folder / "asked").open("a") as log:
    log.write(json.dumps([method, path, fields]) + "\\n")
if method == "GET":
    answers = json.loads((folder / "answers.json").read_text())
    for page in answers[path.partition("?")[0].rpartition("/")[2]]:
        print(json.dumps(page), end="")
"""


class Service:
    """What `gh` answers, as pages by the last word of the address, and what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        program = folder / "gh"
        program.write_text(GH.format(python=sys.executable, folder=str(folder)))
        program.chmod(0o755)

    def answers(self, **pages: list) -> None:
        (self.folder / "answers.json").write_text(json.dumps(pages))

    @property
    def asked(self) -> list[list]:
        log = self.folder / "asked"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    @property
    def written(self) -> list[list]:
        return [line for line in self.asked if line[0] != "GET"]


@pytest.fixture
def service(tmp_path: Path) -> Service:
    made = Service(tmp_path / "machine" / "service")
    made.answers(reviews=[[]], pulls=[[]], comments=[[]])
    return made


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.chdir(tmp_path)
    made = Repository(tmp_path)
    git(tmp_path, "update-ref", "refs/remotes/origin/main", "main")
    return made


def pull_request(repository: Repository, **more: object) -> dict:
    head = git(repository.folder, "rev-parse", "change")
    found = {"number": 7, "base": {"ref": "main"}, "head": {"sha": head}, "user": {"login": "ada"}, **more}
    return {"pull_request": found}


def checked(repository: Repository, service: Service, event: dict | None = None, **inputs: str) -> tuple[Runner, int]:
    """On the merge commit, as a checkout leaves it."""
    git(repository.folder, "checkout", "-q", "--detach", "main")
    runner = Runner(repository.folder / "machine" / "run", event or pull_request(repository), service.folder, inputs)
    return runner, runner.run("check", repository.folder)


def test_a_change_that_widens_is_blocked_and_reported(repository: Repository, service: Service) -> None:
    repository.change(files={"args": ["${home}"]})
    runner, code = checked(repository, service)
    assert code == 3
    told = runner.told("check")
    assert (told["exit_code"], told["wider"], told["needs_approval"]) == ("3", "1", "1")
    assert json.loads(Path(told["json"]).read_text())["exit_code"] == 3
    assert json.loads(Path(told["sarif"]).read_text())["version"] == "2.1.0"
    assert runner.summary == Path(told["markdown"]).read_text()
    assert runner.summary.startswith("<!-- mcpconf:check -->\n### mcpconf check: blocked")
    assert "::error file=mcpconf.yaml,line=" in runner.log
    assert [name for name, _ in runner.used] == ["actions/setup-python", "actions/upload-artifact"]
    given = runner.used[1][1]
    assert given["name"] == "mcpconf-check"
    assert sorted(path.name for path in Path(given["path"]).iterdir()) == ["review.json", "review.md", "review.sarif"]


def test_approvals_of_the_head_are_asked_for(repository: Repository, service: Service) -> None:
    head = repository.change(files={"args": ["${home}/src"]})
    approval = {"user": {"login": "grace"}, "state": "APPROVED", "commit_id": head}
    service.answers(reviews=[[{**approval, "state": "COMMENTED"}], [approval]])
    runner, code = checked(repository, service)
    assert code == 0, runner.log
    assert service.asked == [["GET", "repos/example/servers/pulls/7/reviews?per_page=100", {}]]
    told = runner.told("check")
    assert (told["wider"], told["needs_approval"]) == ("1", "0")


def test_an_author_is_not_asked_to_approve(repository: Repository, service: Service) -> None:
    head = repository.change(files={"args": ["${home}/src"]})
    service.answers(reviews=[[{"user": {"login": "grace"}, "state": "APPROVED", "commit_id": head}]])
    event = pull_request(repository, user={"login": "Grace"})
    assert checked(repository, service, event)[1] == 3


def test_a_change_that_only_narrows_passes(repository: Repository, service: Service) -> None:
    repository.change(servers={"time": None})
    runner, code = checked(repository, service, artifact="")
    assert code == 0
    assert runner.told("check")["wider"] == "0"
    assert [name for name, _ in runner.used] == ["actions/setup-python"]


def test_inputs_say_otherwise(repository: Repository, service: Service) -> None:
    repository.change(files={"args": ["${home}/src"]})
    reviews = repository.folder / "machine" / "my reviews.json"
    head = git(repository.folder, "rev-parse", "change")
    reviews.write_text(json.dumps([{"user": {"login": "grace"}, "state": "APPROVED", "commit_id": head}]))
    runner, code = checked(
        repository, service, {}, base="main", head="change", merge="true", reviews=str(reviews), author="ada"
    )
    assert code == 0, runner.log
    assert service.asked == []


def test_a_check_that_cannot_be_made_fails_and_says_why(repository: Repository, service: Service) -> None:
    repository.world.say("mcpconf: 1\nservers: [\n")
    repository.commit()
    runner, code = checked(repository, service)
    assert code == 1
    told = runner.told("check")
    assert (told["exit_code"], told["wider"], told["needs_approval"]) == ("1", "", "")
    assert "could not be made" in runner.summary
    runner, code = checked(repository, service, {"push": {}})
    assert code == 64
    assert "there is no base to compare with" in runner.log


@pytest.mark.parametrize("text", ['"; touch MARK; "', "$(touch MARK)", "`touch MARK`", "x\ny=1", "--help", "a b"])
def test_no_text_of_a_pull_request_is_run(repository: Repository, service: Service, text: str) -> None:
    head = repository.change(servers={"time": None})
    mark = repository.folder / "machine" / "mark"
    text = text.replace("MARK", str(mark))
    event = pull_request(repository, base={"ref": text}, user={"login": text})
    service.answers(reviews=[[{"user": {"login": "grace"}, "state": "APPROVED", "commit_id": head}]])
    runner, code = checked(repository, service, event)
    assert code == 64, runner.log
    runner, code = checked(repository, service, manifest=text, author=text)
    assert code in (1, 64), runner.log
    assert not mark.exists()


def test_modules_of_the_repository_are_not_imported(tmp_path: Path) -> None:
    """The installation runs in a folder that is somebody else's; the fake interpreter only tells how it was called."""
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/log\nmkdir -p {tmp_path}/venv/bin\n')
    program.write_text(program.read_text() + f"cp {program} {tmp_path}/venv/bin/python 2>/dev/null || true\n")
    program.chmod(0o755)
    subprocess.run([ACTIONS / "check" / "install", tmp_path / "venv", program], check=True)
    calls = (tmp_path / "log").read_text().splitlines()
    assert len(calls) == 3
    assert all(call.startswith("-I -m ") for call in calls)
    assert "--require-hashes --only-binary :all:" in calls[1]
    assert "--no-deps --no-build-isolation" in calls[2]


def workflow_run(commit: str, branch: str = "change") -> dict:
    return {
        "workflow_run": {
            "id": 5,
            "head_sha": commit,
            "head_branch": branch,
            "head_repository": {"owner": {"login": "somebody"}},
            "html_url": "https://github.example/example/servers/actions/runs/5",
            "pull_requests": [],
        }
    }


def commented(
    repository: Repository, service: Service, artifact: object, event: dict | None = None
) -> tuple[Runner, int]:
    head = git(repository.folder, "rev-parse", "change")
    runner = Runner(repository.folder / "machine" / "comment", event or workflow_run(head), service.folder)
    if artifact is not None:
        made = runner.temp / "mcpconf-made" / "review.json"
        made.parent.mkdir(parents=True)
        made.write_text(artifact if isinstance(artifact, str) else json.dumps(artifact))
    empty = repository.folder / "machine" / "empty"
    empty.mkdir()
    return runner, runner.run("comment", empty)


def open_at(commit: str, *comments: dict) -> dict:
    """Two pull requests from one branch; one of them has other commits by now."""
    pulls = [{"number": 8, "head": {"sha": "0" * 40}}, {"number": 7, "head": {"sha": commit}}]
    return {"reviews": [[]], "pulls": [pulls], "comments": [list(comments[:1]), list(comments[1:])]}


def test_the_comment_is_made_anew_from_the_data(repository: Repository, service: Service) -> None:
    head = repository.change(files={"args": ["${home}"]})
    service.answers(**open_at(head))
    runner, code = commented(repository, service, repository.report())
    assert code == 0, runner.log
    assert runner.told("comment") == {"number": "7"}
    assert service.asked[0][1:] == ["repos/example/servers/pulls", {"state": "open", "head": "somebody:change"}]
    markdown = repository.check("--format", "markdown").stdout
    assert service.written == [["POST", "repos/example/servers/issues/7/comments", {"body": markdown}]]
    download = runner.used[1]
    assert download[0] == "actions/download-artifact"
    assert download[1]["run-id"] == "5"


def test_the_comment_of_an_earlier_run_is_replaced(repository: Repository, service: Service) -> None:
    head = repository.change(servers={"time": None})
    marked = "<!-- mcpconf:check -->\nold"
    comments = [
        {"id": 1, "user": {"type": "User"}, "body": marked},
        {"id": 2, "user": {"type": "Bot"}, "body": "another"},
        {"id": 3, "user": {"type": "Bot"}, "body": marked},
        {"id": 4, "user": {"type": "Bot"}, "body": marked},
    ]
    service.answers(**open_at(head, *comments))
    assert commented(repository, service, repository.report())[1] == 0
    assert [line[:2] for line in service.written] == [["PATCH", "repos/example/servers/issues/comments/3"]]


def test_where_there_is_nothing_to_tell_no_comment_is_made(repository: Repository, service: Service) -> None:
    git(repository.folder, "commit", "-q", "--allow-empty", "-m", "nothing")
    head = git(repository.folder, "rev-parse", "HEAD")
    report = {**repository.report(), "findings": []}
    assert report["changes"] == []
    service.answers(**open_at(head))
    assert commented(repository, service, report)[1] == 0
    assert service.written == []


@pytest.mark.parametrize(
    "artifact",
    [
        None,
        "no JSON",
        {"error": {"exit_code": 1, "problems": []}},
        {"changes": []},
        pytest.param({"after": {"revision": "change", "commit": "0" * 40}}, id="of another commit"),
    ],
)
def test_an_artifact_that_is_no_review_of_this_commit_is_not_shown(
    repository: Repository, service: Service, artifact: object
) -> None:
    head = repository.change(files={"args": ["${home}"]})
    if isinstance(artifact, dict) and "after" in artifact:
        artifact = {**repository.report(), **artifact}
    service.answers(**open_at(head))
    assert commented(repository, service, artifact)[1] == 0
    body = (
        "<!-- mcpconf:check -->\n### mcpconf check: could not be made\n\n"
        "[The run](https://github.example/example/servers/actions/runs/5) says why.\n"
    )
    assert service.written == [["POST", "repos/example/servers/issues/7/comments", {"body": body}]]


def test_the_artifact_does_not_say_where_to_comment(repository: Repository, service: Service) -> None:
    head = repository.change(files={"args": ["${home}"]})
    report = {**repository.report(), "number": 1, "pull_request": {"number": 1}}
    report["changes"][0]["text"] = evil
    service.answers(**open_at(head))
    runner, code = commented(repository, service, report)
    assert code == 0
    assert service.written[0][1] == "repos/example/servers/issues/7/comments"
    assert "```` @everyone" in service.written[0][2]["body"]
    service.answers(**open_at("1" * 40))
    shutil.rmtree(repository.folder / "machine" / "comment")
    shutil.rmtree(repository.folder / "machine" / "empty")
    runner, code = commented(repository, service, report)
    assert (code, runner.told("comment")) == (0, {"number": ""})
    assert len(service.written) == 1


@pytest.mark.parametrize("branch", ["$(touch MARK)", '"; touch MARK; "', "@MARK", "x\ny"])
def test_no_name_of_a_branch_is_run(repository: Repository, service: Service, branch: str) -> None:
    head = repository.change(files={"args": ["${home}"]})
    mark = repository.folder / "machine" / "mark"
    branch = branch.replace("MARK", str(mark))
    service.answers(**open_at(head))
    _, code = commented(repository, service, repository.report(), workflow_run(head, branch))
    assert code == 0
    assert service.asked[0][2]["head"] == f"somebody:{branch}"
    assert not mark.exists()


def steps() -> list[tuple[str, dict]]:
    found = []
    for path in sorted(ACTIONS.glob("*/action.yml")):
        action = yaml.safe_load(path.read_text())
        found += [(path.parent.name, step) for step in action["runs"]["steps"]]
    return found


def test_no_text_of_others_is_put_into_a_script() -> None:
    for name, step in steps():
        assert "${{" not in step.get("run", ""), name


@pytest.mark.parametrize("checker", [["bash", "-n"], ["shellcheck", "--shell=bash"]], ids=["bash", "shellcheck"])
def test_scripts_are_well_formed(checker: list[str], tmp_path: Path) -> None:
    if shutil.which(checker[0]) is None:
        pytest.skip(f"needs {checker[0]}")
    script = tmp_path / "script"
    for text in [*(step["run"] for _, step in steps() if "run" in step), (ACTIONS / "check" / "install").read_text()]:
        script.write_text(text)
        done = subprocess.run([*checker, script], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert os.access(ACTIONS / "check" / "install", os.X_OK)
