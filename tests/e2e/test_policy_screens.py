"""Policies for the hosts of one manifest: whole texts, and what becomes of them on disk."""

from __future__ import annotations

import json

import pytest

from mcpconf.system.sources import bundled_rows
from tests.e2e.test_goldens import compare
from tests.world import World

MANIFEST = """\
mcpconf: 1
servers:
  files:
    package: npm:@modelcontextprotocol/server-filesystem
    version: "2026.8.31"
    args: [/srv/share]
    permissions: {tools: {auto: ["*"]}}
  github:
    url: https://api.githubcopilot.com/mcp/
    headers: {Authorization: {secret: GITHUB_MCP_TOKEN, prefix: "Bearer "}}
    permissions: {tools: {auto: ["*"]}}
  ledger: {command: [/opt/ledger, --read-only], permissions: {tools: {auto: ["*"]}}}
hosts: {HOST: {create: true}}
absent:
  - {package: "npm:postmark-mcp", reason: it sent every mail to a stranger}
  - {url: "https://mail.example.net/mcp", reason: the same}
  - {command: [/opt/old-ledger], reason: replaced}
"""
HOSTS = sorted(row.id for row in bundled_rows().values() if row.policies)
WINDOWS = {"os": "windows", "home": "C:/Users/dev", "user": "dev"}


def world_of(tmp_path, host: str, facts: dict | None = None) -> World:
    world = World(tmp_path, facts) if facts else World(tmp_path)
    world.say(MANIFEST.replace("HOST", host))
    return world


@pytest.mark.parametrize("host", HOSTS)
def test_policies_of_each_host(host: str, tmp_path) -> None:
    ran = world_of(tmp_path, host).run(
        "export", "--managed", host, "--allow-wider", "--registry-url", "https://mcp.example.org"
    )
    compare(f"policy-{host}", f"{ran.stderr}{ran.stdout}[exit {ran.code}]\n".replace(str(tmp_path), "FOLDER"))


def test_a_program_gets_paths_texts_and_what_is_not_held(tmp_path) -> None:
    told = world_of(tmp_path, "codex").run("export", "--managed", "codex", "--allow-wider", "--format", "json").json
    (file,) = told["files"]
    assert file["path"] == "/etc/codex/requirements.toml"
    assert file["servers"] == ["files", "github", "ledger"]
    assert file["wider"]
    assert any("arguments" in item for item in file["lacks"])


def test_commands_are_those_that_the_host_runs_on_its_system(tmp_path) -> None:
    """What mcpconf writes into a user's file on Windows is what the list must name."""
    told = world_of(tmp_path, "claude-code", WINDOWS).run("export", "--managed", "claude-code", "--format", "json").json
    settings, servers = (json.loads(file["text"]) for file in told["files"])
    assert settings["allowedMcpServers"][0]["serverCommand"][:4] == ["cmd", "/c", "npx", "-y"]
    assert servers["mcpServers"]["files"]["command"] == "cmd"
    assert told["files"][1]["path"] == "C:/Program Files/ClaudeCode/managed-mcp.json"


def test_files_are_for_everybody_to_read_and_lie_at_their_paths(tmp_path) -> None:
    world = world_of(tmp_path, "claude-code")
    assert world.run("export", "--managed", "claude-code", "--out", "tree").code == 0
    path = tmp_path / "tree" / "etc" / "claude-code" / "managed-mcp.json"
    assert path.stat().st_mode & 0o777 == 0o644
    assert path.parent.stat().st_mode & 0o022 == 0
    assert set(json.loads(path.read_text())["mcpServers"]) == {"files", "github", "ledger"}


def test_nothing_is_written_through_a_link(tmp_path) -> None:
    world = world_of(tmp_path, "claude-code")
    folder = tmp_path / "tree" / "etc" / "claude-code"
    folder.mkdir(parents=True)
    elsewhere = tmp_path / "tree" / "other.json"
    elsewhere.write_text("{}")
    (folder / "managed-mcp.json").symlink_to("/other.json")
    ran = world.run("export", "--managed", "claude-code", "--out", "tree")
    assert ran.code == 1
    assert "left as it is" in ran.stderr
    assert elsewhere.read_text() == "{}"
    assert not (folder / "managed-settings.d").exists()


def test_what_is_added_from_the_list_of_a_registry_is_what_was_approved(tmp_path) -> None:
    world = World(tmp_path)
    world.say(
        """\
mcpconf: 1
servers:
  time:
    package: pypi:mcp-server-time
    version: "2026.10.19"
    args: [--local-timezone, Europe/Berlin]
    env: {LEVEL: info}
  web: {url: "https://example.org/mcp"}
hosts: {cursor: {}}
"""
    )
    listed = world.run("export", "--as-registry", "com.example")
    (tmp_path / "registry.json").write_text(listed.stdout)
    world.say("mcpconf: 1\nhosts: {cursor: {}}\n")
    for name in ("time", "web"):
        ran = world.run(
            "add", f"com.example/{name}", "--registry", "registry.json", "-m", str(world.manifest), "--offline"
        )
        assert ran.code == 0, ran.stderr
    text = world.manifest.read_text()
    for word in (
        "pypi:mcp-server-time",
        "2026.10.19",
        "--local-timezone",
        "Europe/Berlin",
        "info",
        "https://example.org/mcp",
    ):
        assert word in text
