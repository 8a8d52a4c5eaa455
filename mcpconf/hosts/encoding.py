"""The neutral entry -> one host's spelling, field by field, and what could not be spelled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from mcpconf.hosts.decoding import AUTHORIZATION, BEARER, SHIMS
from mcpconf.hosts.references import Situation, normal, write
from mcpconf.hosts.tools import list_edits
from mcpconf.hosts.vocabulary import HostRow, Keys, References
from mcpconf.model.base import ABSENT, Element, Json
from mcpconf.model.desired import Edit
from mcpconf.model.entry import Entry, OAuth, Reference, Value

Spelling = Mapping[Keys, Json]
"""What to write where in an entry; an empty path means the host has no such thing."""


class Encoded(NamedTuple):
    """`parts`: per compared field the edits that set it alone, with key paths below the entry.

    `declares`: edits below the root of the same file that the entry needs; each is due only if nothing is at its path.
    `losses`: what could not be written and is missing from `value`; an entry with losses must not be used.
    """

    value: Json
    parts: dict[str, tuple[Edit, ...]]
    declares: tuple[Edit, ...] = ()
    losses: tuple[str, ...] = ()


def spelled_out(row: HostRow, entry: Entry, situation: Situation, wrap: tuple[str, ...]) -> Encoded:
    """`wrap`: the words that start a shell, where some commands need one."""
    writer = _Writer(row, entry, situation, wrap)
    fields = _together(
        row,
        {
            "transport": writer.transport(),
            "launch": writer.launch(),
            "env": writer.env(),
            "cwd": writer.cwd(),
            "url": writer.url(),
            "headers": writer.headers(),
            "timeout": writer.timeout(),
            "enabled": writer.enabled(),
            "oauth": writer.oauth(),
            "client_id": writer.client_id(),
        },
    )
    needed = _needed(row, entry)
    parts = {
        name: tuple(
            Edit(keys, ABSENT if value is None or (value in _EMPTY and keys[0] not in needed) else value)
            for keys, value in spelling.items()
            if keys
        )
        for name, spelling in fields.items()
    }
    parts |= list_edits(row, entry, {})
    value = _built(edit for edits in parts.values() for edit in edits)
    declares = [Edit((key,), constant) for key, constant in row.document.items()]
    declares += writer.declares.values()
    return Encoded(value, parts, tuple(declares), tuple(dict.fromkeys(writer.losses)))


_EMPTY: tuple[Json, ...] = ("", [], {})


def _needed(row: HostRow, entry: Entry) -> frozenset[str]:
    """Keys that are written even when empty, of those that an entry of this transport has."""
    dialect = row.dialect
    local = {dialect.command, dialect.args, dialect.env, dialect.env_names}
    return dialect.always & local if entry.transport == "stdio" else dialect.always - local


def _together(row: HostRow, fields: dict[str, Spelling]) -> dict[str, Spelling]:
    """Where one key tells several fields, none is written without the others."""
    dialect = row.dialect
    groups: list[tuple[str, ...]] = []
    if len({*dialect.url.values(), *dialect.url_also}) > 1:
        groups.append(("transport", "url"))
    if row.references.listed:
        groups.append(("env", "url", "headers"))
    for names in groups:
        together = {keys: value for name in names for keys, value in fields[name].items()}
        fields |= dict.fromkeys(names, together)
    return fields


def _built(edits: Iterable[Edit]) -> Json:
    """An entry in which all edits were made and nothing else."""
    value: dict[str, Json] = {}
    for edit in (edit for edit in edits if edit.value is not ABSENT):
        inner = value
        for step in edit.at[:-1]:
            inner = inner.setdefault(str(step), {})
        inner[str(edit.at[-1])] = edit.value
    return value


class _Writer:
    """Spells one field after the other; remembers what could not be spelled."""

    def __init__(self, row: HostRow, entry: Entry, situation: Situation, wrap: tuple[str, ...]) -> None:
        self.row = row
        self.entry = entry
        self.situation = situation
        self.wrap = wrap
        self.losses: list[str] = []
        self.declares: dict[str, Edit] = {}

    def transport(self) -> Spelling:
        words = self.row.dialect.words.get(self.entry.transport)
        if words is None:
            self.losses.append(f"transport `{self.entry.transport}` is unknown to it")
        return {**dict.fromkeys(self._left_nests()), _key(self.row.dialect.type): words[0] if words else None}

    def _left_nests(self) -> list[Keys]:
        """Old nestings that no field written beside them replaces."""
        return [(outer,) for outer, inner in self.row.dialect.lift.items() if outer not in inner.values()]

    def launch(self) -> Spelling:
        dialect = self.row.dialect
        command = self._text(self.entry.command, "command")
        args = [self._text(value, "args") for value in self.entry.args]
        if self.wrap and command in SHIMS:
            command, args = self.wrap[0], [*self.wrap[1:], command, *args]
        if not dialect.args:
            return {_key(dialect.command): [command, *args] if command else []}
        return {_key(dialect.command): command, _key(dialect.args): args}

    def env(self) -> Spelling:
        names, values = [], {}
        for key, value in self.entry.env.items():
            if key.upper() in self.row.dialect.dropped:
                self.losses.append(f"it does not hand `{key}` to a server")
            if self.row.dialect.env_names and _single_variable(self._normal(value, "env")) == key:
                names.append(key)
            else:
                values[key] = self._text(value, f"env.{key}")
        if self.row.references.listed:
            names += [name for name in self._used_far() if name not in self.entry.env]
        return {_key(self.row.dialect.env): values, _key(self.row.dialect.env_names): names}

    def _used_far(self) -> tuple[str, ...]:
        values = [self._normal(self.entry.url, "url")]
        values += [self._normal(value, "headers") for value in self.entry.headers.values()]
        return tuple(dict.fromkeys(item.name for value in values for item in value.references if item.kind == "env"))

    def headers(self) -> Spelling:
        dialect = self.row.dialect
        values, names, bearer = {}, {}, ""
        for key, given in self.entry.headers.items():
            value = self._normal(given, "headers")
            if dialect.bearer and is_bearer(key, value):
                bearer = value.references[0].name
            elif dialect.header_names and _single_variable(value):
                names[key] = _single_variable(value)
            else:
                values[key] = self._text(given, f"headers.{key}")
        return {
            dialect.headers: values,
            _key(dialect.header_names): names,
            _key(dialect.bearer): bearer,
            _key(dialect.token): None,
        }

    def url(self) -> Spelling:
        """The address under the key of its transport, and nothing under the others."""
        urls = self.row.dialect.url
        others = {_key(key): None for key in (*urls.values(), *self.row.dialect.url_also)}
        if not self.entry.url.parts:
            return others
        key = urls.get(self.entry.transport, "")
        return {**others, **self._optional("url", _key(key), self._text(self.entry.url, "url"))}

    def cwd(self) -> Spelling:
        if self.entry.cwd is None:
            return {_key(self.row.dialect.cwd): None}
        return self._optional("cwd", _key(self.row.dialect.cwd), self._text(self.entry.cwd, "cwd"))

    def oauth(self) -> Spelling:
        keys, oauth = self.row.dialect.oauth, self.entry.oauth or OAuth()
        scopes: Json = " ".join(oauth.scopes) if keys.spaced else list(oauth.scopes)
        self._refuse_replaced("oauth.resource", oauth.resource or "")
        self._refuse_replaced("oauth.issuer", oauth.issuer or "")
        self._refuse_replaced("oauth.scopes", " ".join(oauth.scopes))
        return {
            keys.on: True if oauth.says_something or self.entry.client_id else None,
            **self._optional("oauth.resource", keys.resource, oauth.resource),
            **self._optional("oauth.issuer", keys.issuer, oauth.issuer),
            **self._optional("oauth.scopes", keys.scopes, scopes or None),
        }

    def client_id(self) -> Spelling:
        keys, client = self.row.dialect.oauth, self.entry.client_id
        self._refuse_replaced("oauth.client_id", client or "")
        on: Spelling = {keys.on: True} if client else {}
        return {**on, **self._optional("oauth.client_id", keys.client, client)}

    def timeout(self) -> Spelling:
        timeout, seconds = self.row.dialect.timeout, self.entry.timeout
        if timeout is None or seconds is None:
            return self._optional("timeout", _key(timeout.key if timeout else ""), seconds)
        number = seconds * (1000 if timeout.unit == "ms" else 1)
        if not timeout.minimum <= number:
            self.losses.append(f"a `timeout` of {seconds} seconds is too short for it")
        if number > timeout.most:
            self.losses.append(f"a `timeout` of {seconds} seconds is too long for it")
        if timeout.whole and number != int(number):
            self.losses.append(f"a `timeout` of {seconds} seconds is no whole number for it")
        return {_key(timeout.key): int(number) if number == int(number) else number}

    def enabled(self) -> Spelling:
        off, enabled = self.row.dialect.off, self.entry.enabled
        if off is None:
            return self._optional("enabled", (), None if enabled is not False else False)
        enabled = True if enabled is None and off.missing else enabled
        return {_key(off.key): None if enabled is None else off.value is not enabled}

    def _optional(self, name: str, keys: Keys, value: Json) -> Spelling:
        if value is not None and not keys:
            self.losses.append(f"it has no `{name}` for a server")
        return {keys: value}

    def _refuse_replaced(self, what: str, text: str) -> None:
        """Text without references of ours, in which the host would see some."""
        if write(Value.literal(text), self.row.references.of("oauth")) is None:
            self.losses.append(f"it would replace a part of the text in `{what}`")

    def _normal(self, value: Value, field: str) -> Value:
        return normal(value, self.row.references.of(field), self.situation)

    def _text(self, value: Value, what: str) -> str:
        field = what.partition(".")[0]
        wanted, forms = self._normal(value, field), self.row.references.of(field)
        text = write(wanted, forms)
        if text is None:
            self.losses.extend(_losses(value, forms, self.situation, what))
            return ""
        for reference in wanted.references:
            if reference.kind == "secret" and self.row.references.declare:
                self.declares[reference.name] = _declaration(self.row, reference.name)
        return text


def _key(key: str) -> Keys:
    return (key,) if key else ()


def _losses(value: Value, forms: References, situation: Situation, what: str) -> Iterator[str]:
    found = False
    for reference in value.references:
        if write(normal(Value.of((reference,)), forms, situation), forms) is None:
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


def is_bearer(header: str, value: Value) -> bool:
    match value.parts:
        case (str(prefix), Reference(kind="env", default=None)):
            return prefix == BEARER and header.lower() == AUTHORIZATION.lower()
    return False
