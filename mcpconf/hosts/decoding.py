"""One server entry as a host's file has it -> the neutral entry, and what in it is not ours to understand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from mcpconf.errors import Problem
from mcpconf.hosts.raw import RawEntry
from mcpconf.hosts.references import read
from mcpconf.hosts.tools import read_lists
from mcpconf.hosts.vocabulary import IN_ENTRY, Dialect, HostRow
from mcpconf.model.base import Json
from mcpconf.model.entry import Entry, OAuth, Reference, Transport, Value

BEARER = "Bearer "
AUTHORIZATION = "Authorization"
SHIMS = frozenset({"npx", "npm", "pnpm", "pnpx", "yarn"})
"""Commands that are `.cmd` scripts on Windows, which only a shell can start."""

_LONGEST_TIMEOUT = 1e12


class Decoded(NamedTuple):
    """`foreign`: keys that the host's row does not know; `runtime`: how many keys the host itself wrote there.

    `nested`: fields that stand in an old nesting, so that one cannot be written without the others. `problem`: the host
    rejects the entry, or we cannot tell what it runs; the transport is then `unknown`.
    """

    entry: Entry
    foreign: tuple[str, ...] = ()
    runtime: int = 0
    problem: Problem | None = None
    nested: tuple[str, ...] = ()


def decode(row: HostRow, raw: Json) -> Decoded:
    """Read one entry. Never fails: what cannot be understood is told by `problem`."""
    if not isinstance(raw, dict):
        return Decoded(Entry("unknown"), problem=Problem("invalid", "a server entry must be a map"))
    flat, nested, below = _lifted(row.dialect, raw)
    flat = {key: value for key, value in flat.items() if value is not None or key not in row.dialect.nulls}
    reader = _Reader(row, RawEntry(flat, strict=row.dialect.strict))
    entry = reader.entry()
    known = known_keys(row)
    lifted = {key for key in row.dialect.lift if isinstance(raw.get(key), dict)}
    foreign = [*(key for key in raw if key not in known | lifted), *below, *reader.foreign]
    runtime = sum(key in row.dialect.runtime for key in raw)
    problem = Problem("invalid", reader.raw.complaints[0]) if reader.raw.complaints else None
    return Decoded(entry, tuple(foreign), runtime, problem, nested)


def skipped(row: HostRow, raw: Json) -> bool:
    """Whether an entry is no server of a command or address, by a key that says so."""
    dialect = row.dialect
    if not dialect.skip or not isinstance(raw, dict):
        return False
    names_one = any(raw.get(key) for key in (dialect.command, *dialect.url.values(), *dialect.url_also))
    return any(raw[key] in values if values else not names_one for key, values in dialect.skip.items() if key in raw)


def _lifted(dialect: Dialect, raw: dict[str, Json]) -> tuple[dict[str, Json], tuple[str, ...], list[str]]:
    """The entry without old nestings, the fields that stood in one, and the keys there that have no meaning."""
    old = {key: value for key, value in raw.items() if key in dialect.lift and isinstance(value, dict)}
    if not old:
        return raw, (), []
    flat = {key: value for key, value in raw.items() if key not in old}
    unknown = []
    fields = {dialect.command: "launch", dialect.args: "launch", dialect.env: "env", dialect.cwd: "cwd"}
    fields |= {
        **dict.fromkeys(dialect.url.values(), "url"),
        dialect.type: "transport",
        "".join(dialect.headers): "headers",
    }
    nested: dict[str, None] = {}
    for outer, values in old.items():
        lift = dialect.lift[outer]
        unknown += [f"{outer}.{key}" for key in values if key not in lift]
        flat |= {lift[key]: value for key, value in values.items() if key in lift}
        nested |= dict.fromkeys(fields[key] for key in lift.values() if key in fields)
        nested |= {} if outer in lift.values() else {"transport": None}
    return flat, tuple(nested), unknown


@lru_cache(maxsize=64)
def known_keys(row: HostRow) -> frozenset[str]:
    """Every key of an entry that the row has a meaning for: what we own, approvals, the host's own and other known keys."""
    dialect = row.dialect
    keys = {getattr(dialect, name) for name in _KEYS} | set(dialect.url.values()) | set(dialect.url_also)
    keys |= {where[0] for where in (dialect.headers, *dialect.oauth[:4]) if where} | {dialect.oauth.more}
    keys |= {item.key for item in (dialect.timeout, dialect.off) if item is not None}
    keys |= {word for rule in row.rules if IN_ENTRY in rule.files for word in rule.at[0]}
    return frozenset(keys - {""}) | dialect.known | dialect.runtime | dialect.fixed.keys() | dialect.skip.keys()


