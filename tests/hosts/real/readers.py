"""How each host is asked what it sees, and how its answer is read: a server's name -> what is known of it.

None of the commands changes a configuration. Most start the servers, which then tell what they were started with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tests.hosts.real.household import HOME, Household
from tests.hosts.real.talking import talk
from tests.hosts.real.wanted import TOOLS, Facts

PROJECT = f"{HOME}/project"
Seen = dict[str, Facts]


class Reader(NamedTuple):
    """`trust`: files below the home that make the host read those of the project, as its user would have agreed to.

    `by`: what is asked, in words. `read` is given the folder in which to ask.
    """

    by: str
    read: Callable[[Household, str], Seen]
    trust: Mapping[str, str] = {}


def _codex(household: Household, where: str) -> Seen:
    with talk(household.open("app-server", where=where)) as host:
        host.ask("initialize", clientInfo={"name": "tests", "version": "1"})
        host.tell("initialized")
        entries = host.ask("config/read", includeLayers=True, cwd=where)["config"]["mcp_servers"]
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


def _claude_code(household: Household, where: str) -> Seen:
    listed = household.ask("mcp", "list", where=where).stdout
    names = re.findall(r"^(\S+): .* - (?:✔|✘|⏸|⊘|!)", listed, re.MULTILINE)
    return _merged({name: {"enabled": False} for name in names}, household.running())


def _tools(call: list[str] | None, without: list[str] | None) -> list[str]:
    return [name for name in TOOLS if (call is None or name in call) and name not in (without or ())]


def _merged(listed: Seen, running: Seen) -> Seen:
    """A server that runs has the last word about itself."""
    return {name: {**listed.get(name, {}), **running.get(name, {})} for name in {**listed, **running}}


READERS = {
    "claude-code": Reader(
        "claude mcp list, and the servers that it starts",
        _claude_code,
        {".claude/settings.json": '{"enableAllProjectMcpServers": true}'},
    ),
    "codex": Reader(
        "codex app-server: config/read, mcpServerStatus/list and the servers that it starts",
        _codex,
        {".codex/config.toml": f'[projects."{PROJECT}"]\ntrust_level = "trusted"\n'},
    ),
}
