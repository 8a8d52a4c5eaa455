"""Arguments of `BasicMCPClient` and `McpToolSpec` (llama-index-tools-mcp) for each server."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from mcpconf.exporting.permitted import Permitted
from mcpconf.exporting.sdk.form import Entries, Form, remote, seconds, stdio
from mcpconf.exporting.sdk.words import Words
from mcpconf.model.base import Json


def _entry(server: Permitted, words: Words) -> Json:
    entry = server.entry
    if entry.transport == "stdio":
        client = stdio(server, words)
        client = {"command_or_url": client.pop("command"), **client}
        if client.pop("cwd", None) is not None:
            words.refuse("it has no `cwd` for a server")
    else:
        client = remote(server, words)
        client = {"command_or_url": client.pop("url"), **client}
        if _taken_for_sse(str(entry.url)) != (entry.transport == "sse"):
            words.refuse(f"it tells the transport by the address, and takes this one for no `{entry.transport}`")
    if entry.timeout is not None:
        client["timeout"] = seconds(entry.timeout)
    return {"client": client, "tools": {"allowed_tools": None if server.tools is None else list(server.tools)}}


def _taken_for_sse(url: str) -> bool:
    """As its `enable_sse` does."""
    parts = urlsplit(url)
    word = parse_qs(parts.query).get("transport", [""])[0]
    return word == "sse" or parts.path.rstrip("/").endswith("/sse") or "/sse/" in parts.path


def _document(entries: Entries) -> dict[str, Json]:
    return {"servers": {name: spelled for name, (_, spelled) in entries.items()}}


FORM = Form("LlamaIndex", "llama-index-tools-mcp 0.6.0, 2026-11-27", _entry, _document, lists_tools=True, asks=False)
