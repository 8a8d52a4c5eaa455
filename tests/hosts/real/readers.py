"""How each host is asked what it sees, and how its answer is read: a server's name -> what is known of it.

None of the commands changes a configuration. Most start the servers, which then tell what they were started with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tests.hosts.real.household import MODEL_OF_A_HOST, PROJECT, Household
from tests.hosts.real.talking import talk
from tests.hosts.real.wanted import TOOLS, Facts

Seen = dict[str, Facts]


class Reader(NamedTuple):
    """`by`: what is asked, in words. It is asked in the folder of a project.

    `trust`: files below the home that make the host read those of the project, as its user would have agreed to. `there`:
    files that the home has anyway. `project`: whether there is a file of a project to write.
    """

    by: str
    read: Callable[[Household], Seen]
    trust: Mapping[str, str] = {}
    there: Mapping[str, str] = {}
    project: bool = True


def _codex(household: Household) -> Seen:
    with talk(household.open("app-server")) as host:
        host.ask("initialize", clientInfo={"name": "tests", "version": "1"})
        host.tell("initialized")
        entries = host.ask("config/read", includeLayers=True, cwd=PROJECT)["config"]["mcp_servers"]
        host.ask("mcpServerStatus/list")
    return _merged({name: _codex_entry(entry) for name, entry in entries.items()}, household.running())


def _codex_entry(entry: Mapping[str, Any]) -> Facts:
    facts = {
        "enabled": entry["enabled"],
        "timeout": entry.get("tool_timeout_sec"),
        "tools": _tools(entry.get("enabled_tools"), entry.get("disabled_tools")),
        "auto": [name for name, tool in (entry.get("tools") or {}).items() if tool["approval_mode"] == "approve"],
    }
    return facts if "url" in entry else {**facts, "argv": [entry["command"], *(entry.get("args") or [])]}


def _claude_code(household: Household) -> Seen:
    """With `-p` it starts servers of a project that nobody approved, so that only its list tells which it may."""
    listed = household.ask("mcp", "list").stdout
    names = re.findall(r"^(\S+): .* - (?:✔|✘|⏸|⊘|!)", listed, re.MULTILINE)
    seen = _merged({name: {"enabled": False} for name in names}, household.running())
    asked = _asking_a_model(seen, household, "mcp__{}__{}", "-p", "hello")
    return {name: {**facts, "enabled": seen[name]["enabled"]} for name, facts in asked.items()}


def _gemini_cli(household: Household) -> Seen:
    listed = household.ask("mcp", "list").stderr
    kinds = dict(re.findall(r"^[✓✗○] (\S+): .*\((stdio|http|sse)\) - ", listed, re.MULTILINE))
    seen = _merged({name: {"transport": kind, "enabled": False} for name, kind in kinds.items()}, household.running())
    return _asking_a_model(seen, household, "mcp_{}_{}", "--yolo", "-p", "hello")


def _qwen_code(household: Household) -> Seen:
    for name in ("mine", "shared"):
        household.ask("mcp", "approve", name)
    listed = household.ask("mcp", "list").stdout
    kinds = dict(re.findall(r"(\S+): .*\((stdio|http|sse)\) - ", listed))
    seen = _merged({name: {"transport": kind, "enabled": False} for name, kind in kinds.items()}, household.running())
    return _asking_a_model(seen, household, "mcp__{}__{}", "--auth-type", "openai", "-p", "hello")


def _opencode(household: Household) -> Seen:
    entries = json.loads(household.ask("debug", "config").stdout)["mcp"]
    listed = {
        name: {"enabled": entry.get("enabled", True), "timeout": _seconds(entry.get("timeout"))}
        for name, entry in entries.items()
    }
    return _asking_a_model(listed, household, "{}_{}", "run", "hello")


def _copilot_cli(household: Household) -> Seen:
    entries = json.loads(household.ask("mcp", "list", "--json").stdout)["mcpServers"]
    listed = {
        name: {"transport": entry["type"], "enabled": entry["enabled"], "timeout": _seconds(entry.get("timeout"))}
        for name, entry in entries.items()
    }
    return _asking_a_model(listed, household, "{}-{}", "-p", "hello")


def _cline(household: Household) -> Seen:
    kinds = {"stdio": "stdio", "streamableHttp": "http", "sse": "sse"}
    return {
        entry["name"]: {"transport": kinds[entry["transportType"]], "enabled": not entry["disabled"]}
        for entry in json.loads(household.ask("config", "mcp", "--json").stdout)
    }


def _auggie(household: Household) -> Seen:
    """Its list joins the words of a command line."""
    entries = json.loads(household.ask("mcp", "list", "--json").stdout)["servers"]
    wanted = household.wanted()
    seen: Seen = {}
    for entry in entries:
        facts = {"transport": entry["transport"], "enabled": entry["enabled"]}
        if "url" in entry:
            facts["url"] = entry["url"]
        elif entry["command"] == " ".join(wanted.get(entry["name"], {}).get("argv", ())):
            facts["argv"] = wanted[entry["name"]]["argv"]
        else:
            facts["argv"] = [entry["command"]]
        seen[entry["name"]] = facts
    return seen


def _amp(household: Household) -> Seen:
    """It shows entries as they are written: references are not replaced yet, and lists beside the entries are not told."""
    entries = json.loads(household.ask("mcp", "list", "--json").stdout)
    return {entry["name"]: _as_written(entry["spec"]) for entry in entries}


def _as_written(spec: Mapping[str, Any]) -> Facts:
    facts: dict[str, Any] = {"enabled": not spec.get("disabled", False)}
    if "includeTools" in spec:
        facts["tools"] = _tools(spec["includeTools"], None)
    if "command" in spec:
        facts |= {"transport": "stdio", "argv": [spec["command"], *spec.get("args", ())], "env": spec.get("env", {})}
    else:
        facts["url"] = spec["url"]
        facts["headers"] = {name.lower(): value for name, value in spec.get("headers", {}).items()}
    return {name: value for name, value in facts.items() if "${TOY_" not in repr(value)}


def _factory_droid(household: Household) -> Seen:
    listed = household.ask("mcp", "list").stdout
    kinds = dict(re.findall(r"^  (\S+)  (stdio|http|sse)  ", listed, re.MULTILINE))
    return _merged({name: {"transport": kind, "enabled": False} for name, kind in kinds.items()}, household.running())


def _asking_a_model(seen: Seen, household: Household, form: str, *words: str) -> Seen:
    """What the host, asked for something, offers its model of each server; `form` is how it names a tool of one.

    It is asked again while a server is late.
    """
    for _ in range(3):
        household.ask(*words)
        offered = household.offered()
        tools = {name: [tool for tool in TOOLS if form.format(name, tool) in offered] for name in seen}
        if all(tools[name] for name in seen if seen[name]["enabled"]):
            break
    running = household.running()
    return {
        name: {**facts, **running.get(name, {}), **({"tools": tools[name]} if facts["enabled"] else {})}
        for name, facts in seen.items()
    }


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _tools(call: list[str] | None, without: list[str] | None) -> list[str]:
    return [name for name in TOOLS if (call is None or name in call) and name not in (without or ())]


def _merged(listed: Seen, running: Seen) -> Seen:
    """A server that runs has the last word about itself."""
    return {name: {**listed.get(name, {}), **running.get(name, {})} for name in {**listed, **running}}


_TOY_PROVIDER = {
    "npm": "@ai-sdk/openai-compatible",
    "options": {"baseURL": MODEL_OF_A_HOST["OPENAI_BASE_URL"], "apiKey": "none"},
    "models": {"toy": {}},
}
_TOY_MODEL = json.dumps({"provider": {"toy": _TOY_PROVIDER}, "model": "toy/toy"})

READERS = {
    "amp": Reader("amp mcp list --json", _amp),
    "auggie": Reader("auggie mcp list --json", _auggie),
    "claude-code": Reader(
        "claude mcp list, the servers that it starts, and the tools that `claude -p` offers its model",
        _claude_code,
        {".claude/settings.json": '{"enableAllProjectMcpServers": true}'},
    ),
    "cline": Reader("cline config mcp --json", _cline, project=False),
    "codex": Reader(
        "codex app-server: config/read, mcpServerStatus/list and the servers that it starts",
        _codex,
        {".codex/config.toml": f'[projects."{PROJECT}"]\ntrust_level = "trusted"\n'},
    ),
    "copilot-cli": Reader(
        "copilot mcp list --json; the servers that `copilot -p` starts, and the tools that it offers its model",
        _copilot_cli,
        {".copilot/config.json": json.dumps({"trustedFolders": [PROJECT]})},
        {"project/.github/mcp.json": '{"mcpServers": {}}'},
    ),
    "factory-droid": Reader("droid mcp list, and the servers that it starts", _factory_droid),
    "gemini-cli": Reader(
        "gemini mcp list, the servers that it starts, and the tools that `gemini -p` offers its model",
        _gemini_cli,
        {".gemini/trustedFolders.json": json.dumps({PROJECT: "TRUST_FOLDER"})},
        {".gemini/settings.json": '{"security": {"auth": {"selectedType": "gemini-api-key"}}}'},
    ),
    "kilo": Reader(
        "kilo debug config; the servers that `kilo run` starts, and the tools that it offers its model",
        _opencode,
        there={".config/kilo/kilo.json": _TOY_MODEL},
    ),
    "opencode": Reader(
        "opencode debug config; the servers that `opencode run` starts, and the tools that it offers its model",
        _opencode,
        there={".config/opencode/opencode.json": _TOY_MODEL},
    ),
    "qwen-code": Reader(
        "qwen mcp list, the servers that it starts, and the tools that `qwen -p` offers its model",
        _qwen_code,
        there={".qwen/settings.json": '{"tools": {"toolSearch": {"enabled": false}}}'},
    ),
}
