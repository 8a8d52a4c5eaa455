"""The whole way, with real packages: locked, installed, applied, started with the network off, and one byte flipped.

Two npm packages, two of PyPI, a program and an address; the same lock again on a machine that has never seen any of it.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from mcpconf import operations
from mcpconf.artifacts import installation
from mcpconf.documents.lock import load_lock
from mcpconf.reconcile.situation import Choices
from mcpconf.supply.checking import check
from mcpconf.supply.installing import Which, install
from mcpconf.supply.locking import Asked, lock
from mcpconf.system.facts import real_machine
from mcpconf.system.workshop import workshop

MANIFEST = """\
mcpconf: 1
launch: locked
hosts: {cursor: {create: true}}
servers:
  files: {package: "npm:@modelcontextprotocol/server-filesystem", version: "2026.8.31", args: ["${home}/work"]}
  everything: {package: "npm:@modelcontextprotocol/server-everything", version: "^2026.8"}
  time: {package: "pypi:mcp-server-time", version: "2026.10.19"}
  git: {package: "pypi:mcp-server-git", version: ">=2026.10,<2026.11"}
  notes: {command: ["${home}/notes"], args: [--stdio]}
  tickets: {url: "https://mcp.example.org/v1/"}
"""
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}


def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A machine of its own, with its manifest."""
    (home / "work").mkdir(parents=True)
    program = home / "notes"
    program.write_text("#!/bin/sh\nexec cat\n")
    program.chmod(0o755)
    manifest = home / "mcpconf.yaml"
    manifest.write_text(MANIFEST)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    return str(manifest)


def without_network() -> list[str]:
    alone = ["unshare", "--net", "--map-root-user"]
    works = shutil.which("unshare") and subprocess.run([*alone, "true"], check=False).returncode == 0
    return alone if works else ["env", "https_proxy=http://127.0.0.1:9", "http_proxy=http://127.0.0.1:9"]


def answer(entry: dict, home: Path) -> dict:
    words = [text.replace("${userHome}", str(home)) for text in (entry["command"], *entry.get("args", ()))]
    command = [*without_network(), *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write(json.dumps(HELLO).encode() + b"\n")
        server.stdin.flush()
        line = server.stdout.readline()
        server.kill()
    return json.loads(line)


def test_what_was_locked_runs_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    manifest = at_home(home, monkeypatch)
    machine = real_machine()
    assert not lock(manifest, workshop(machine), Asked()).problems
    assert install(manifest, workshop(machine), Which()).exit_code == 0
    outcome = operations.apply(machine, manifest, lambda _plan, _scrubber: "yes")
    assert (outcome.end, outcome.held) == ("applied", [])
    assert operations.plan(machine, manifest, Choices(locked=True)).plan.detailed_exit_code == 0

    servers = json.loads((home / ".cursor/mcp.json").read_text())["mcpServers"]
    for name in ("files", "everything", "time", "git"):
        assert str(home / ".local/share/mcpconf/store") in " ".join([servers[name]["command"], *servers[name]["args"]])
        assert answer(servers[name], home)["result"]["serverInfo"], name

    locked = check(manifest, machine.documents).lock
    assert locked is not None
    for name in ("files", "time"):
        tree = Path(installation(locked.servers[name], machine.facts)) / "tree"
        path = sorted(item for item in tree.rglob("*") if item.is_file() and not item.is_symlink())[37]
        before = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(bytes([before[0] ^ 1]) + before[1:] if before else b"\0")
        plan = operations.plan(machine, manifest).plan
        assert plan.exit_code == 3
        found = [item for item in plan.findings if item.rule == "MCP102"]
        assert [item.address for item in found] == [f"server:{name}"]
        assert str(path.relative_to(tree)) in found[0].message
        path.write_bytes(before)
        path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
        assert operations.plan(machine, manifest).plan.exit_code == 0


def test_the_lock_is_the_same_on_a_machine_that_has_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = []
    for name, zone in (("one", "UTC"), ("another", "Asia/Tokyo")):
        manifest = at_home(tmp_path / name, monkeypatch)
        monkeypatch.setenv("TZ", zone)
        assert not lock(manifest, workshop(real_machine()), Asked()).problems
        texts.append((tmp_path / name / "mcpconf.lock").read_bytes())
    assert texts[0] == texts[1]
    assert set(load_lock(texts[0], "mcpconf.lock").servers) == {
        "files",
        "everything",
        "time",
        "git",
        "notes",
        "tickets",
    }
    assert os.environ["TZ"] == "Asia/Tokyo"
