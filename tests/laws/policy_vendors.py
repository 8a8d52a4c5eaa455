"""How the vendors read a policy: leniently. What is broken is dropped without a word, as they were seen to do it.

Written from the observations alone, without a look at how mcpconf reads; each function tells whether a server would run.
"""

from __future__ import annotations

import fnmatch
from urllib.parse import urlsplit


def matchers(document, name: str, command: tuple[str, ...], url: str) -> bool:
    """Entries of a wrong form are dropped; a list of a wrong type is no list; of the allowed an all-broken one stays closed."""
    if any(_matches(item, name, command, url) for item in _sound(document.get("deniedMcpServers"))):
        return False
    if "allowedMcpServers" not in document or not isinstance(document["allowedMcpServers"], list):
        return True
    allowed = _sound(document["allowedMcpServers"])
    kind = "serverUrl" if url else "serverCommand"
    strict = any(kind in item for item in allowed)
    return any(_matches(item, name, command, url) for item in allowed if not (strict and "serverName" in item))


def _sound(items) -> list[dict]:
    return [item for item in items if isinstance(item, dict) and len(item) == 1] if isinstance(items, list) else []


def _matches(item: dict, name: str, command: tuple[str, ...], url: str) -> bool:
    ((kind, value),) = item.items()
    if kind == "serverName":
        return value == name
    if kind == "serverCommand":
        return not url and value == list(command)
    if kind == "serverUrl" and isinstance(value, str) and url:
        pattern = value if urlsplit(value).path not in ("", "/") else value.rstrip("/") + "*"
        return fnmatch.fnmatchcase(url, pattern.replace("[", "[[]").replace("?", "[?]"))
    return False


def named(document, name: str, command: tuple[str, ...], url: str):
    """The list of names holds only if it is a list with something in it; what runs is what the system defines."""
    mcp = document.get("mcp")
    allowed = mcp.get("allowed") if isinstance(mcp, dict) else None
    if isinstance(allowed, list) and allowed and name not in allowed:
        return None
    servers = document.get("mcpServers")
    mine = servers.get(name) if isinstance(servers, dict) else None
    return mine if isinstance(mine, dict) else (command, url)


def commands(document, _name: str, command: tuple[str, ...], url: str) -> bool:
    """Anything of a wrong type, and the whole policy is none."""
    policy = document.get("mcpPolicy")
    if not isinstance(policy, dict) or policy.get("enabled") is not True:
        return True
    listed = policy.get("allowlist")
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        return True
    return (url or command[0]) in listed


def identities(document, name: str, command: tuple[str, ...], url: str) -> bool:
    """No table, no policy; a name without an identity keeps the host from starting at all."""
    table = document.get("mcp_servers")
    if not isinstance(table, dict):
        return True
    if any(not isinstance(item, dict) or "identity" not in item for item in table.values()):
        return False
    identity = table.get(name, {}).get("identity")
    if not isinstance(identity, dict):
        return False
    return identity.get("url") == url if url else identity.get("command") == command[0]


def servers(document, name: str, command: tuple[str, ...], url: str):
    """A file that rules alone: what is not in it does not run; a broken one runs nothing."""
    return document["mcpServers"].get(name) if isinstance(document.get("mcpServers"), dict) else None


VENDORS = {"matchers": matchers, "named": named, "commands": commands, "identities": identities}
