"""Whether a server waits for connections, from where, and whether it asks who connects: as its words and variables say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from mcpconf.model.entry import Value
from mcpconf.model.package import Recognised
from mcpconf.permissions.arguments import container_options, is_container
from mcpconf.permissions.commandline import program
from mcpconf.secrets.names import word_set

_EVERYWHERE = re.compile(r"(?:https?://|tcp://)?(?:0\.0\.0\.0|\[?::\]?|\*)(?::[0-9]{1,5})?/?")
_PORT_ALONE = re.compile(r":[0-9]{1,5}")
_BIND = re.compile(
    r"--?(?:(?:http|https|sse|mcp|server|web|ws|api|transport|listen|bind)[-_])?"
    r"(?:host|hostname|bind|listen|addr|address|interface|ip)(?:[-_](?:host|addr|address|ip))?",
    re.IGNORECASE,
)
_BIND_VARIABLE = re.compile(
    r"(?:(?:[A-Z0-9_]*MCP|SERVER|HTTP|SSE|UVICORN|APP|WEB|API)_)?HOST(?:NAME)?"
    r"|(?:[A-Z0-9]+_)*(?:BIND|LISTEN)(?:_(?:HOST|ADDR|ADDRESS|IP|INTERFACE))?"
)
_TRANSPORT = re.compile(r"--?(?:(?:mcp|output|server)[-_]?)?(?:transport|transport[-_]type)|-t|--mode", re.IGNORECASE)
_TRANSPORT_VARIABLE = re.compile(r"(?:[A-Z0-9_]*_)?TRANSPORT(?:_TYPE|_MODE)?")
_SPEAKS = word_set("http sse streamable-http streamablehttp streamable_http shttp ws websocket")
_SWITCHES = word_set("--http --sse --streamable-http --streamablehttp --shttp --stateless-http")
_OPEN_SWITCH = re.compile(
    r"--(?:no|without|disable|skip|omit|dangerously-omit)-auth(?:entication)?|--(?:allow-)?unauthenticated",
    re.IGNORECASE,
)
_OPEN_VARIABLE = re.compile(r"(?:[A-Z0-9_]*_)?(?:DANGEROUSLY_OMIT|DISABLE|SKIP|NO)_AUTH|(?:[A-Z0-9_]*_)?AUTH_DISABLED")
_YES = word_set("1 true yes on")
_LOOPBACK = ("127.", "[::1]", "localhost")


class Listening(NamedTuple):
    """Words that say so, each "" where none does.

    `everywhere`: other machines may connect. `http`: it speaks HTTP or the like, and not through its own input and output.
    `unasked`: it does not ask who connects.
    """

    everywhere: str = ""
    http: str = ""
    unasked: str = ""


def listening(launched: Recognised, env: Mapping[str, Value]) -> Listening:
    """A bridge to an address connects itself, and listens to nobody. In a container only what is published is heard."""
    if launched.identity.startswith("url:"):
        return Listening()
    texts = {name: value.text.strip() for name, value in env.items() if value.text is not None}
    words = launched.arguments if launched.argv else ()
    everywhere = _published(launched) if is_container(launched) else _bound(words, texts)
    return Listening(everywhere, _http(launched, words, texts), _unasked(words, texts))


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each option with what is behind `=`, or with the word that follows."""
    for index, word in enumerate(words):
        if word.startswith("-"):
            name, equals, value = word.partition("=")
            yield name, value if equals else "".join(words[index + 1 : index + 2])


def _bound(words: Sequence[str], texts: Mapping[str, str]) -> str:
    for name, value in _options(words):
        if _BIND.fullmatch(name) and (_EVERYWHERE.fullmatch(value) or _PORT_ALONE.fullmatch(value)):
            return f"{name} {value}"
    for name, value in texts.items():
        if _BIND_VARIABLE.fullmatch(name) and _EVERYWHERE.fullmatch(value):
            return f"{name}={value}"
    return ""


def _published(launched: Recognised) -> str:
    options = container_options(launched)
    if any(name in ("--network", "--net") and value == "none" for name, value in options):
        return ""
    for name, value in options:
        if name == "--publish" and value and not value.startswith(_LOOPBACK):
            return f"{name} {value}"
        if name == "--publish-all" and value != "false":
            return name
    return ""


def _http(launched: Recognised, words: Sequence[str], texts: Mapping[str, str]) -> str:
    for name, value in _options(words):
        if name in _SWITCHES and value.lower() not in ("false", "0"):
            return name
        if _TRANSPORT.fullmatch(name) and value.lower() in _SPEAKS:
            return f"{name} {value}"
    for name, value in texts.items():
        if _TRANSPORT_VARIABLE.fullmatch(name) and value.lower() in _SPEAKS:
            return f"{name}={value}"
    started = launched.package.name if launched.package is not None else program("".join(launched.argv[:1]))
    return "--stdio" if started == "supergateway" and "--stdio" in words else ""


def _unasked(words: Sequence[str], texts: Mapping[str, str]) -> str:
    for name, value in _options(words):
        if _OPEN_SWITCH.fullmatch(name) and value.lower() not in ("false", "0"):
            return name
    for name, value in texts.items():
        if _OPEN_VARIABLE.fullmatch(name) and value.lower() in _YES:
            return f"{name}={value}"
    return ""
