"""Real servers from the public index: locked, installed, moved, and started where no network could help them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from mcpconf.artifacts import Wish, pypi
from mcpconf.documents.lock import render_lock
from mcpconf.errors import Problem
from mcpconf.model.lock import Lock, LockedServer
from mcpconf.model.manifest import Server
from mcpconf.system.facts import real_machine
from mcpconf.system.workshop import workshop
from mcpconf.workshop import Workshop

HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}},
}


def home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    folder.mkdir()
    for name in [*os.environ]:
        if name.startswith("UV_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    return workshop(real_machine())


def lock(name: str, version: str, shop: Workshop, **more) -> LockedServer:
    found = pypi.lock(Wish(name, Server(package=f"pypi:{name}", version=version), **more), shop)
    assert isinstance(found, LockedServer), found
    return found


def installed(locked: LockedServer, shop: Workshop, target: Path) -> Path:
    """Built in one place, then moved to another and sealed, as the store does."""
    with shop.trees.room() as room:
        tree = f"{room}/tree"
        shop.machine.files.make_folder(tree, 0o700)
        problem = pypi.install(locked, tree, shop)
        assert problem is None, problem
        assert shop.trees.move(tree, str(target))
    shop.trees.seal(str(target))
    return target


def greeted(locked: LockedServer, tree: Path, shop: Workshop, cwd: Path) -> tuple[str, str]:
    """The first line that it prints, and else what it complains of; started with every way to a network closed off."""
    argv = pypi.launch(locked, str(tree), shop.machine)
    assert not isinstance(argv, Problem)
    nowhere = dict.fromkeys(
        ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen(
        argv, cwd=cwd, env={**os.environ, **nowhere}, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as run:
        try:
            print(json.dumps(HELLO), file=run.stdin, flush=True)
            line = run.stdout.readline()
            return line, "" if line else run.stderr.read()
        finally:
            run.kill()


@pytest.mark.parametrize("name", ["mcp-server-time", "mcp-server-git"])
def test_a_server_starts_from_what_was_installed(name: str, tmp_path, monkeypatch) -> None:
    shop = home(tmp_path / "home", monkeypatch)
    locked = lock(name, "2026.10.19", shop)
    tree = installed(locked, shop, tmp_path / "home" / "store" / name)
    try:
        answer = json.loads(greeted(locked, tree, shop, tmp_path)[0])
        assert answer["result"]["serverInfo"]["version"] == "2026.10.19"
        assert not [*tree.rglob("*.pyc")]
    finally:
        shop.trees.remove(str(tree))


def test_two_machines_make_the_same_lock(tmp_path, monkeypatch) -> None:
    texts = set()
    for name in ("one", "two"):
        shop = home(tmp_path / name, monkeypatch)
        texts.add(render_lock(Lock(servers={"time": lock("mcp-server-time", ">=2026.10,<2026.11", shop)})))
    assert len(texts) == 1


def test_a_lock_keeps_a_server_working_whose_dependency_moved(tmp_path, monkeypatch) -> None:
    """`mcp-server-sqlite` takes any `mcp`, and does not start with version 2 of it."""
    shop = home(tmp_path / "home", monkeypatch)
    then = lock("mcp-server-sqlite", "2025.4.25", shop, before="2025-05-01T00:00:00Z")
    kept = lock("mcp-server-sqlite", "2025.4.25", shop, known=then)
    assert kept == then
    newest = lock("mcp-server-sqlite", "2025.4.25", shop, known=then, upgrade=True)
    assert (then.closure["mcp"].version[0], newest.closure["mcp"].version[0]) == ("1", "2")
    outcomes = []
    for name, locked in (("kept", kept), ("newest", newest)):
        tree = installed(locked, shop, tmp_path / "home" / "store" / name)
        outcomes.append(greeted(locked, tree, shop, tmp_path))
        shop.trees.remove(str(tree))
    assert '"serverInfo"' in outcomes[0][0]
    assert "AttributeError: 'Server' object has no attribute 'list_resources'" in outcomes[1][1]


@pytest.mark.parametrize(("name", "version"), [("mcp-server-does-not-exist-at-all", "1.0"), ("mcp-server-time", "1.0")])
def test_what_does_not_exist_is_told_by_name(name: str, version: str, tmp_path, monkeypatch) -> None:
    shop = home(tmp_path / "home", monkeypatch)
    found = pypi.lock(Wish("x", Server(package=f"pypi:{name}", version=version)), shop)
    assert isinstance(found, Problem)
    assert (found.kind, f"`{name}`" in found.message) == ("missing", True)
