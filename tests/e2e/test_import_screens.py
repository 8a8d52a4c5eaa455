"""What import tells of a repository whose four host files have grown apart, as one screen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.test_goldens import compare
from tests.world import World

REPOSITORY = "~/src/shop"
TOKEN = "ghp_q7Zr2LxW9vBn4KtY6mHs1JdP8cFg3RaEoUiT"

CLAUDE = """\
{
  "mcpServers": {
    "github": {
      "type": "http",
      "url": "https://api.githubcopilot.com/mcp/",
      "headers": {"Authorization": "Bearer ${GITHUB_TOKEN}"}
    },
    "database": {
      "type": "stdio",
      "command": "npx",
      "args": ["-y", "@acme/postgres@1.4.0", "--read-only"],
      "env": {"PGHOST": "localhost", "LOG_LEVEL": "info"}
    },
    "docs": {"type": "stdio", "command": "npx", "args": ["-y", "@upstash/context7-mcp"], "env": {}}
  }
}
"""
CURSOR = f"""\
{{
  "mcpServers": {{
    "github": {{
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-github"],
      "env": {{"GITHUB_TOKEN": "{TOKEN}"}}
    }},
    "database": {{
      "command": "npx",
      "args": ["-y", "@acme/postgres@1.4.0"],
      "env": {{"PGHOST": "localhost", "LOG_LEVEL": "debug"}},
      "disabled": true
    }},
    "docs": {{"command": "npx", "args": ["-y", "@upstash/context7-mcp@latest"]}}
  }}
}}
"""
CODE = f"""\
{{
  // shared with the team
  "servers": {{
    "github": {{
      "type": "stdio",
      "command": "docker",
      "args": ["run", "-i", "--rm", "-e", "GITHUB_TOKEN", "ghcr.io/github/github-mcp-server"],
      "env": {{"GITHUB_TOKEN": "{TOKEN}"}}
    }},
    "database": {{
      "type": "stdio",
      "command": "npx",
      "args": ["-y", "@acme/postgres@1.4.0", "--read-only"],
      "env": {{"PGHOST": "localhost", "LOG_LEVEL": "info"}}
    }},
    "docs": {{"type": "stdio", "command": "npx", "args": ["-y", "@upstash/context7-mcp@latest"]}}
  }}
}}
"""
CODEX = f"""\
[mcp_servers.github]
command = "npx"
args = ["-y", "@modelcontextprotocol/server-github"]
env = {{ GITHUB_TOKEN = "{TOKEN}" }}

[mcp_servers.database]
command = "npx"
args = ["-y", "@acme/postgres@1.3.0", "--read-only"]
env = {{ PGHOST = "localhost", LOG_LEVEL = "info" }}
tool_timeout_sec = 120
"""
FILES = {".mcp.json": CLAUDE, ".cursor/mcp.json": CURSOR, ".vscode/mcp.json": CODE, ".codex/config.toml": CODEX}


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for name, text in FILES.items():
        made.write(f"{REPOSITORY}/{name}", text).chmod(0o600)
    return made


def test_the_drift_of_a_repository_fits_a_screen(world: World) -> None:
    ran = world.run("import", "--project", REPOSITORY)
    assert ran.code == 0, ran.stderr
    shown = f"{ran.stdout}{ran.stderr}[exit {ran.code}]\n".replace(str(world.folder), "DIR")
    compare("import", shown)
    assert len(shown.splitlines()) <= 60
    assert TOKEN not in shown


def test_its_manifest_reads_like_prose(world: World) -> None:
    world.run("import", "--project", REPOSITORY)
    compare("import-manifest", world.manifest.read_text())


def test_the_same_as_data(world: World) -> None:
    data = world.run("import", "--format", "json", "--project", REPOSITORY).json
    told = {
        (item["server"], difference["field"]): {
            variant["value"]: variant["places"] for variant in difference["variants"]
        }
        for item in data["disagreements"]
        for difference in item["differences"]
    }
    shop = "/home/dev/src/shop"
    assert told["database", "command"] == {
        "npx -y @acme/postgres@1.4.0": [
            f"{shop}/.mcp.json:10",
            f"{shop}/.cursor/mcp.json:9",
            f"{shop}/.vscode/mcp.json:12",
        ],
        "npx -y @acme/postgres@1.3.0": [f"{shop}/.codex/config.toml:7"],
    }
    assert len(told["github", "launches"]) == 3
    assert TOKEN not in json.dumps(data)
    assert {item["name"] for item in data["secrets"]} == {"GITHUB_TOKEN"}
    assert len(data["secrets"]) == 3
