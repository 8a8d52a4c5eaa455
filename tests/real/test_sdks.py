"""What was exported, in the hands of the packages that it is for: they offer the permitted tools, and no others.

Each package is installed into an environment of its own; what runs there are the lines that the manual shows.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mcpconf.system.manual import manual
from tests.toys import PYTHON, SERVER, Toys
from tests.toys.web import served

KEY = "opensesame-opensesame"
"""What the remote toy is sent; it is in a variable of the program, and in no file."""

PACKAGES = {
    "openai-agents": "openai-agents==0.24.0",
    "langchain": "langchain-mcp-adapters==0.3.2",
    "llamaindex": "llama-index-tools-mcp==0.6.0",
    "mcp": "mcp==2.3.0",
}
LIST = """
import asyncio
print(json.dumps(sorted(name_of(tool) for tool in asyncio.run(permitted_tools()))))
"""
LISTING = {
    "openai-agents": """
import asyncio
from agents import RunContextWrapper


async def tools():
    async with MCPServerManager(servers) as manager:
        agent = Agent(name="assistant", mcp_servers=manager.active_servers)
        return await agent.get_mcp_tools(RunContextWrapper(context=None))


found = asyncio.run(tools())
asking = {tool.name: tool.needs_approval for tool in found}
print(json.dumps(sorted(tool.name for tool in found)))
print(json.dumps(asking, default=lambda _: "asks the policy"))
""",
    "langchain": "name_of = lambda tool: tool.name" + LIST,
    "llamaindex": "name_of = lambda tool: tool.metadata.name" + LIST,
    "mcp": "name_of = lambda tool: tool.name" + LIST,
}


def shown(mark: str) -> str:
    """The lines of the manual under a mark."""
    found = re.search(rf"<!-- {mark} -->\n```python\n(.*?)```", manual()["programs"], re.DOTALL)
    assert found is not None, mark
    return found[1]


def environment(folder: Path, package: str) -> str:
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "-q", str(folder)], check=True)
    subprocess.run([*uv, "pip", "install", "-q", "--python", str(folder), package], check=True)
    return str(folder / "bin" / "python")


@pytest.fixture(scope="module")
def toys(tmp_path_factory) -> Iterator[Toys]:
    """A program and an address, each with two tools of which one may be called; by a pattern, which only a lock can tell."""
    made = Toys(tmp_path_factory.mktemp("sdks"))
    with served() as (address, seen):
        made.seen = seen
        permitted = {"tools": {"call": ["s*"], "auto": []}}
        made.say(
            here={"command": [PYTHON, "-I", "-S", str(SERVER), "server"], "permissions": permitted},
            there={
                "url": f"{address}/json",
                "headers": {"X-Key": {"secret": "TOY_KEY"}},
                "permissions": {"tools": {"call": ["write", "search"], "except": ["sea*"], "auto": ["write"]}},
            },
        )
        ran = made.run("lock")
        assert ran.code == 0, ran
        ran = made.run("lock", "--surface")
        assert ran.code == 0, ran
        assert made.run("export", "--sdk", "mcp").code == 3
        ran = made.run("approve", "--all", "--yes")
        assert ran.code == 0, ran
        yield made


@pytest.mark.parametrize("form", PACKAGES)
def test_only_permitted_tools_are_offered(form: str, toys: Toys, tmp_path: Path) -> None:
    ran = toys.run("export", "--sdk", form)
    assert ran.code == 0, ran
    assert KEY not in ran.stdout
    (tmp_path / "servers.json").write_text(ran.stdout)
    (tmp_path / "program.py").write_text(shown("load") + shown(form) + LISTING[form])
    python = environment(tmp_path / "environment", PACKAGES[form])
    toys.seen.clear()
    done = subprocess.run(
        [python, "program.py"],
        cwd=tmp_path,
        env={**os.environ, "TOY_KEY": KEY},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[0]) == ["search", "write"], done.stdout
    assert {request.get("x-key") for request in toys.seen} == {KEY}
    if form == "openai-agents":
        assert json.loads(done.stdout.splitlines()[1]) == {"search": True, "write": False}


def test_a_variable_that_is_not_set_is_an_error(toys: Toys, tmp_path: Path) -> None:
    (tmp_path / "servers.json").write_text(toys.run("export", "--sdk", "mcp").stdout)
    done = subprocess.run(
        [sys.executable, "-c", shown("load")], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "KeyError: 'TOY_KEY'" in done.stderr


def test_entries_for_the_responses_api_are_what_its_types_say(toys: Toys, tmp_path: Path) -> None:
    """There is no such server to ask; the package has the types of what it sends, which are checked here by pydantic."""
    manifest = toys.folder / "remote.yaml"
    manifest.write_text(
        json.dumps(
            {
                "mcpconf": 1,
                "servers": {
                    "github": {
                        "url": "https://api.example.com/mcp",
                        "headers": {"Authorization": {"secret": "TOKEN", "prefix": "Bearer "}, "X-More": "yes"},
                        "permissions": {"tools": {"call": ["read", "write"], "auto": ["read"]}},
                    },
                    "hosted": {
                        "url": "https://hosted.example.com/sse",
                        "transport": "sse",
                        "oauth": {"issuer": "https://login.example.com", "scopes": ["mail"]},
                    },
                },
                "hosts": {"cursor": {}},
            }
        )
    )
    from mcpconf.cli.door import run

    out = tmp_path / "servers.json"
    with out.open("w") as file, pytest.MonkeyPatch().context() as patch:
        patch.setattr(sys, "stdout", file)
        assert run(["export", "--sdk", "openai-responses", "-m", str(manifest)]) == 0
    checked = """
from openai.types.responses.tool_param import Mcp
from pydantic import ConfigDict, TypeAdapter

Mcp.__pydantic_config__ = ConfigDict(extra="forbid")
found = TypeAdapter(list[Mcp]).validate_python(exported["tools"])
print(json.dumps(exported["tools"]))


class Client:
    class responses:
        create = staticmethod(lambda **words: words)


assert ask(Client, "hello")["tools"] == exported["tools"]
"""
    (tmp_path / "program.py").write_text(shown("load") + shown("openai-responses") + checked)
    python = environment(tmp_path / "environment", "openai==3.57.0")
    done = subprocess.run(
        [python, "program.py"],
        cwd=tmp_path,
        env={**os.environ, "TOKEN": "a token", "HOSTED_ACCESS_TOKEN": "another"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        {
            "type": "mcp",
            "server_label": "github",
            "server_url": "https://api.example.com/mcp",
            "authorization": "a token",
            "headers": {"X-More": "yes"},
            "allowed_tools": ["read", "write"],
            "require_approval": {"always": {"tool_names": ["write"]}, "never": {"tool_names": ["read"]}},
        },
        {
            "type": "mcp",
            "server_label": "hosted",
            "server_url": "https://hosted.example.com/sse",
            "authorization": "another",
            "require_approval": "always",
        },
    ]
