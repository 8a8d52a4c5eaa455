"""Connections of `MultiServerMCPClient` (langchain-mcp-adapters), and the tools that the program takes from each."""

from __future__ import annotations

from mcpconf.exporting.permitted import Permitted
from mcpconf.exporting.sdk.form import Entries, Form, remote, stdio, untimed
from mcpconf.exporting.sdk.words import Words
from mcpconf.model.base import Json

_TRANSPORTS = {"stdio": "stdio", "http": "streamable_http", "sse": "sse"}


def _entry(server: Permitted, words: Words) -> Json:
    untimed(server, words)
    if any("${" in text for value in server.entry.env.values() for text in value.literals):
        words.refuse("it would replace a part of the text in `env`")
    spelled = stdio(server, words) if server.entry.transport == "stdio" else remote(server, words)
    return {"transport": _TRANSPORTS[server.entry.transport], **spelled}


def _document(entries: Entries) -> dict[str, Json]:
    """`interrupt_on` is an argument of LangChain's `HumanInTheLoopMiddleware`, by which tools ask."""
    asking = sorted({tool for server, _ in entries.values() if server.asks for tool in server.asking})
    return {
        "connections": {name: spelled for name, (_, spelled) in entries.items()},
        "allowed_tools": {
            name: list(server.tools) for name, (server, _) in entries.items() if server.tools is not None
        },
        "interrupt_on": dict.fromkeys(asking, True),
    }


FORM = Form("LangChain", "langchain-mcp-adapters 0.3.2, 2026-11-27", _entry, _document, lists_tools=False, asks=False)
