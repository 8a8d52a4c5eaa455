"""The neutral entry -> one host's spelling, and what that host cannot say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from mcpconf.hosts.decoding import AUTHORIZATION, BEARER, SHIMS, Decoded, decode, wrapping
from mcpconf.hosts.places import absolute
from mcpconf.hosts.references import Situation, normal, write
from mcpconf.hosts.tools import list_edits
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.base import ABSENT, Element, Json
from mcpconf.model.desired import Edit
from mcpconf.model.entry import FIELDS_OWNED, FIELDS_STATED, Entry, Reference, Value, Values, field_value
from mcpconf.ports import Facts

__all__ = ["Decoded", "Encoded", "Spelled", "cannot_say", "decode", "encode", "spell"]


class Encoded(NamedTuple):
    """`parts`: per compared field the edits that set it alone, with key paths below the entry.

    `declares`: edits below the root of the same file that the entry needs; each is due only if nothing is at its path.
    `losses`: what could not be written and is missing from `value`; an entry with losses must not be used.
    """

    value: Json
    parts: dict[str, tuple[Edit, ...]]
    declares: tuple[Edit, ...] = ()
    losses: tuple[str, ...] = ()


def encode(row: HostRow, entry: Entry, facts: Facts, scope: str, project: str = "") -> Encoded:
    """Spell an entry for a scope of this host. A secret or variable is never replaced by its value."""
    situation = _situation(facts, scope, project)
    wrap = row.windows_wrap if facts.os == "windows" and scope == "user" else ()
    writer = _Writer(row, entry, situation, wrap)
    fields = {
        "transport": writer.transport(),
        "launch": writer.launch(),
        "env": writer.env(),
        "cwd": writer.cwd(),
        "url": writer.url(),
        "headers": writer.headers(),
        "timeout": writer.timeout(),
        "enabled": writer.enabled(),
        "oauth": writer.oauth(),
    }
    parts = {
        name: tuple(Edit((key,), ABSENT if value in _EMPTY else value) for key, value in values.items() if key)
        for name, values in fields.items()
    }
    parts |= list_edits(row, entry, {})
    value = _built(edit for edits in parts.values() for edit in edits)
    return Encoded(value, parts, tuple(writer.declares.values()), tuple(dict.fromkeys(writer.losses)))


def _built(edits: Iterable[Edit]) -> Json:
    """An entry in which all edits were made and nothing else."""
    value: dict[str, Json] = {}
    for edit in edits:
        inner = value
        for step in edit.at[:-1]:
            inner = inner.setdefault(str(step), {})
        if edit.value is not ABSENT:
            inner[str(edit.at[-1])] = edit.value
    return value


class Spelled(NamedTuple):
    """An entry in a host's words, what the host reads back, and why it must not be used, if so."""

    encoded: Encoded
    entry: Entry
    losses: tuple[str, ...]


def spell(row: HostRow, entry: Entry, facts: Facts, scope: str, project: str = "") -> Spelled:
    """Encode an entry and read it back. The losses name fields and references, never literal values."""
    encoded = encode(row, entry, facts, scope, project)
    decoded = decode(row, encoded.value)
    if encoded.losses:
        return Spelled(encoded, decoded.entry, encoded.losses)
    if decoded.problem is not None:
        return Spelled(encoded, decoded.entry, (decoded.problem.message,))
    wanted = _expected(row, entry, _situation(facts, scope, project))
    losses = (
        ()
        if wanted == decoded.entry
        else tuple(
            f"`{name}` reads back as something else"
            for name in (*FIELDS_OWNED, *FIELDS_STATED)
            if field_value(wanted, name) != field_value(decoded.entry, name)
        )
    )
    return Spelled(encoded, decoded.entry, losses)


def cannot_say(row: HostRow, entry: Entry, facts: Facts, scope: str, project: str = "") -> tuple[str, ...]:
    """Why this host cannot hold this entry; empty if it can."""
    return spell(row, entry, facts, scope, project).losses


_EMPTY: tuple[Json, ...] = (None, "", [], {})


def _situation(facts: Facts, scope: str, project: str) -> Situation:
    return Situation(facts.home, absolute(project, facts) if scope == "project" and project else "")


def _expected(row: HostRow, entry: Entry, situation: Situation) -> Entry:
    """What reading back must give, where the host has several spellings for one thing or none for a default."""
    dialect = row.dialect
    words = dialect.words.get(entry.transport, ())
    headers = _normal_values(row, entry.headers, situation)
    if dialect.bearer:
        headers = {AUTHORIZATION if _is_bearer(key, value) else key: value for key, value in headers.items()}
    cwd = None if entry.cwd is None else normal(entry.cwd, row.references, situation)
    argv = [normal(value, row.references, situation) for value in (entry.command, *entry.args)]
    argv = argv[wrapping([value.text or "" for value in argv], row.windows_wrap) :]
    return replace(
        entry,
        transport=dialect.untyped if not words and entry.url.parts and dialect.untyped != "error" else entry.transport,
        command=argv[0],
        args=tuple(argv[1:]),
        env=_normal_values(row, entry.env, situation),
        cwd=cwd if cwd is None or cwd.parts else None,
        url=normal(entry.url, row.references, situation),
        headers=headers,
        enabled=None if entry.enabled and dialect.off is None else entry.enabled,
    )


