"""Real servers of npm and PyPI, from the store and behind walls: started by what the host's file says."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from mcpconf import operations
from mcpconf.supply.installing import Which, install
from mcpconf.supply.locking import Asked, lock
from mcpconf.system.facts import real_machine
from mcpconf.system.workshop import workshop

MANIFEST = """\
mcpconf: 1
launch: locked
hosts: {cursor: {create: true}}
servers:
  files:
    package: "npm:@modelcontextprotocol/server-filesystem"
    version: "2026.8.31"
    args: ["${home}/work", "${home}"]
    permissions: {fs: [{path: ~/work, mode: ro}], enforce: bwrap}
  time:
    package: "pypi:mcp-server-time"
    version: "2026.10.19"
    env: {TZ: Asia/Tokyo}
    permissions: {net: {out: none}, env: [TZ], enforce: bwrap}
"""


class Server:
    def __init__(self, entry: dict, home: Path) -> None:
        words = [text.replace("${userHome}", str(home)) for text in (entry["command"], *entry.get("args", ()))]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        self.process = subprocess.Popen(words, env={**os.environ, **entry.get("env", {})}, **pipes)
        self.sent = 0
        client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
        self.about = self.ask("initialize", client)
        self._send({"method": "notifications/initialized"})

    def _send(self, message: dict) -> None:
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self.process.stdin.flush()

    def ask(self, method: str, parameters: dict) -> dict:
        self.sent += 1
        self._send({"id": self.sent, "method": method, "params": parameters})
        while True:
            answer = json.loads(self.process.stdout.readline())
            if answer.get("id") == self.sent and "method" not in answer:
                return answer["result"]

    def call(self, tool: str, **arguments: object) -> tuple[bool, str]:
        result = self.ask("tools/call", {"name": tool, "arguments": arguments})
        return not result.get("isError"), result["content"][0]["text"]

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


def test_servers_of_the_store_run_behind_walls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    (home / "work").mkdir(parents=True)
    (home / "work/page").write_text("what the page says")
    (home / "secret").write_text("what nobody may read")
    manifest = home / "mcpconf.yaml"
    manifest.write_text(MANIFEST)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    machine = real_machine()
    assert not lock(str(manifest), workshop(machine), Asked()).problems
    assert install(str(manifest), workshop(machine), Which()).exit_code == 0
    outcome = operations.apply(machine, str(manifest), lambda _plan, _scrubber: "yes")
    assert (outcome.end, outcome.held) == ("applied", [])
    assert operations.plan(machine, str(manifest)).plan.detailed_exit_code == 0

    entries = json.loads((home / ".cursor/mcp.json").read_text())["mcpServers"]
    files = Server(entries["files"], home)
    assert files.about["serverInfo"]
    assert files.call("read_text_file", path=f"{home}/work/page") == (True, "what the page says")
    for tool, path in (
        ("read_text_file", "secret"),
        ("read_text_file", ".cursor/mcp.json"),
        ("list_directory", ".cursor"),
    ):
        assert not files.call(tool, path=f"{home}/{path}")[0], path
    assert not files.call("write_file", path=f"{home}/work/new", content="x")[0]
    assert not (home / "work/new").exists()
    files.end()

    time = Server(entries["time"], home)
    worked, text = time.call("get_current_time", timezone="Europe/Paris")
    assert worked
    assert "Europe/Paris" in text
    time.end()
