"""The pivot: one MCP server as a host would run it, in words that belong to no host."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from mcpconf.model.base import Json

ReferenceKind = Literal["env", "secret", "workspace", "home"]
Transport = Literal["stdio", "http", "sse", "unknown"]

FIELDS_OWNED: tuple[str, ...] = ("transport", "launch", "env", "cwd", "url", "headers")
"""Compared always: an entry that the manifest leaves without `cwd` must have none."""

FIELDS_OF_TOOLS: tuple[str, ...] = ("call", "without", "auto")
"""What may be called, what may not, and what acts without asking: stated together or not at all."""

FIELDS_STATED: tuple[str, ...] = ("timeout", "enabled", "oauth", "client_id", *FIELDS_OF_TOOLS)
"""Compared only when the manifest states them; otherwise they are the user's."""

_NAME = r"[A-Za-z_][A-Za-z0-9_.-]*"
_TOKEN = re.compile(
    rf"\$(?:(?P<dollar>\$)|\{{(?:(?P<folder>workspace|home)\}}|secret:(?P<secret>{_NAME})\}}"
    rf"|env:(?P<env>{_NAME})(?:\}}|:-(?P<default>[^}}]*)(?:\}}|(?P<unclosed>\Z)))))"
)
"""A default without its `}` is matched to the end, so that a text full of them is read once and not once for each."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Stands for a value that is found out when the host starts the server, never by us."""

    kind: ReferenceKind
    name: str = ""
    default: str | None = None

    def __str__(self) -> str:
        if self.kind in ("workspace", "home"):
            return f"${{{self.kind}}}"
        return f"${{{self.kind}:{self.name}{'' if self.default is None else ':-' + self.default}}}"


@dataclass(frozen=True, slots=True)
class Value:
    """Text with references in it. Neighbouring literals are joined, so equal values have equal parts."""

    parts: tuple[str | Reference, ...] = ()

    @classmethod
    def of(cls, parts: Iterable[str | Reference]) -> Value:
        joined: list[str | Reference] = []
        texts: list[str] = []
        for part in (*parts, None):
            if isinstance(part, str):
                texts.append(part)
                continue
            if literal := "".join(texts):
                joined.append(literal)
            texts.clear()
            if part is not None:
                joined.append(part)
        return cls(tuple(joined))

    @classmethod
    def literal(cls, text: str) -> Value:
        return cls((text,)) if text else cls()

    @classmethod
    def parse(cls, text: str) -> Value:
        """Read manifest notation: `${workspace} ${home} ${env:X} ${env:X:-default} ${secret:X}`, `$$` for a dollar.

        Raises ValueError for a `$` that starts none of these.
        """
        parts: list[str | Reference] = []
        rest = 0
        for match in _TOKEN.finditer(text):
            parts.append(_plain(text[rest : match.start()]))
            parts.append(_reference(match))
            rest = match.end()
        parts.append(_plain(text[rest:]))
        return cls.of(parts)

    def __str__(self) -> str:
        """Manifest notation; `Value.parse(str(value)) == value`."""
        return "".join([part.replace("$", "$$") if isinstance(part, str) else str(part) for part in self.parts])

    @property
    def references(self) -> tuple[Reference, ...]:
        return tuple([part for part in self.parts if isinstance(part, Reference)])

    @property
    def text(self) -> str | None:
        """The plain text, or None if a reference is in it."""
        return None if self.references else "".join(part for part in self.parts if isinstance(part, str))

    @property
    def literals(self) -> tuple[str, ...]:
        return tuple(part for part in self.parts if isinstance(part, str))


def _reference(match: re.Match[str]) -> str | Reference:
    if match["dollar"]:
        return "$"
    if match["folder"]:
        return Reference("workspace" if match["folder"] == "workspace" else "home")
    if match["secret"]:
        return Reference("secret", match["secret"])
    if match["unclosed"] is not None:
        raise ValueError("`${env:NAME:-` has no `}` behind it")
    return Reference("env", match["env"], match["default"])


def _plain(text: str) -> str:
    if "$" in text:
        raise ValueError(f"`$` at character {text.index('$') + 1} of {text!r} starts no known reference")
    return text


Values: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class OAuth:
    """How to get a token for a server's address. `more` is what else the host keeps beside it: never compared or shown."""

    resource: str | None = None
    issuer: str | None = None
    scopes: tuple[str, ...] = ()
    more: Mapping[str, Json] = field(default_factory=dict, compare=False, repr=False)

    @property
    def says_something(self) -> bool:
        return bool(self.resource or self.issuer or self.scopes)

    def json(self) -> dict[str, Json]:
        """The parts that are given, as the manifest spells them."""
        parts = {"resource": self.resource, "issuer": self.issuer, "scopes": list(self.scopes)}
        return {name: value for name, value in parts.items() if value}


@dataclass(frozen=True, slots=True)
class Entry:
    """One server in one host, decoded. `None` means: the host file does not say.

    `timeout` is in seconds. `client_id` is what the host calls itself where it gets tokens. `transport` is `unknown` for an entry that names neither a command nor an address, or that is
    not a map at all. `call` holds the tools that may be called (None: all), `without` those that may not, `auto` those
    that act without asking; sorted, each once.
    """

    transport: Transport
    command: Value = Value()
    args: tuple[Value, ...] = ()
    env: Values = field(default_factory=dict)
    cwd: Value | None = None
    url: Value = Value()
    headers: Values = field(default_factory=dict)
    enabled: bool | None = None
    timeout: float | None = None
    oauth: OAuth | None = None
    client_id: str | None = None
    call: tuple[str, ...] | None = None
    without: tuple[str, ...] | None = ()
    auto: tuple[str, ...] | None = ()

    @property
    def argv(self) -> tuple[Value, ...]:
        return (self.command, *self.args) if self.command.parts else self.args


def field_value(entry: Entry, name: str) -> object:
    """The JSON form of one compared field, in manifest notation: what is digested, compared and shown."""
    match name:
        case "launch":
            return [str(value) for value in entry.argv]
        case "env" | "headers":
            values: Values = getattr(entry, name)
            return {key: str(values[key]) for key in sorted(values)}
        case "url":
            return str(entry.url)
        case "cwd":
            return None if entry.cwd is None else str(entry.cwd)
        case "call" | "without" | "auto":
            names: tuple[str, ...] | None = getattr(entry, name)
            return None if names is None else list(names)
        case "oauth":
            return None if entry.oauth is None else entry.oauth.json() or None
        case "transport" | "timeout" | "enabled" | "client_id":
            return getattr(entry, name)
    raise ValueError(f"no field `{name}`")
