"""What the servers of the OpenAI Agents SDK are made with: the name of a class, and its arguments."""

from __future__ import annotations

from mcpconf.exporting.permitted import Permitted
from mcpconf.exporting.sdk.form import Entries, Form, approval, remote, seconds, stdio
from mcpconf.exporting.sdk.words import Words
from mcpconf.model.base import Json

_CLASSES = {"stdio": "MCPServerStdio", "http": "MCPServerStreamableHttp", "sse": "MCPServerSse"}


def _entry(server: Permitted, words: Words) -> Json:
    local = server.entry.transport == "stdio"
    arguments: dict[str, Json] = {
        "name": server.name,
        "params": stdio(server, words) if local else remote(server, words),
    }
    if server.tools is not None:
        arguments["tool_filter"] = {"allowed_tool_names": list(server.tools)}
    arguments["require_approval"] = approval(server, words)
    if server.entry.timeout is not None:
        arguments["client_session_timeout_seconds"] = seconds(server.entry.timeout)
    return {"class": _CLASSES[server.entry.transport], "arguments": arguments}


def _document(entries: Entries) -> dict[str, Json]:
    return {"servers": [spelled for _, spelled in entries.values()]}


FORM = Form("the OpenAI Agents SDK", "openai-agents 0.24.0, 2026-11-27", _entry, _document, lists_tools=True, asks=True)
