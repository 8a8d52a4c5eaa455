"""`mcpconf check` and `mcpconf diff` on real repositories: what a change of the manifest allows, and who judges it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from mcpconf import operations
from mcpconf.artifacts import input_digest
from mcpconf.documents.lock import render_lock
from mcpconf.documents.schema import schemas
from mcpconf.model.lock import Artifact, Component, Lock, LockedServer
from mcpconf.model.manifest import Server
from mcpconf.model.surface import Surface
from tests.e2e.test_history_of_the_manifest import git
from tests.surfaces import surface, tool
from tests.world import Ran, World

PIN = "sha512-" + "A" * 86 + "=="
BASE = {
    "mcpconf": "1",
    "servers": {
        "files": {
            "package": "npm:@modelcontextprotocol/server-filesystem",
            "version": "2026.8.31",
            "hash": PIN,
            "args": ["${home}/work"],
        },
        "time": {"package": "pypi:mcp-server-time", "version": "2026.10.19"},
    },
    "hosts": {"claude-code": {}, "cursor": {"servers": ["files"]}},
    "policy": {
        "privilege": {"critical": "approve", "high": "approve"},
        "approvers": {"security": ["Grace", "linus"]},
        "packages": {"allow": ["npm:@modelcontextprotocol/*", "pypi:mcp-server-*"], "deny": ["npm:postmark-mcp"]},
    },
}


def locked(server: Server, shows: Surface | None) -> LockedServer:
    package = server.package
    assert package is not None
    place = f"node_modules/{package.name}" if package.ecosystem == "npm" else package.name
    files = {"one": Artifact(digest=PIN)}
    return LockedServer(
        input_digest=input_digest(server),
        package=str(package),
        version=str(server.version),
        artifacts=files,
        closure={place: Component(name=package.name, version=str(server.version), artifacts=files)},
        surface=shows,
    )


class Repository:
    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.folder = folder
        (folder / ".gitignore").write_text("machine/\n")
        self.say(BASE)
        self.commit("base")
        git(folder, "branch", "-M", "main")
        git(folder, "checkout", "-q", "-b", "change")

    def say(self, manifest: dict, shows: Surface | None = None) -> None:
        """The manifest and a lock that belongs to it, in which `files` shows something."""
        self.world.say(yaml.safe_dump(manifest, sort_keys=False))
        asked = operations.manifest(str(self.world.manifest)).manifest.servers
        servers = {name: locked(server, shows if name == "files" else None) for name, server in asked.items()}
        (self.folder / "mcpconf.lock").write_bytes(render_lock(Lock(servers=servers)))

    def commit(self, message: str = "change") -> str:
        if not (self.folder / ".git").exists():
            git(self.folder, "init", "-q")
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-q", "--allow-empty", "-m", message)
        return git(self.folder, "rev-parse", "HEAD")

    def change(self, **said: object) -> str:
        """Commit the base with other sections; `files` are keys of that server, `shows` is its surface."""
        shows = said.pop("shows", None)
        files = said.pop("files", {})
        servers = {**BASE["servers"], "files": {**BASE["servers"]["files"], **files}, **said.pop("servers", {})}
        servers = {
            name: {k: v for k, v in server.items() if v is not None} for name, server in servers.items() if server
        }
        policy = {**BASE["policy"], **said.pop("policy", {})}
        self.say({**BASE, "servers": servers, "policy": policy, **said}, shows)
        return self.commit()

    def check(self, *options: str) -> Ran:
        return self.world.run("check", "--base", "main", *options)

    def report(self, *options: str) -> dict:
        return self.check("--format", "json", *options).json


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def told(report: dict, direction: str | None = None) -> set[tuple[str, str]]:
    changes = report["changes"]
    return {(item["address"], item["dimension"]) for item in changes if direction in (None, item["direction"])}


def reviews(repository: Repository, *given: tuple[str, str, str], **more: str) -> str:
    path = repository.folder / "machine" / "reviews.json"
    path.write_text(
        json.dumps(
            [{"user": {"login": who}, "state": state, "commit_id": commit, **more} for who, state, commit in given]
        )
    )
    return str(path)


def approved(repository: Repository, *given: tuple[str, str, str], author: str = "ada", **more: str) -> Ran:
    return repository.check("--reviews", reviews(repository, *given, **more), "--author", author)


def test_a_change_that_widens_everything_is_told_in_words_and_judged_by_the_base(repository: Repository) -> None:
    repository.change(
        files={"version": "2026.9.1", "hash": None, "args": ["${home}"]},
        servers={"look-alike": {"package": "npm:mcp-server-filesystem", "version": "1.0.0"}},
        policy={
            "privilege": {},
            "approvers": {"security": ["Grace", "linus", "mallory"]},
            "packages": {"allow": ["npm:**", "pypi:mcp-server-*"]},
            "rules": {"MCP801": "none"},
        },
        shows=surface(tools={"delete_repo": tool(annotations={"destructiveHint": True}), "read": tool()}),
    )
    ran = repository.check()
    assert ran.code == 3
    report = repository.report()
    assert told(report, "wider") >= {
        ("server:files", "path"),
        ("server:files", "hash"),
        ("server:files", "surface"),
        ("server:look-alike", "server"),
        ("policy", "packages.deny"),
        ("policy", "packages.allow"),
        ("policy", "privilege.high"),
        ("policy", "approvers.security"),
        ("policy", "rules.MCP801"),
    }
    assert ("server:files", "version") in told(report)
    rules = {item["rule"] for item in report["findings"]}
    assert {"MCP002", "MCP201", "MCP203", "MCP801"} <= rules
    assert any("does not allow" in item["message"] for item in report["findings"] if item["rule"] == "MCP801")
    markdown = repository.check("--format", "markdown").stdout
    assert markdown.startswith("<!-- mcpconf:check -->\n### mcpconf check: blocked\n")
    for text in (
        "- **CRITICAL** `path`: `${home}/work  ->  ${home}`",
        "`- pin removed`",
        "`to be approved by 1 of Grace, linus`",
    ):
        assert text in markdown


def test_a_change_that_only_narrows_passes_and_says_so_first(repository: Repository) -> None:
    repository.change(files={"args": ["${home}/work/notes"]}, servers={"time": None}, policy={"unmanaged": "remove"})
    ran = repository.check()
    assert ran.code == 0
    lines = ran.stdout.splitlines()
    assert lines[1:3] == [
        "Nothing is in the way of merging this.",
        "Only narrower: 3 changes, and nothing may do more than before.",
    ]
    assert repository.world.run("diff", "main..change").code == 0
    assert repository.world.run("diff", "change..main").code == 2


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([("grace", "APPROVED", "head")], 0),
        ([("LINUS", "APPROVED", "head")], 0),
        ([("grace", "APPROVED", "earlier")], 3),
        ([("mallory", "APPROVED", "head")], 3),
        ([("grace", "APPROVED", "head"), ("grace", "CHANGES_REQUESTED", "head")], 3),
        ([("grace", "APPROVED", "head"), ("grace", "DISMISSED", "head")], 3),
        ([("grace", "APPROVED", "head"), ("grace", "COMMENTED", "head")], 0),
        ([], 3),
    ],
)
def test_only_approvers_of_the_base_count_and_only_for_the_head(repository: Repository, given: list, code: int) -> None:
    earlier = repository.change(files={"args": ["${home}/src"]})
    head = repository.change(files={"args": ["${home}/src", "${home}/more"]})
    at = {"head": head, "earlier": earlier}
    assert approved(repository, *((who, state, at[where]) for who, state, where in given)).code == code


def test_an_authors_own_approval_does_not_count(repository: Repository) -> None:
    head = repository.change(files={"args": ["${home}/src"]})
    assert approved(repository, ("grace", "APPROVED", head), author="Grace").code == 3
    ran = repository.check("--reviews", reviews(repository, ("grace", "APPROVED", head)))
    assert ran.code == 64
    assert "`--reviews` and `--author` go together" in ran.stderr


def test_a_change_names_no_approvers_of_its_own(repository: Repository) -> None:
    mine = {"security": ["Grace", "linus"], "mine": ["mallory"]}
    head = repository.change(files={"args": ["${home}/src"]}, policy={"approvers": mine})
    assert approved(repository, ("mallory", "APPROVED", head)).code == 3
    git(repository.folder, "checkout", "-q", "main")
    repository.change(policy={"approvers": {}})
    git(repository.folder, "checkout", "-q", "-B", "change")
    head = repository.change(files={"args": ["${home}/src"]}, policy={"approvers": mine})
    assert approved(repository, ("mallory", "APPROVED", head), author_association="NONE").code == 3


def test_where_nobody_is_named_a_reader_of_the_repository_cannot_approve(repository: Repository) -> None:
    git(repository.folder, "checkout", "-q", "main")
    repository.change(policy={"approvers": {}})
    git(repository.folder, "checkout", "-q", "-B", "change")
    head = repository.change(files={"args": ["${home}/src"]}, policy={"approvers": {}})
    assert approved(repository, ("anybody", "APPROVED", head), author_association="NONE").code == 3
    assert approved(repository, ("somebody", "APPROVED", head), author_association="MEMBER").code == 0


def test_a_policy_may_want_several_people_for_what_is_grave(repository: Repository) -> None:
    git(repository.folder, "checkout", "-q", "main")
    wanted = [
        {"when": {"severity": "high"}, "require": "2", "of": ["security"]},
        {"when": {"about": ["policy"]}, "of": ["ada"]},
    ]
    repository.change(policy={"approvals": wanted})
    git(repository.folder, "checkout", "-q", "-B", "change")
    head = repository.change(files={"args": ["${home}/src"]}, policy={"approvals": wanted})
    assert "to be approved by 2 of Grace, linus" in approved(repository, ("grace", "APPROVED", head)).stdout
    assert approved(repository, ("grace", "APPROVED", head), ("linus", "APPROVED", head)).code == 0
    head = repository.change(policy={"approvals": wanted, "unmanaged": "keep"})
    both = ("grace", "APPROVED", head), ("linus", "APPROVED", head)
    assert approved(repository, *both).code == 3
    assert approved(repository, *both, ("ada", "APPROVED", head), author="eve").code == 0


def test_what_the_policy_blocks_nobody_can_approve(repository: Repository) -> None:
    git(repository.folder, "checkout", "-q", "main")
    repository.change(policy={"privilege": {"critical": "block"}})
    git(repository.folder, "checkout", "-q", "-B", "change")
    head = repository.change(files={"args": ["${home}"]}, policy={"privilege": {"critical": "block"}})
    ran = approved(repository, ("grace", "APPROVED", head), ("linus", "APPROVED", head))
    assert ran.code == 3
    assert "that the policy does not allow" in ran.stdout


def test_waivers_and_ignored_differences_count_only_once_they_are_merged(repository: Repository) -> None:
    waiver = {"rule": "MCP203", "target": "server:files", "reason": "known", "expires": "2099-01-01"}
    ignored = {"target": "cursor/user/*", "field": "timeout", "reason": "people tune it", "expires": "2099-01-01"}
    wide = {"files": {"args": ["${home}"]}, "policy": {"privilege": {}}}
    repository.change(**wide, waivers=[waiver], ignore=[ignored])
    report = repository.report()
    assert {("waivers", "waivers"), ("ignore", "ignore")} <= told(report, "wider")
    assert [item["waived"] for item in report["findings"] if item["rule"] == "MCP203"] == [None]
    git(repository.folder, "checkout", "-q", "main")
    git(repository.folder, "merge", "-q", "change")
    git(repository.folder, "checkout", "-q", "change")
    repository.change(**wide, waivers=[waiver], ignore=[ignored], servers={"time": None})
    report = repository.report()
    assert [item["waived"]["reason"] for item in report["findings"] if item["rule"] == "MCP203"] == ["known"]
    repository.change(**wide, ignore=[ignored])
    report = repository.report()
    assert ("waivers", "waivers") in told(report, "narrower")
    assert [item["waived"] for item in report["findings"] if item["rule"] == "MCP203"] == [None]


def test_a_manifest_that_is_new_is_wider_in_all_that_it_gives(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    git(tmp_path, "checkout", "-q", "--orphan", "empty")
    git(tmp_path, "rm", "-q", "-f", "mcpconf.yaml")
    repository.commit("nothing yet")
    git(tmp_path, "branch", "-q", "-M", "main")
    git(tmp_path, "checkout", "-q", "-b", "first")
    repository.change()
    assert ("server:files", "server") in told(repository.report(), "wider")
    git(tmp_path, "rm", "-q", "mcpconf.yaml")
    repository.commit("gone")
    ran = repository.check()
    assert ran.code == 1
    assert "there is no manifest here" in ran.stderr


def test_a_base_that_cannot_be_read_judges_nothing(repository: Repository) -> None:
    git(repository.folder, "checkout", "-q", "main")
    repository.world.say("mcpconf: 1\nservers: [\n")
    repository.commit("broken")
    git(repository.folder, "checkout", "-q", "-b", "repair")
    repository.change()
    ran = repository.check()
    assert ran.code == 1
    assert "main:mcpconf.yaml:3" in ran.stderr
    assert json.loads(repository.check("--format", "json").stdout)["error"]["exit_code"] == 1
    assert "could not be made" in repository.check("--format", "markdown").stdout


def test_the_base_is_what_a_build_says_it_is(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.change(servers={"time": None})
    monkeypatch.delenv("GITHUB_BASE_REF", raising=False)
    monkeypatch.delenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", raising=False)
    ran = repository.world.run("check")
    assert ran.code == 64
    assert "--base main" in ran.stderr
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", git(repository.folder, "rev-parse", "main"))
    assert repository.world.run("check").code == 0
    git(repository.folder, "update-ref", "refs/remotes/origin/main", "main")
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    assert repository.world.run("check").code == 0


def test_a_shallow_clone_says_how_much_to_fetch(repository: Repository) -> None:
    repository.change(servers={"time": None})
    for _ in range(2):
        git(repository.folder, "commit", "-q", "--allow-empty", "-m", "more")
    clone = repository.folder / "machine" / "clone"
    git(
        repository.folder,
        "clone",
        "-q",
        "--depth",
        "1",
        "--no-single-branch",
        f"file://{repository.folder}",
        str(clone),
    )
    ran = repository.world.run("check", "--base", "origin/main", "-m", str(clone / "mcpconf.yaml"))
    assert ran.code == 1
    assert "shallow" in ran.stderr
    assert "fetch-depth: 0" in ran.stderr


def test_two_changes_that_widen_only_together_are_caught_in_the_merge(repository: Repository) -> None:
    repository.change(servers={"other": {"package": "pypi:mcp-server-other", "version": "1.0.0"}})
    git(repository.folder, "checkout", "-q", "main")
    repository.say({**BASE, "hosts": {"claude-code": {}, "cursor": {}}})
    repository.commit("give it all")
    git(repository.folder, "checkout", "-q", "change")
    assert "given to claude-code\n" in repository.check().stdout
    assert "given to claude-code, cursor\n" in repository.check("--merge").stdout


def test_a_conflict_of_the_merge_is_told(repository: Repository) -> None:
    repository.change(files={"args": ["${home}/one"]})
    git(repository.folder, "checkout", "-q", "main")
    repository.change(files={"args": ["${home}/two"]})
    git(repository.folder, "checkout", "-q", "change")
    ran = repository.check("--merge")
    assert ran.code == 1
    assert "a merge of both sides has a conflict here" in ran.stderr


def test_hosts_that_get_a_server_are_told(repository: Repository) -> None:
    repository.change(
        hosts={"claude-code": {}, "cursor": {}},
        groups={"data": {"when": {"labels": ["data"]}, "drop": {"servers": ["files"]}}},
    )
    changes = {(item["address"], item["text"]) for item in repository.report()["changes"]}
    assert ("server:time", "+ cursor") in changes
    assert ("server:files", "- claude-code, cursor on machines of the group data") in changes


def test_every_output_of_one_run(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository.folder)
    repository.change(files={"args": ["${home}"]})
    forms = ("json", "markdown", "github", "gitlab", "junit", "sarif")
    folder = repository.folder / "machine"
    words = [word for form in forms for word in ("--out-format", f"{form}={folder / form}")]
    ran = repository.check(*words)
    assert ran.code == 3
    assert json.loads((folder / "json").read_text())["exit_code"] == 3
    Draft202012Validator(schemas()["review"]).validate(json.loads((folder / "json").read_text()))
    sarif = json.loads((folder / "sarif").read_text())
    place = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "mcpconf.yaml", "uriBaseId": "%SRCROOT%"}
    quality = json.loads((folder / "gitlab").read_text())
    assert {"MCP201", "MCP203"} <= {item["check_name"] for item in quality}
    assert quality[0]["location"] == {"path": "mcpconf.yaml", "lines": {"begin": 3}}
    assert (folder / "github").read_text().startswith("::error file=mcpconf.yaml,line=")
    assert "<testsuite" in (folder / "junit").read_text()