def _normal_values(row: HostRow, values: Values, situation: Situation) -> dict[str, Value]:
    return {key: normal(value, row.references, situation) for key, value in values.items()}


class _Writer:
    """Spells one field after the other as {key: value}; remembers what could not be spelled."""

    def __init__(self, row: HostRow, entry: Entry, situation: Situation, wrap: tuple[str, ...]) -> None:
        self.row = row
        self.entry = entry
        self.situation = situation
        self.wrap = wrap
        self.losses: list[str] = []
        self.declares: dict[str, Edit] = {}

    def transport(self) -> dict[str, Json]:
        words = self.row.dialect.words.get(self.entry.transport)
        if words is None:
            self.losses.append(f"transport `{self.entry.transport}` is unknown to it")
        return {self.row.dialect.type: words[0] if words else None}

    def launch(self) -> dict[str, Json]:
        dialect = self.row.dialect
        command = self._text(self.entry.command, "command")
        args = [self._text(value, "args") for value in self.entry.args]
        if self.wrap and command in SHIMS:
            command, args = self.wrap[0], [*self.wrap[1:], command, *args]
        return {dialect.command: command, dialect.args: args}

    def env(self) -> dict[str, Json]:
        names, values = [], {}
        for key, value in self.entry.env.items():
            if self.row.dialect.env_names and _single_variable(self._normal(value)) == key:
                names.append(key)
            else:
                values[key] = self._text(value, f"env.{key}")
        return {self.row.dialect.env: values, self.row.dialect.env_names: names}

    def headers(self) -> dict[str, Json]:
        dialect = self.row.dialect
        values, names, bearer = {}, {}, ""
        for key, given in self.entry.headers.items():
            value = self._normal(given)
            if dialect.bearer and _is_bearer(key, value):
                bearer = value.references[0].name
            elif dialect.header_names and _single_variable(value):
                names[key] = _single_variable(value)
            else:
                values[key] = self._text(given, f"headers.{key}")
        return {dialect.headers: values, dialect.header_names: names, dialect.bearer: bearer}

    def url(self) -> dict[str, Json]:
        return {self.row.dialect.url: self._text(self.entry.url, "url")}

    def cwd(self) -> dict[str, Json]:
        if self.entry.cwd is None:
            return {self.row.dialect.cwd: None}
        return self._optional("cwd", self.row.dialect.cwd, self._text(self.entry.cwd, "cwd"))

    def oauth(self) -> dict[str, Json]:
        return self._optional("oauth", self.row.dialect.oauth, self.entry.oauth)

    def timeout(self) -> dict[str, Json]:
        timeout, seconds = self.row.dialect.timeout, self.entry.timeout
        if timeout is None or seconds is None:
            return self._optional("timeout", timeout.key if timeout else "", seconds)
        number = seconds * (1000 if timeout.unit == "ms" else 1)
        if not timeout.minimum <= number:
            self.losses.append(f"a `timeout` of {seconds} seconds is too short for it")
        return {timeout.key: int(number) if number == int(number) else number}

    def enabled(self) -> dict[str, Json]:
        off, enabled = self.row.dialect.off, self.entry.enabled
        if off is None:
            return self._optional("enabled", "", None if enabled is not False else False)
        return {off.key: None if enabled is None else off.value is not enabled}

    def _optional(self, name: str, key: str, value: Json) -> dict[str, Json]:
        if value is not None and not key:
            self.losses.append(f"it has no `{name}` for a server")
        return {key: value}

    def _normal(self, value: Value) -> Value:
        return normal(value, self.row.references, self.situation)

    def _text(self, value: Value, what: str) -> str:
        wanted = self._normal(value)
        text = write(wanted, self.row.references)
        if text is None:
            self.losses.extend(_losses(value, self.row, self.situation, what))
            return ""
        for reference in wanted.references:
            if reference.kind == "secret" and self.row.references.declare:
                self.declares[reference.name] = _declaration(self.row, reference.name)
        return text


def _losses(value: Value, row: HostRow, situation: Situation, what: str) -> Iterator[str]:
    found = False
    for reference in value.references:
        if write(normal(Value.of((reference,)), row.references, situation), row.references) is None:
            found = True
            yield f"it has no form for `{reference}` in `{what}`"
    if not found:
        yield f"it would replace a part of the text in `{what}`"


def _declaration(row: HostRow, name: str) -> Edit:
    element = {
        key: value.replace("{name}", name) if isinstance(value, str) else value
        for key, value in row.references.declaration
    }
    key = next(key for key, value in row.references.declaration if value == "{name}")
    return Edit((row.references.declare, Element(name, key)), element)


def _single_variable(value: Value) -> str:
    """The name, if the value is one variable without a default and nothing else."""
    match value.parts:
        case (Reference(kind="env", name=name, default=None),):
            return name
    return ""


def _is_bearer(header: str, value: Value) -> bool:
    match value.parts:
        case (str(prefix), Reference(kind="env", default=None)):
            return prefix == BEARER and header.lower() == AUTHORIZATION.lower()
    return False
