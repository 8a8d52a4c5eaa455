"""Bundles that the official packer makes and signs: locked, unpacked, and started without the network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from mcpconf.artifacts import Wish, mcpb
from mcpconf.errors import Problem
from mcpconf.model.lock import LockedServer
from mcpconf.model.manifest import Server
from mcpconf.system.facts import real_machine
from mcpconf.system.workshop import workshop
from mcpconf.workshop import Workshop
from tests.loopback import CERTIFICATE, body, serving

PACKER = "@anthropic-ai/mcpb@2.1.2"
SERVER = "@modelcontextprotocol/server-everything@2026.8.31"
SCRIPT = "node_modules/@modelcontextprotocol/server-everything/dist/index.js"
MANIFEST = {
    "manifest_version": "0.3",
    "name": "everything",
    "version": "1.2.0",
    "description": "All that a server can do.",
    "author": {"name": "the tests"},
    "server": {
        "type": "node",
        "entry_point": SCRIPT,
        "mcp_config": {"command": "node", "args": ["${__dirname}/" + SCRIPT, "stdio"]},
    },
}
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}},
}


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """The bundle as packed, and signed by a certificate of the packer's own making."""
    folder = tmp_path_factory.mktemp("bundle")
    environment = {**os.environ, "HOME": str(folder)}

    def run(*argv: str, where: Path = folder) -> None:
        subprocess.run(argv, cwd=where, env=environment, check=True, capture_output=True, timeout=600)

    (folder / "src").mkdir()
    (folder / "src/manifest.json").write_text(json.dumps(MANIFEST))
    run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", SERVER, where=folder / "src")
    run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder / "packer"), PACKER)
    packer = str(folder / "packer/node_modules/.bin/mcpb")
    run(packer, "pack", "src", "plain.mcpb")
    shutil.copy(folder / "plain.mcpb", folder / "signed.mcpb")
    run(packer, "sign", "signed.mcpb", "--self-signed")
    return (folder / "plain.mcpb").read_bytes(), (folder / "signed.mcpb").read_bytes()


def here(folder: Path) -> Workshop:
    made = workshop(real_machine())
    return replace(made, machine=replace(made.machine, facts=replace(made.machine.facts, home=str(folder))))


def lock(address: str, shop: Workshop) -> LockedServer:
    found = mcpb.lock(Wish("everything", Server.model_validate({"package": f"mcpb:{address}"})), shop)
    assert isinstance(found, LockedServer), found
    return found


def test_a_packed_and_signed_bundle_starts_from_where_it_is_installed(packed, tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    plain, signed = packed
    assert plain == signed[: len(plain)]
    with serving({"/e.mcpb": body(signed)}, tls=True) as server:
        shop = here(tmp_path)
        locked = lock(f"{server.address}/e.mcpb", shop)
        assert locked.version == "1.2.0"
        assert [*locked.artifacts] == ["e.mcpb", "e.mcpb#without-signature"]
        tree = tmp_path / "tree"
        tree.mkdir()
        assert mcpb.install(locked, str(tree), shop) is None
    words = mcpb.launch(locked, str(tree), shop.machine)
    assert not isinstance(words, Problem), words
    done = subprocess.run(
        words, input=json.dumps(HELLO) + "\n", capture_output=True, text=True, cwd=tmp_path, check=False, timeout=120
    )
    answer = json.loads(done.stdout.splitlines()[0])
    assert answer["result"]["serverInfo"]["name"]


def test_a_byte_that_differs_is_named_before_anything_is_unpacked(packed, tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    plain, _ = packed
    answers = {"/e.mcpb": body(plain)}
    with serving(answers, tls=True) as server:
        shop = here(tmp_path)
        locked = lock(f"{server.address}/e.mcpb", shop)
        tampered = bytearray(plain)
        tampered[len(plain) // 2] ^= 1
        answers["/e.mcpb"] = body(bytes(tampered))
        refused = mcpb.install(locked, str(tmp_path), shop)
    assert isinstance(refused, Problem)
    assert refused.kind == "hash"
    assert [*tmp_path.iterdir()] == []
