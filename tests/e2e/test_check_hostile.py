"""A repository of somebody else is checked: nothing of it runs, and nothing but git's plumbing is started."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.test_check import Repository
from tests.e2e.test_history_of_the_manifest import git

evil = "@everyone please </details><script>x</script> ``` ![x](http://x) \u202e \x1b[31m `|`"

PLUMBING = frozenset({"rev-parse", "merge-base", "ls-tree", "cat-file", "merge-file"})


def hostile(folder: Path) -> Path:
    """Everything in a repository by which something could start; whatever starts leaves a mark."""
    mark = folder / "machine" / "started"
    program = folder / "machine" / "program"
    program.write_text(f"#!/bin/sh\necho $0 $@ >> {mark}\ncat\n")
    program.chmod(0o755)
    settings = {
        "core.fsmonitor": program,
        "core.sshCommand": program,
        "core.pager": program,
        "core.editor": program,
        "core.gitProxy": program,
        "credential.helper": program,
        "diff.external": program,
        "diff.evil.textconv": program,
        "diff.evil.command": program,
        "filter.evil.clean": program,
        "filter.evil.smudge": program,
        "filter.evil.required": "true",
        "merge.evil.driver": f"{program} %O %A %B",
        "gpg.program": program,
        "gpg.ssh.program": program,
        "log.showSignature": "true",
        "alias.cat-file": f"!{program}",
        "alias.rev-parse": f"!{program}",
        "uploadpack.packObjectsHook": program,
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::{program}",
    }
    for name, value in settings.items():
        git(folder, "config", name, str(value))
    for hook in ("post-checkout", "pre-commit", "reference-transaction", "post-index-change", "fsmonitor-watchman"):
        path = folder / ".git" / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        shutil.copy(program, path)
    (folder / ".git" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "info" / "attributes").write_text("* diff=evil filter=evil merge=evil\n")
    (folder / ".git" / "objects" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "objects" / "info" / "alternates").write_text("/nowhere/objects\n")
    mark.unlink(missing_ok=True)
    return mark


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path)
    made.change(files={"args": ["${home}"]})
    git(tmp_path, "checkout", "-q", "main")
    made.change(policy={"unmanaged": "remove"})
    git(tmp_path, "checkout", "-q", "change")
    return made


@pytest.mark.parametrize("options", [(), ("--merge",), ("--format", "markdown")])
def test_nothing_of_a_hostile_repository_runs(repository: Repository, options: tuple[str, ...]) -> None:
    mark = hostile(repository.folder)
    ran = repository.check(*options)
    assert ran.code == 3, ran.stderr
    assert not mark.exists(), mark.read_text()
    assert repository.world.run("diff", "main..change").code == 2
    assert not mark.exists(), mark.read_text()


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
@pytest.mark.parametrize("options", [(), ("--merge",)])
def test_no_process_is_started_but_gits_plumbing(repository: Repository, options: tuple[str, ...]) -> None:
    hostile(repository.folder)
    trace = repository.folder / "machine" / "trace"
    words = ["strace", "-f", "-qq", "-e", "trace=execve,connect", "-o", str(trace)]
    words += [
        sys.executable,
        "-m",
        "mcpconf",
        "check",
        "--base",
        "main",
        "-m",
        str(repository.world.manifest),
        *options,
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if "Operation not permitted" in done.stderr:
        pytest.skip("strace may not trace here")
    assert done.returncode == 3, done.stderr
    lines = trace.read_text().splitlines()
    started = [
        line
        for line in lines
        if "execve(" in line and not line.endswith(("ENOENT (No such file or directory)", "ENOENT"))
    ]
    assert len(started) > 1
    for line in started[1:]:
        argv = re.findall(r'"((?:[^"\\]|\\.)*)"', line)
        assert Path(argv[0]).name == "git", line
        assert PLUMBING & set(argv), line
    assert not [line for line in lines if "connect(" in line and "AF_INET" in line]


def test_a_replaced_object_is_not_taken_for_the_real_one(repository: Repository) -> None:
    folder = repository.folder
    harmless = git(folder, "rev-parse", "main")
    git(folder, "replace", git(folder, "rev-parse", "change"), harmless)
    assert repository.check().code == 3


def test_a_manifest_that_is_a_link_is_refused(repository: Repository) -> None:
    (repository.folder / "other.yaml").write_text("mcpconf: 1\n")
    repository.world.manifest.unlink()
    repository.world.manifest.symlink_to("other.yaml")
    repository.commit()
    ran = repository.check()
    assert ran.code == 1
    assert "it is no regular file" in ran.stderr


def test_a_submodule_in_its_place_is_refused(repository: Repository) -> None:
    folder = repository.folder
    git(folder, "rm", "-q", "--cached", "mcpconf.yaml")
    repository.world.manifest.unlink()
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{git(folder, 'rev-parse', 'HEAD')},mcpconf.yaml")
    git(folder, "commit", "-q", "-m", "a submodule")
    ran = repository.check()
    assert ran.code == 1


def test_a_huge_manifest_is_not_read(repository: Repository) -> None:
    repository.world.say("mcpconf: 1\n" + "#" * (17 * 1024 * 1024) + "\n")
    repository.commit()
    ran = repository.check()
    assert ran.code == 1
    assert "larger than 16 MB" in ran.stderr


@pytest.mark.parametrize(
    "text",
    [
        "mcpconf: 1\nservers: !!python/object/apply:os.system [touch x]\n",
        "mcpconf: 1\nservers: &a [*a]\n",
        "mcpconf: 1\ninclude: [../../../../etc/passwd]\n",
        "mcpconf: 1\ninclude: [/etc/passwd]\n",
    ],
)
def test_yaml_of_somebody_else_makes_nothing(repository: Repository, text: str) -> None:
    repository.world.say(text)
    repository.commit()
    ran = repository.check()
    assert ran.code == 1
    assert "root:" not in ran.stdout + ran.stderr


def test_texts_of_others_do_not_act_in_a_comment_or_a_terminal(repository: Repository) -> None:
    repository.change(
        servers={"evil": {"package": "npm:@modelcontextprotocol/x", "version": "1.0.0", "args": [f"/{evil}"]}}
    )
    markdown = repository.check("--format", "markdown").stdout
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", markdown)
    assert "@everyone" in markdown
    for text in ("@everyone", "<script>", "http://x", "</details>"):
        assert text not in outside
    for form in ("text", "markdown", "json", "sarif"):
        text = repository.check("--format", form).stdout
        assert "\u202e" not in text
        assert "\x1b" not in text


@pytest.mark.parametrize("revision", ["--help", "-x", "main;touch x", "HEAD^{/x}", "a b", ":/x", "main:mcpconf.yaml"])
def test_what_is_no_plain_revision_is_refused(repository: Repository, revision: str) -> None:
    assert repository.world.run("check", f"--base={revision}").code == 64
