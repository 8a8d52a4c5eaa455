"""Manifests that are believed because of who signed them: on a machine, outside of git, and in a change before it is merged."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from mcpconf.documents.saved import load_plan
from mcpconf.errors import McpconfError
from mcpconf.operations import apply_saved
from mcpconf.system.facts import rooted_machine
from tests.e2e.test_history_of_the_manifest import QUIET
from tests.faults import FixedClock
from tests.world import LINUX, World

MANIFEST = 'mcpconf: 1\nservers:\n  files: {command: ["/opt/files"]}\nhosts: {cursor: {create: true}}\n'
OTHER = MANIFEST.replace("/opt/files", "/opt/other")
pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen")


def run(*words: str, **more: str) -> str:
    environment = {**os.environ, **QUIET, **more}
    return subprocess.run(words, check=True, capture_output=True, text=True, env=environment).stdout.strip()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    for name in ("ada", "eve"):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name))
    return {name: folder / name for name in ("ada", "eve")}


def public(key: Path) -> str:
    return key.with_suffix(".pub").read_text().strip()


def trusting(folder: Path, keys: dict[str, Path], **trust: object) -> World:
    world = World(folder, {**LINUX, "trust": {"signers": {"ada": public(keys["ada"])}, **trust}})
    (folder / ".gitignore").write_text("machine/\n")
    world.say(MANIFEST)
    run("git", "-C", str(folder), "init", "-q")
    return world


def commit(world: World, key: Path | None, date: str = "2026-11-20T12:00:00+00:00") -> str:
    git = ["git", "-C", str(world.folder), "-c", "gpg.format=ssh", "-c", f"user.signingkey={key}"]
    identity = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Ada"), ("EMAIL", "a@example.org"), ("DATE", date))
    }
    run(*git, "add", "-A", **identity)
    run(*git, "commit", "-q", "--allow-empty", "-m", "change", *(["-S"] if key else []), **identity)
    return run(*git, "rev-parse", "HEAD")


def refused(world: World) -> str:
    ran = world.run("apply", "--yes")
    assert ran.code == 3, ran.stdout
    assert "MCP803" in ran.stdout + ran.stderr
    assert not world.path("~/.cursor/mcp.json").exists() or "/opt/other" not in world.read("~/.cursor/mcp.json")
    return " ".join((ran.stdout + ran.stderr).split())


def test_a_signed_manifest_acts_and_an_unsigned_one_does_not(tmp_path: Path, keys: dict[str, Path]) -> None:
    world = trusting(tmp_path, keys)
    commit(world, None)
    assert "is not signed" in refused(world)
    commit(world, keys["eve"])
    assert "not signed by anybody who may" in refused(world)
    commit(world, keys["ada"])
    assert world.run("apply", "--yes").code == 0
    assert world.run("plan", "--detailed-exitcode").code == 0
    world.say(OTHER)
    assert "it is not what the signed commit has" in refused(world)
    assert world.run("plan").code == 3


def test_what_lies_beside_a_signed_manifest_is_signed_too(tmp_path: Path, keys: dict[str, Path]) -> None:
    world = trusting(tmp_path, keys)
    lock, approvals = '{"mcpconf_lock": 1, "servers": {}}', '{"mcpconf_approvals": 1, "servers": {}}'
    commit(world, keys["ada"])
    world.layer("mcpconf.approvals", approvals)
    assert "mcpconf.approvals" in refused(world)
    (tmp_path / "mcpconf.approvals").unlink()
    world.layer("mcpconf.lock", lock)
    commit(world, keys["ada"])
    (tmp_path / "mcpconf.lock").unlink()
    assert "it is not what the signed commit has" in refused(world)


def test_what_came_from_git_stays_in_git(tmp_path: Path, keys: dict[str, Path]) -> None:
    world = trusting(tmp_path, keys)
    commit(world, keys["ada"])
    run("ssh-keygen", "-q", "-Y", "sign", "-n", "mcpconf", "-f", str(keys["ada"]), str(world.manifest))
    assert world.run("apply", "--yes").code == 0
    shutil.rmtree(tmp_path / ".git")
    assert "came from git before" in refused(world)


def test_a_repository_that_git_cannot_read_is_not_one_without_git(tmp_path: Path, keys: dict[str, Path]) -> None:
    world = trusting(tmp_path, keys)
    commit(world, keys["ada"])
    run("ssh-keygen", "-q", "-Y", "sign", "-n", "mcpconf", "-f", str(keys["ada"]), str(world.manifest))
    (tmp_path / ".git" / "HEAD").write_text("nonsense\n")
    assert "git could not read" in refused(world)


def test_a_machine_does_not_go_back(tmp_path: Path, keys: dict[str, Path]) -> None:
    world = trusting(tmp_path, keys)
    first = commit(world, keys["ada"])
    world.say(OTHER)
    commit(world, keys["ada"])
    assert world.run("apply", "--yes").code == 0
    run("git", "-C", str(tmp_path), "reset", "-q", "--hard", first)
    ran = world.run("apply", "--yes")
    assert ran.code == 3
    assert "the manifest goes back" in " ".join(ran.stdout.split())
    assert "/opt/other" in world.read("~/.cursor/mcp.json")


def test_a_manifest_that_nobody_renews_ends(tmp_path: Path, keys: dict[str, Path]) -> None:
    world = trusting(tmp_path, keys, max_age=30)
    commit(world, keys["ada"], "2020-01-01T12:00:00+00:00")
    assert "was committed on 2020-01-01, and counts for 30 days" in refused(world)


def test_a_saved_plan_is_asked_again_whom_the_machine_believes(tmp_path: Path, keys: dict[str, Path]) -> None:
    world = trusting(tmp_path, keys)
    commit(world, keys["ada"])
    out = str(tmp_path / "plan.json")
    ran = world.run("plan", "--out", out)
    assert ran.code == 0
    assert ", signed by ada" in ran.stdout
    assert json.loads(Path(out).read_text())["origin"]["signature"] == "ada"
    facts = {**world.facts, "trust": {"signers": {"eve": public(keys["eve"])}}}
    (world.root / "machine.yaml").write_text(yaml.safe_dump(facts))
    ran = world.run("apply", out)
    assert ran.code == 4
    assert "whom this machine believes was changed since the plan was made" in " ".join(ran.stderr.split())
    assert not world.path("~/.cursor/mcp.json").exists()


def test_a_plan_tells_of_no_trust_where_the_machine_says_none(tmp_path: Path, keys: dict[str, Path]) -> None:
    world, out = World(tmp_path / "a"), str(tmp_path / "a.json")
    world.say(MANIFEST)
    assert world.run("plan", "--out", out).code == 0
    assert world.run("plan", "--format", "json").json["machine"]["trust"] is None
    facts = world.root / "machine.yaml"
    facts.write_text(yaml.safe_dump({**LINUX, "trust": {"signers": {"ada": public(keys["ada"])}}}))
    ran = world.run("apply", out, "--yes")
    assert ran.code == 4, ran.stdout + ran.stderr
    assert "whom this machine believes was changed" in " ".join(ran.stderr.split())
    facts.write_text(yaml.safe_dump({**LINUX, "trust": {"max_age": 30}}))
    assert world.run("apply", out, "--yes").code == 0, "whom nobody signs for is believed for ever"


def test_a_saved_plan_ends_with_its_manifest(tmp_path: Path, keys: dict[str, Path]) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    world = trusting(tmp_path, keys, max_age=1)
    commit(world, keys["ada"], yesterday.isoformat(timespec="seconds"))
    out = str(tmp_path / "plan.json")
    assert world.run("plan", "--out", out).code == 0
    plan = load_plan(Path(out).read_bytes(), out)
    today = (yesterday + timedelta(days=1)).date()
    assert plan.origin.until == today.isoformat()
    assert world.run("show", out).code == 0
    late = replace(rooted_machine(str(world.root)), clock=FixedClock(f"{today + timedelta(days=1)}T00:00:00Z"))
    with pytest.raises(McpconfError, match="counted until"):
        apply_saved(late, out)


def test_a_repository_does_not_say_itself_whom_to_believe(tmp_path: Path, keys: dict[str, Path]) -> None:
    world = trusting(tmp_path, keys)
    commit(world, keys["eve"])
    allowed = tmp_path / "machine" / "allowed"
    allowed.write_text(f"* {public(keys['eve'])}\n")
    liar = tmp_path / "machine" / "liar"
    liar.write_text("#!/bin/sh\ntouch $0.ran\necho '[GNUPG:] GOODSIG x ada'\n")
    liar.chmod(0o755)
    for name in ("gpg.program", "gpg.ssh.program", "gpg.x509.program"):
        run("git", "-C", str(tmp_path), "config", name, str(liar))
    run("git", "-C", str(tmp_path), "config", "gpg.ssh.allowedSignersFile", str(allowed))
    assert "not signed by anybody who may" in refused(world)
    assert not liar.with_suffix(".ran").exists()


def test_a_signature_for_something_else_does_not_count(tmp_path: Path, keys: dict[str, Path]) -> None:
    world = trusting(tmp_path, keys)
    shutil.rmtree(tmp_path / ".git")
    run("ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", str(keys["ada"]), str(world.manifest))
    assert "not signed by anybody who may" in refused(world)


def test_outside_of_git_every_file_has_a_signature_of_its_own(tmp_path: Path, keys: dict[str, Path]) -> None:
    world = trusting(tmp_path, keys)
    shutil.rmtree(tmp_path / ".git")
    world.say(MANIFEST + "include: [base.yaml]\n")
    world.layer("base.yaml", "mcpconf: 1\n")
    assert "it is not signed" in refused(world)
    for name in ("mcpconf.yaml", "base.yaml"):
        run("ssh-keygen", "-q", "-Y", "sign", "-n", "mcpconf", "-f", str(keys["ada"]), str(tmp_path / name))
    assert world.run("apply", "--yes").code == 0
    world.layer("base.yaml", "mcpconf: 1\npolicy: {unmanaged: remove}\n")
    assert "not signed by anybody who may" in refused(world)


@pytest.mark.skipif(shutil.which("gpg") is None, reason="needs gpg")
def test_a_commit_may_be_signed_with_openpgp(tmp_path: Path, keys: dict[str, Path]) -> None:
    home = Path(tempfile.mkdtemp(prefix="gpg"))  # its agent's socket needs a short path
    gpg = ["gpg", "--homedir", str(home), "--batch", "--passphrase", "", "--pinentry-mode", "loopback"]
    try:
        run(*gpg, "--quick-generate-key", "Grace <grace@example.org>", "ed25519", "sign", "never")
        key = run(*gpg, "--armor", "--export", "grace@example.org")
        world = trusting(tmp_path / "repository", keys, signers={"grace": key, "ada": public(keys["ada"])})
        git = ["git", "-C", str(world.folder), "-c", "user.name=g", "-c", "user.email=grace@example.org"]
        git += ["-c", "user.signingkey=grace@example.org"]
        run(*git, "add", "-A")
        run(*git, "commit", "-q", "-S", "-m", "signed", GNUPGHOME=str(home))
        assert world.run("apply", "--yes").code == 0
        run("git", "clone", "-q", str(tmp_path / "repository"), str(tmp_path / "other"))
        world = World(tmp_path / "other", {**LINUX, "trust": {"signers": {"ada": public(keys["ada"])}}})
        assert "not signed by anybody who may" in refused(world)
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, capture_output=True)
        shutil.rmtree(home, ignore_errors=True)


def test_commits_of_a_change_are_held_against_the_signers_of_the_base(tmp_path: Path, keys: dict[str, Path]) -> None:
    world = trusting(tmp_path, keys)
    policy = {"require": ["signature"], "signers": {"ada": public(keys["ada"])}, "rules": {"MCP801": "none"}}

    def say(program: str, **more: object) -> None:
        said = {"mcpconf": "1", "servers": {"files": {"command": [program]}}, "hosts": {"cursor": {}}}
        world.say(yaml.safe_dump({**said, "policy": {**policy, **more}}))

    say("/opt/files")
    base = commit(world, None)
    say("/opt/other")
    commit(world, keys["ada"])
    assert world.run("check", "--base", base).code == 0
    say("/opt/third", signers={"ada": public(keys["ada"]), "eve": public(keys["eve"])})
    taken = commit(world, keys["eve"])
    ran = world.run("check", "--base", base)
    assert ran.code == 3
    assert f"the commit {taken[:12]} is not signed by anybody who may" in " ".join(ran.stdout.split())
    assert "signers.eve" in ran.stdout
