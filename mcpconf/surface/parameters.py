"""Parameters of tools, as people read them, and what about one is out of the ordinary."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache

from mcpconf.model.base import ABSENT, Json
from mcpconf.secrets import cleaned
from mcpconf.surface.sentences import first_sentence

SHAPED = "what was said to the model can leave through it"
"""Of a parameter that no tool needs for its work, and that a model fills with what it knows."""

_LONGEST = 80
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_SHAPES = frozenset({"sidenote", "sidenotes", "context", "conversation", "conversations", "feedback", "transcript"})
_PAIRS = frozenset(
    {("side", "note"), ("side", "notes"), ("chat", "history"), ("system", "prompt"), ("message", "history")}
)
_SUFFIXES = frozenset({"history", "summary", "text", "so", "far", "notes", "message", "messages"})
_KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "map",
    "null": "nothing",
}
_NETWORK = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


def shown(value: Json) -> str:
    """A value as short text; "nothing" for none."""
    if value is ABSENT:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST else f"{cleaned(text)[:_LONGEST]}... ({len(text)} characters)"


def kinds(schema: Json) -> str:
    """What can be said under a schema, in a word or two."""
    if not isinstance(schema, dict):
        return "anything"
    if isinstance(schema.get("enum"), list):
        return (
            "one of "
            + ", ".join(shown(item) for item in schema["enum"][:6])
            + (", ..." if len(schema["enum"]) > 6 else "")
        )
    kind = schema.get("type")
    words = [
        _KINDS.get(item, "anything") for item in (kind if isinstance(kind, list) else [kind]) if isinstance(item, str)
    ]
    return " or ".join(words[:6]) or "anything"


def described(schema: Json) -> str:
    text = schema.get("description") if isinstance(schema, dict) else None
    return f": {first_sentence(text)}" if isinstance(text, str) and text.strip() else ""


def is_network_reference(value: Json) -> bool:
    """Whether a `$ref` leads out of its document."""
    return isinstance(value, str) and _NETWORK.match(value) is not None


def is_shaped(name: str, schema: Json, tool: str = "") -> bool:
    """Whether a parameter takes free text under a name such as `sidenote`, `context`, `conversation`, `feedback`.

    Not in a tool that is named after it: what would `send_feedback` send?
    """
    shape = _shape(name)
    return bool(shape) and shape not in _words(tool) and _is_free(schema)


@lru_cache(maxsize=4096)
def _shape(name: str) -> str:
    """The word that gives a name its shape, "" if none does."""
    words = _words(name)
    while len(words) > 1 and words[-1] in _SUFFIXES and tuple(words[-2:]) not in _PAIRS:
        words.pop()
    named = bool(words) and (words[-1] in _SHAPES or tuple(words[-2:]) in _PAIRS)
    return words[-1] if named else ""


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name[:_LONGEST])]


def _is_free(schema: Json) -> bool:
    """Whether text of any kind can be said, directly or in a list or map."""
    if not isinstance(schema, dict):
        return schema is not False
    if "enum" in schema or "const" in schema:
        return False
    kind = schema.get("type")
    kinds = (
        {kind}
        if isinstance(kind, str)
        else {item for item in kind if isinstance(item, str)}
        if isinstance(kind, list)
        else set()
    )
    return not kinds or bool(kinds & {"string", "array", "object"})


def shaped_parameters(tool: Json) -> Iterator[str]:
    """Parameters of a tool that have the shape of an exfiltration, unless the tool is about just that."""
    schema = tool.get("inputSchema") if isinstance(tool, dict) else None
    found = schema.get("properties") if isinstance(schema, dict) else None
    for name, inner in found.items() if isinstance(found, dict) else ():
        if is_shaped(name, inner, str(tool.get("name", ""))):
            yield name
