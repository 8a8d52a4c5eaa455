"""One server entry as a host's file has it -> the neutral entry, and what in it is not ours to understand."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from mcpconf.errors import Problem
from mcpconf.hosts.references import read
from mcpconf.hosts.tools import read_lists
from mcpconf.hosts.vocabulary import IN_ENTRY, HostRow
from mcpconf.model.base import Json
from mcpconf.model.entry import Entry, Reference, Transport, Value

BEARER = "Bearer "
AUTHORIZATION = "Authorization"
SHIMS = frozenset({"npx", "npm", "pnpm", "pnpx", "yarn"})
"""Commands that are `.cmd` scripts on Windows, which only a shell can start."""

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_TIMEOUT = 1e12


class Decoded(NamedTuple):
    """`foreign`: keys that the host's row does not know; `runtime`: how many keys the host itself wrote there.

    `problem`: the host rejects the entry, or we cannot tell what it runs; the transport is then `unknown`.
    """

    entry: Entry
    foreign: tuple[str, ...] = ()
    runtime: int = 0
    problem: Problem | None = None


def decode(row: HostRow, raw: Json) -> Decoded:
    """Read one entry. Never fails: what cannot be understood is told by `problem`."""
    if not isinstance(raw, dict):
        return Decoded(Entry("unknown"), problem=Problem("invalid", "a server entry must be a map"))
    reader = _Reader(row, raw)
    entry = reader.entry()
    known = known_keys(row)
    foreign = [*(key for key in raw if key not in known), *reader.foreign]
    runtime = sum(key in row.dialect.runtime for key in raw)
    problem = Problem("invalid", reader.complaints[0]) if reader.complaints else None
    return Decoded(entry, tuple(foreign), runtime, problem)


@lru_cache(maxsize=64)
def known_keys(row: HostRow) -> frozenset[str]:
    """Every key of an entry that the row has a meaning for: what we own, approvals, the host's own and other known keys."""
    dialect = row.dialect
    keys = {getattr(dialect, name) for name in _KEYS}
    keys |= {item.key for item in (dialect.timeout, dialect.off) if item is not None}
    keys |= {word for rule in row.rules if IN_ENTRY in rule.files for word in rule.at[0]}
    return frozenset(keys - {""}) | dialect.known | dialect.runtime


_KEYS = (
    "type", "command", "args", "env", "env_names", "url", "headers", "header_names", "bearer", "cwd", "oauth",
)  # fmt: skip


