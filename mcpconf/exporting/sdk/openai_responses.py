"""Entries of `tools` for the OpenAI Responses API, whose own machines reach the servers."""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from urllib.parse import urlsplit

from mcpconf.exporting.permitted import Permitted
from mcpconf.exporting.sdk.form import Entries, Form, approval, untimed
from mcpconf.exporting.sdk.words import Words
from mcpconf.hosts.encoding import is_bearer
from mcpconf.model.base import Json
from mcpconf.model.entry import Reference, Value

_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)


def _entry(server: Permitted, words: Words) -> Json:
    entry = server.entry
    if entry.transport == "stdio":
        words.refuse("it reaches servers by their address and starts none")
        return {}
    if not _LABEL.fullmatch(server.name):
        words.refuse("a label there begins with a letter")
    if _is_near(str(entry.url)):
        words.refuse("its address leads nowhere from the machines of OpenAI")
    untimed(server, words)
    tool: dict[str, Json] = {"type": "mcp", "server_label": server.name, "server_url": words.text(entry.url, "url")}
    headers = dict(entry.headers)
    bearers = [name for name, value in headers.items() if is_bearer(name, _as_variable(value))]
    if bearers:
        token = headers.pop(bearers[0])
        tool["authorization"] = words.text(Value.of(token.parts[1:]), f"headers.{bearers[0]}")
    elif entry.oauth is not None or entry.client_id is not None:
        tool["authorization"] = f"${{{access_token(server.name)}}}"
    if headers:
        tool["headers"] = words.texts(headers, "headers")
    if server.tools is not None:
        tool["allowed_tools"] = list(server.tools)
    tool["require_approval"] = approval(server, words)
    return tool


def access_token(name: str) -> str:
    """The variable for a token that the program has to get: the API goes through no login."""
    return f"{name.upper().replace('-', '_')}_ACCESS_TOKEN"


def _as_variable(value: Value) -> Value:
    """A secret is a variable here."""
    return Value.of(
        Reference("env", part.name) if isinstance(part, Reference) and part.kind == "secret" else part
        for part in value.parts
    )


def _is_near(url: str) -> bool:
    host = ""
    with suppress(ValueError):
        host = urlsplit(url).hostname or ""
    with suppress(ValueError):
        return not ipaddress.ip_address(host).is_global
    return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))


def _document(entries: Entries) -> dict[str, Json]:
    return {"tools": [spelled for _, spelled in entries.values()]}


FORM = Form("the OpenAI Responses API", "openai 3.57.0, 2026-11-27", _entry, _document, lists_tools=True, asks=True)