_KEYS = ("type", "command", "args", "env", "env_names", "header_names", "bearer", "token", "cwd")


class _Reader:
    """Reads one field after the other; what is wrong with the entry gathers in `raw.complaints`."""

    def __init__(self, row: HostRow, raw: RawEntry) -> None:
        self.row = row
        self.raw = raw
        self.foreign: list[str] = []
        self._dialect = row.dialect

    def entry(self) -> Entry:
        tools = read_lists(self.row, self.raw.values)
        for key in tools.complaints:
            self.raw.wrong(key)
        env = self._env()
        url, told = self._address(env)
        headers = self._headers(env)
        command, *args = (Value(),) if url.parts and self._dialect.mixed == "url" else self._launch()
        entry = Entry(
            transport="unknown",
            command=command,
            args=tuple(args),
            env=self._own(env, (url, *headers.values())) if url.parts and self.row.references.listed else env,
            cwd=self._value(cwd, "cwd") if (cwd := self.raw.get(self._dialect.cwd)) is not None else None,
            url=url,
            headers=headers,
            enabled=self._enabled(),
            timeout=self._timeout(),
            oauth=self._oauth(),
            client_id=self._client_id(),
            call=tools.call,
            without=tools.without,
            auto=tools.auto,
        )
        transport = self._transport(told, has_command=bool(command.parts), has_url=bool(url.parts))
        if transport == "stdio":
            self.raw.need(self._dialect.required)
        return entry if self.raw.complaints else replace(entry, transport=transport)

    def _value(self, value: Json, field: str, key: str = "") -> Value:
        return read(self.raw.text(value, key or getattr(self._dialect, field)), self.row.references.of(field))

    def _launch(self) -> tuple[Value, ...]:
        dialect, forms = self._dialect, self.row.references
        if dialect.args:
            command = self.raw.get(self._dialect.command)
            texts = ["" if command is None else self.raw.text(command, dialect.command)]
            texts += [self.raw.text(item, dialect.args) for item in self.raw.list(dialect.args)]
        else:
            texts = [self.raw.text(item, dialect.command) for item in self.raw.list(dialect.command)] or [""]
        command_text, *rest = texts[wrapping(texts, self.row.windows_wrap) :]
        return read(command_text, forms.of("command")), *(read(text, forms.of("args")) for text in rest)

    def _address(self, env: Mapping[str, Value]) -> tuple[Value, Transport | None]:
        """The address, and the transport that its key tells."""
        urls = self._dialect.url
        apart = len(set(urls.values())) > 1
        keys = [*self._dialect.url_also.items(), *((key, name if apart else None) for name, key in urls.items())]
        for key, told in keys:
            if value := self.raw.get(key):
                return self._far("url", self.raw.text(value, key), env), told
        return Value(), None

    def _env(self) -> dict[str, Value]:
        values, key = {}, self._dialect.env
        for name, value in self.raw.map((key,) if key else ()).items():
            if value is None and not self.raw.strict:
                self.foreign.append(f"{key}.{name}")
            else:
                values[name] = self._value(value, "env")
        for item in self.raw.list(self._dialect.env_names):
            given = item.get("name") if isinstance(item, dict) else item
            variable = self.raw.variable(given, self._dialect.env_names)
            for reference in variable.references:
                values.setdefault(reference.name, variable)
        dropped = [name for name in values if name.upper() in self._dialect.dropped]
        self.foreign += [f"{key}.{name}" for name in dropped]
        return {name: value for name, value in values.items() if name not in dropped}

    def _far(self, field: str, text: str, env: Mapping[str, Value]) -> Value:
        """Text for a server far away; where only variables of the entry are replaced, by what the entry says of them."""
        forms = self.row.references
        if not forms.listed:
            return read(text, forms.of(field))
        parts = read(text, forms.of(field), env).parts
        return Value.of(
            item for part in parts for item in (env[part.name].parts if isinstance(part, Reference) else (part,))
        )

    def _headers(self, env: Mapping[str, Value]) -> dict[str, Value]:
        keys = self._dialect.headers
        values = {
            name: self._far("headers", self.raw.text(value, ".".join(keys)), env)
            for name, value in self.raw.map(keys).items()
        }
        header_names = self._dialect.header_names
        for header, name in self.raw.map((header_names,) if header_names else ()).items():
            values[header] = self.raw.variable(name, header_names)
        bearer = self.raw.get(self._dialect.bearer)
        if bearer is not None:
            values[AUTHORIZATION] = Value.of((BEARER, *self.raw.variable(bearer, self._dialect.bearer).parts))
        token = self.raw.get(self._dialect.token)
        if token:
            values[AUTHORIZATION] = Value.of((BEARER, *self._value(token, "headers", self._dialect.token).parts))
        return values

    def _own(self, env: dict[str, Value], users: Sequence[Value]) -> dict[str, Value]:
        """The variables without those that stand there only so that the address and headers may use them."""
        used = {reference.name for value in users for reference in value.references}
        return {
            name: value for name, value in env.items() if name not in used or value != Value((Reference("env", name),))
        }

    def _oauth(self) -> OAuth | None:
        keys = self._dialect.oauth
        whole = self.raw.get(keys.more)
        if keys.on and self.raw.at(keys.on) is not True:
            return OAuth(more=whole) if whole and isinstance(whole, dict) else None
        found = OAuth(
            resource=self.raw.plain(keys.resource),
            issuer=self.raw.plain(keys.issuer),
            scopes=self.raw.words(keys.scopes, spaced=keys.spaced),
            more=_without(whole, {where[1] for where in (*keys[:4], keys.on) if where[:-1] == (keys.more,)}),
        )
        return found if found.says_something or found.more else None

    def _client_id(self) -> str | None:
        keys = self._dialect.oauth
        return None if keys.on and self.raw.at(keys.on) is not True else self.raw.plain(keys.client)

    def _enabled(self) -> bool | None:
        off = self._dialect.off
        value = None if off is None else self.raw.get(off.key)
        if off is None or value is None:
            return False if off is not None and off.missing else None
        if not isinstance(value, bool):
            self.raw.wrong(off.key)
            return None
        return value is not off.value

    def _timeout(self) -> float | None:
        timeout = self._dialect.timeout
        value = None if timeout is None else self.raw.get(timeout.key)
        if timeout is None or value is None:
            return None
        kinds = int if timeout.whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not 0 <= value < _LONGEST_TIMEOUT:
            self.raw.wrong(timeout.key)
            return None
        return None if value < timeout.minimum else value / (1000 if timeout.unit == "ms" else 1)

    def _transport(self, told: Transport | None, *, has_command: bool, has_url: bool) -> Transport:
        dialect, word = self._dialect, self.raw.get(self._dialect.type)
        typed = told or next((name for name, words in dialect.words.items() if word in words), None)
        if has_url and typed == "stdio" and dialect.mixed == "url":
            typed = word = None
        if has_command and has_url and dialect.mixed == "error":
            self.raw.complaints.append("the entry names both a command and an address")
        elif typed is not None:
            if has_command if typed == "stdio" else has_url:
                return typed
            needed = dialect.command if typed == "stdio" else " or ".join(dict.fromkeys(dialect.url.values()))
            self.raw.complaints.append(f"`{word}` needs a `{needed}`")
        elif word is not None and (dialect.words.get("http") or dialect.strict or dialect.typed):
            self.raw.complaints.append(
                f"the host has no type `{word}`" if isinstance(word, str) else "`type` must be a text"
            )
        elif dialect.typed and not self._is_switch(has_either=has_command or has_url):
            self.raw.complaints.append(f"an entry without a `{dialect.type}`: the host refuses it")
        elif has_command:
            return "stdio"
        elif has_url and not dialect.words.keys() & {"http", "sse"}:
            self.raw.complaints.append("the host only runs commands, and reaches no address")
        elif has_url and dialect.untyped != "error":
            return dialect.untyped
        elif has_url:
            self.raw.complaints.append(f"an address without a `{dialect.type}`: the host skips this entry")
        elif self.row.merge != "keys":
            self.raw.complaints.append("the entry names neither a command nor an address")
        return "unknown"

    def _is_switch(self, *, has_either: bool) -> bool:
        """Whether the entry only switches a server that another file describes, where the host merges the two."""
        off = self._dialect.off
        return self.row.merge == "keys" and off is not None and off.key in self.raw.values and not has_either


def _without(value: Json, keys: set[str]) -> Mapping[str, Json]:
    return {key: item for key, item in value.items() if key not in keys} if isinstance(value, dict) else {}


def wrapping(argv: Sequence[str], wrap: Sequence[str]) -> int:
    """How many leading words only start a shell, which on Windows some commands need."""
    head = [text.lower().removesuffix(".exe") for text in argv[: len(wrap)]]
    return len(wrap) if head == list(wrap) and len(argv) > len(wrap) and argv[len(wrap)] in SHIMS else 0