class _Reader:
    def __init__(self, row: HostRow, raw: dict[str, Json]) -> None:
        self.row = row
        self.raw = raw
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self._dialect = row.dialect

    def entry(self) -> Entry:
        command, *args = self._launch()
        tools = read_lists(self.row, self.raw)
        for key in tools.complaints:
            self._wrong(key)
        url = self._value(self._get("url") or "", "url")
        entry = Entry(
            transport="unknown",
            command=command,
            args=tuple(args),
            env=self._env(),
            cwd=self._value(cwd, "cwd") if (cwd := self._get("cwd")) is not None else None,
            url=url,
            headers=self._headers(),
            enabled=self._enabled(),
            timeout=self._timeout(),
            oauth=self._get("oauth"),
            call=tools.call,
            without=tools.without,
            auto=tools.auto,
        )
        transport = self._transport(has_command=bool(command.parts), has_url=bool(url.parts))
        return entry if self.complaints else replace(entry, transport=transport)

    def _get(self, name: str) -> Json:
        key = getattr(self._dialect, name)
        return self.raw.get(key) if key else None

    def _wrong(self, key: str) -> None:
        self.complaints.append(f"`{key}` has a value of a wrong type")

    def _text(self, value: Json, key: str) -> str:
        if isinstance(value, str):
            return value
        scalar = isinstance(value, (bool, int, float))
        if not scalar or self._dialect.strict:
            self._wrong(key)
        return json.dumps(value) if scalar else ""

    def _value(self, value: Json, key: str) -> Value:
        return read(self._text(value, key), self.row.references)

    def _variable(self, name: Json, key: str) -> Value:
        if isinstance(name, str) and _VARIABLE.fullmatch(name):
            return Value((Reference("env", name),))
        self.complaints.append(f"`{key}` must name environment variables")
        return Value()

    def _map(self, name: str) -> dict[str, Json]:
        value, key = self._get(name), getattr(self._dialect, name)
        if isinstance(value, dict):
            return value
        if (key and key in self.raw) and (self._dialect.strict or value not in ([], None)):
            self._wrong(key)
        return {}

    def _list(self, name: str) -> list[Json]:
        value, key = self._get(name), getattr(self._dialect, name)
        if isinstance(value, list):
            return value
        if (key and key in self.raw) and (self._dialect.strict or value is not None):
            self._wrong(key)
        return []

    def _launch(self) -> tuple[Value, ...]:
        command = self._get("command")
        texts = ["" if command is None else self._text(command, self._dialect.command)]
        texts += [self._text(item, self._dialect.args) for item in self._list("args")]
        texts = texts[wrapping(texts, self.row.windows_wrap) :]
        return tuple(read(text, self.row.references) for text in texts)

    def _env(self) -> dict[str, Value]:
        values = {}
        for key, value in self._map("env").items():
            if value is None and not self._dialect.strict:
                self.foreign.append(f"{self._dialect.env}.{key}")
            else:
                values[key] = self._value(value, self._dialect.env)
        for item in self._list("env_names"):
            name = item.get("name") if isinstance(item, dict) else item
            variable = self._variable(name, self._dialect.env_names)
            for reference in variable.references:
                values.setdefault(reference.name, variable)
        return values

    def _headers(self) -> dict[str, Value]:
        values = {key: self._value(value, self._dialect.headers) for key, value in self._map("headers").items()}
        for header, name in self._map("header_names").items():
            values[header] = self._variable(name, self._dialect.header_names)
        bearer = self._get("bearer")
        if bearer is not None:
            values[AUTHORIZATION] = Value.of((BEARER, *self._variable(bearer, self._dialect.bearer).parts))
        return values

    def _enabled(self) -> bool | None:
        off = self._dialect.off
        value = None if off is None else self.raw.get(off.key)
        if off is None or value is None:
            return None
        if not isinstance(value, bool):
            self._wrong(off.key)
            return None
        return value is not off.value

    def _timeout(self) -> float | None:
        timeout = self._dialect.timeout
        value = None if timeout is None else self.raw.get(timeout.key)
        if timeout is None or value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < _LONGEST_TIMEOUT:
            self._wrong(timeout.key)
            return None
        return None if value < timeout.minimum else value / (1000 if timeout.unit == "ms" else 1)

    def _transport(self, *, has_command: bool, has_url: bool) -> Transport:
        word = self._get("type")
        typed = next((name for name, words in self._dialect.words.items() if word in words), None)
        if typed is not None:
            if has_command if typed == "stdio" else has_url:
                return typed
            self.complaints.append(
                f"`{word}` needs a `{self._dialect.command if typed == 'stdio' else self._dialect.url}`"
            )
        elif word is not None and (self._dialect.words.get("http") or self._dialect.strict):
            self.complaints.append(
                f"the host has no type `{word}`" if isinstance(word, str) else "`type` must be a text"
            )
        elif has_command and has_url and self._dialect.mixed == "error":
            self.complaints.append("the entry names both a command and an address")
        elif has_command:
            return "stdio"
        elif has_url and self._dialect.untyped != "error":
            return self._dialect.untyped
        elif has_url:
            self.complaints.append("an address without a `type`: the host skips this entry")
        elif self.row.merge != "keys":
            self.complaints.append("the entry names neither a command nor an address")
        return "unknown"


def wrapping(argv: Sequence[str], wrap: Sequence[str]) -> int:
    """How many leading words only start a shell, which on Windows some commands need."""
    head = [text.lower().removesuffix(".exe") for text in argv[: len(wrap)]]
    return len(wrap) if head == list(wrap) and len(argv) > len(wrap) and argv[len(wrap)] in SHIMS else 0
