"""The plain `mcpServers` document, with the tools that may be called beside it; for `mcp` and whatever reads such documents."""

from __future__ import annotations

from mcpconf.exporting.permitted import Permitted
from mcpconf.exporting.sdk.form import Entries, Form, remote, stdio, untimed
from mcpconf.exporting.sdk.words import Words
from mcpconf.model.base import Json


def _entry(server: Permitted, words: Words) -> Json:
    untimed(server, words)
    if server.entry.transport == "stdio":
        return stdio(server, words)
    return {"type": server.entry.transport, **remote(server, words)}


def _document(entries: Entries) -> dict[str, Json]:
    return {
        "mcpServers": {name: spelled for name, (_, spelled) in entries.items()},
        "allowedTools": {name: list(server.tools) for name, (server, _) in entries.items() if server.tools is not None},
    }


FORM = Form("a plain document", "mcp 2.3.0, 2026-11-27", _entry, _document, lists_tools=False, asks=False)
